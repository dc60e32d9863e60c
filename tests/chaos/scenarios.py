"""The scenarios: each plays itself, small for `make test` or at full size, and says what it is."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterable, Iterator

from distributed_something.local.emulator import KNOWN_KEY
from tests.benchmarks.servers import rclone_s3
from tests.chaos import killer, whole_run
from tests.chaos.hours_as_seconds import HOUR
from tests.chaos.machine import Machine
from tests.chaos.processes import kill
from tests.chaos.stage import Plan, Played, Stage
from tests.chaos.verdict import content

MIB = 1024 * 1024


@dataclass(frozen=True)
class Scene:
    """What a scenario is given: an emulated AWS, a name and a folder of its own, a seed, and its size."""

    emulator: Any
    name: str
    folder: Path
    seed: int
    full: bool

    def stage(self, plan: Plan, storage: Any = None) -> Stage:
        return Stage(self.emulator, self.name, self.folder, plan, self.seed, storage)


def aws_misbehaves(scene: Scene) -> Played:
    """One call of AWS in twenty goes wrong, messages come twice, counts lag"""
    stage = scene.stage(Plan(jobs=2000 if scene.full else 60, failing=5 if scene.full else 2))
    stage.send()
    return stage.play()


def machines_die(scene: Scene) -> Played:
    """Workers, tools and machines are killed, stopped, told to stop, and taken back with notice"""
    plan = Plan(jobs=300 if scene.full else 30, failing=1, seconds=1, rate=0, twice=0, lagged=0)
    stage = scene.stage(replace(plan, kills=killer.ALL, every=2.0))
    stage.send()
    return stage.play()


def load(scene: Scene) -> Played:
    """8 workers, one call of AWS in twenty goes wrong, and one of them is killed every few seconds"""
    plan = Plan(jobs=10_000 if scene.full else 120, failing=10 if scene.full else 1, machines=4)
    kills = (killer.WORKER, killer.WORKER, killer.MACHINE, killer.STOPPED)
    stage = scene.stage(replace(plan, kills=kills, every=5.0))
    stage.send()
    return stage.play()


def many_files(scene: Scene) -> Played:
    """Each job leaves 200 files; one call of AWS in fifty goes wrong"""
    plan = Plan(jobs=1000 if scene.full else 5, files=200, rate=0.02, machines=2 if scene.full else 1)
    with contextlib.ExitStack() as stack:
        storage = stack.enter_context(_rclone(scene.folder / "rclone")) if scene.full else None
        stage = scene.stage(plan, storage)
        stage.send()
        return stage.play()


def large_result(scene: Scene) -> Played:
    """One large result, in parts of which some fail; the worker is killed in the middle of its upload"""
    mib = 2048 if scene.full else 96
    stage = scene.stage(Plan(jobs=1, files=1, rate=0.02, machines=1, workers=1, twice=0, silence=90))
    stage.send(end="large", files=mib)
    stage.read = lambda body: (
        content("j0", 0) if _digest(body) == _digest(_lines("job j0", mib)) else "broken"
    )
    stage.excused.add("j0")
    struck: list[int] = []

    def strike(machines: list[Machine]) -> None:
        if not struck and stage.rig.open_uploads():
            struck.append(machines[0].workers()[0])
            kill(struck[0])

    played = stage.play(strike)
    played.faults[killer.WORKER] += len(struck)
    return played


def long_job(scene: Scene) -> Played:
    """Jobs of 10 and of 14 hours, an hour in two seconds; SQS hides a message for 12 hours at most"""
    plan = Plan(jobs=4 if scene.full else 2, failing=1, files=1, seconds=10 * HOUR, workers=1)
    plan = replace(plan, rate=0, twice=0, lagged=0, program=Path(__file__).with_name("hours_as_seconds.py"))
    stage = scene.stage(plan)
    stage.send(failing={"seconds": 14 * HOUR})
    return _counted(stage, "longer than SQS allows", stage.play())


def full_disk(scene: Scene) -> Played:
    """A disk of 16 MiB for two workers, and jobs that write more"""
    jobs = 200 if scene.full else 20
    stage = scene.stage(Plan(jobs=jobs, failing=2, machines=1, rate=0, twice=0, lagged=0))
    stage.send(failing={"end": "full"})
    with _small_disk(scene.folder / "machine0"):
        return _counted(stage, "disk filled", stage.play())


def _counted(stage: Stage, fault: str, played: Played) -> Played:
    """With the runs of the jobs that must fail counted as this fault."""
    ran = [line.split()[0] for line in stage.runs.read_text().splitlines()]
    played.faults[fault] += sum(job in stage.failing for job in ran)
    return played


def _digest(pieces: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _lines(line: str, mib: int) -> Iterator[bytes]:
    """What `yes LINE | head -c` of so many MiB writes."""
    text = (line + "\n").encode()
    block = text * MIB
    left = mib * MIB
    while left:
        yield block[:left]
        left -= min(left, len(block))


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """Needs root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def _rclone(folder: Path) -> Iterator[Any]:
    """An S3 that is faster than the emulator's."""
    folder.mkdir()
    with rclone_s3(folder, KNOWN_KEY) as environment:
        yield SimpleNamespace(endpoint_url=environment["AWS_ENDPOINT_URL"], access_key=KNOWN_KEY)


SCENARIOS: dict[str, Callable[[Scene], Played]] = {
    "aws-misbehaves": aws_misbehaves,
    "machines-die": machines_die,
    "load": load,
    "many-files": many_files,
    "large-result": large_result,
    "long-job": long_job,
    "full-disk": full_disk,
    "whole-run": whole_run.play,
}
