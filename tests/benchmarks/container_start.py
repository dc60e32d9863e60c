"""From the start of a worker's container to its first job, beside the same image without the worker.

    python -m tests.benchmarks.container_start IMAGE [--times 9]

IMAGE: made by `run.py buildImage`, with a shell. Prints median, least and most, in seconds.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from distributed_something import docker_engine
from distributed_something.local.emulator import Emulator
from tests.functional.worker.rig import Rig


def seconds_to_first_job(client, rig, image):
    """From `docker run` to the moment at which the tool runs (it notes the time)."""
    rig.send({"n": str(time.time_ns())})
    variables = {
        **rig.environment("sh -c 'date +%s.%N > {output}/begun'", JOB_NAME="{n}"),
        "WORK_FOLDER": "/home/ubuntu",
    }
    before = time.time()
    container = client.containers.run(image, environment=variables, network_mode="host", detach=True)
    container.wait()
    container.remove()
    begun = max(float(text) for text in rig.results().values())
    return begun - before


def seconds_without_worker(client, image):
    before = time.time()
    told = client.containers.run(image, entrypoint=["date", "+%s.%N"], command=[], remove=True)
    return float(told) - before


def told(name, times):
    return f"{name:<36} median {statistics.median(times):.2f}  least {min(times):.2f}  most {max(times):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--times", type=int, default=9)
    given = parser.parse_args()
    client = docker_engine.connect()
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        rig = Rig(emulator, "benchmark", Path(folder))
        pairs = [
            (seconds_to_first_job(client, rig, given.image), seconds_without_worker(client, given.image))
            for _ in range(given.times)
        ]
    ours, theirs = zip(*pairs)
    print(told("container to first job", ours))
    print(told("container without the worker", theirs))
    print(f"ratio of medians {statistics.median(ours) / statistics.median(theirs):.1f}")


if __name__ == "__main__":
    main()
