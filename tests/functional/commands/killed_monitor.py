"""Ends a run in a process of its own and is killed with SIGKILL after so many steps: see test_ending.py."""

import os
import signal
import sys
from pathlib import Path

from distributed_something.commands.local import emulated_aws
from distributed_something.monitor.shutdown import end_run
from distributed_something.run import monitor_file


def main(endpoint_url, file, steps):
    path = Path(file)
    left = [int(steps)]

    def say(told):
        print(told, flush=True)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    ended = end_run(
        emulated_aws(endpoint_url, "us-east-1"), monitor_file.load_monitor_file(path), path.parent, say
    )
    print("complete" if ended.complete else f"{ended.refused} {ended.waiting}")


if __name__ == "__main__":
    main(*sys.argv[1:])
