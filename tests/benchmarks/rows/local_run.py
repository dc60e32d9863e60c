"""A whole rehearsal on one computer, beside what runs many jobs there: GNU parallel, Snakemake, dsub."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable

from tests.benchmarks import peers
from tests.benchmarks.measure import CHECKOUT, Finding, Samples, in_turn, ratio, seconds
from tests.benchmarks.project import write_config
from tests.docker.engine import NoEngine, engine

JOBS, PROCESSORS = 500, 2
ROUNDS = 2
DSUB_JOBS = 20
_IMAGE = "bench:1"
_TOOL = "sleep 0.2; echo {} > {}"
_SNAKEFILE = """\
rule all:
    input: expand("results/{n}.txt", n=range(%d))
rule one:
    output: "results/{n}.txt"
    shell: "sleep 0.2; echo {wildcards.n} > {output}"
"""


def measure() -> list[Finding]:
    parallel, snakemake = peers.debian("parallel", "parallel"), peers.pypi("snakemake")
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "Snakefile").write_text(_SNAKEFILE % JOBS)
        jobs = root / "job.json"
        jobs.write_text(json.dumps({"groups": [{"n": f"{n:03}"} for n in range(JOBS)]}))
        config = write_config(root, COMMAND="sh -c 'sleep 0.2; echo {n!q} > {output}/n.txt'")
        commands = {
            "run.py local": [
                *(sys.executable, str(CHECKOUT / "run.py"), "--config", str(config), "local", str(jobs)),
                *("--machines", str(PROCESSORS), "--bucket", "bucket"),
            ],
            "GNU parallel": [
                *(parallel, "--will-cite", "-j", str(PROCESSORS), _TOOL.format("{}", "results/{}.txt")),
                *(":::", *map(str, range(JOBS))),
            ],
            "Snakemake": [snakemake, "--quiet", "all", "--cores", str(PROCESSORS)],
        }

        def run(argv: list[str]) -> float:
            for left in ("results", "bucket", ".snakemake", "files"):
                shutil.rmtree(root / left, ignore_errors=True)
            (root / "results").mkdir()
            (root / "bucket").mkdir()
            took = seconds(argv, cwd=str(root))
            assert len(list(root.glob("results/*.txt")) + list(root.glob("bucket/results/*/n.txt"))) == JOBS
            return took

        # The report's fonts are looked for once on a computer, not in each run.
        seconds([sys.executable, "-c", "import matplotlib.font_manager"])
        told = {
            "run.py local": f"python run.py local job.json --machines {PROCESSORS}",
            "GNU parallel": f"parallel -j {PROCESSORS} 'sleep 0.2; ...' ::: ...",
            "Snakemake": f"snakemake --cores {PROCESSORS}",
        }
        measured: dict[str, tuple[str, Callable[[], float]]]
        measured = {name: (told[name], lambda argv=argv: run(argv)) for name, argv in commands.items()}
        found = in_turn(ROUNDS, measured, "s")
        found["dsub"] = Samples(
            "dsub, in containers",
            "dsub --provider local --tasks tasks.tsv",
            "s",
            (JOBS / DSUB_JOBS * _dsub_seconds(root),),
        )
    ours, parallels, snakes, dsubs = found.values()
    return [
        Finding(
            f"A whole local run: {JOBS} jobs of 0.2 s on {PROCESSORS} processors",
            tuple(found.values()),
            (
                (
                    f"at most 1.3 times as long as GNU parallel (measured: {ratio(ours, parallels):.2f} "
                    "times)",
                    ratio(ours, parallels) <= 1.3,
                ),
                (f"faster than Snakemake ({ratio(ours, snakes):.2f} of its time)", ratio(ours, snakes) < 1),
                (f"faster than dsub ({ratio(ours, dsubs):.2f} of its time)", ratio(ours, dsubs) < 1),
            ),
            limit=f"the jobs themselves, which take {JOBS * 0.2 / PROCESSORS:.0f} s. Starting the "
            "emulated AWS, "
            "waiting until the queue is reliably empty, the teardown and the report take some seconds, and "
            "requests to the emulated AWS some milliseconds for each job.",
            remarks=(
                f"dsub ran {DSUB_JOBS} of these jobs, and its time was multiplied by "
                f"{JOBS // DSUB_JOBS}. It starts "
                "three containers for each job.",
            ),
        )
    ]


def _dsub_seconds(root: Path) -> float:
    """dsub starts all tasks at once, so it is given few. Raises Missing without a Docker engine."""
    dsub, busybox = peers.pypi("dsub"), peers.debian("busybox", "busybox-static")
    tasks = root / "tasks.tsv"
    tasks.write_text("\n".join(["--env N", *map(str, range(DSUB_JOBS))]) + "\n")
    try:
        with engine():
            _make_image(root / "image", busybox)
            argv = [dsub, "--provider", "local", "--image", _IMAGE, "--command", "sleep 0.2; echo ${N}"]
            paths = ["--tasks", str(tasks), "--logging", str(root / "logs")]
            inside = {**os.environ, "TMPDIR": str(root)}
            return seconds([*argv, *paths, "--wait", "--poll-interval", "1"], cwd=str(root), env=inside)
    except NoEngine as problem:
        raise peers.Missing(str(problem)) from None


def _make_image(folder: Path, busybox: str) -> None:
    """The least that dsub needs in an image: a shell, and one that is called bash."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (folder / "usr").mkdir()
    (folder / "usr" / "bin").symlink_to("/bin")
    (folder / "tmp").mkdir()
    shutil.copy(busybox, programs / "busybox")
    for name in ("sh", "env", "id", "find", "xargs", "chown", "sleep", "cat", "mkdir", "chmod", "echo"):
        (programs / name).symlink_to("busybox")
    bash = programs / "bash"
    bash.write_text('#!/bin/sh\nexec /bin/sh "$@"\n')
    bash.chmod(0o755)
    packed = subprocess.run(["tar", "-C", str(folder), "-c", "."], check=True, stdout=subprocess.PIPE)
    argv = ["docker", "import", "-", _IMAGE]
    subprocess.run(argv, input=packed.stdout, check=True, stdout=subprocess.DEVNULL)
