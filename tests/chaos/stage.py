"""Where a scenario plays: a queue, a bucket, log groups, a proxy in front of them, and machines."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from tests.chaos.faults import Seeded
from tests.chaos.killer import Killer
from tests.chaos.machine import CONTAINER, Machine
from tests.chaos.processes import in_folder
from tests.chaos.proxy import FaultyAws
from tests.chaos.verdict import Facts, Verdict, judge
from tests.functional.conftest import client
from tests.functional.worker.rig import Rig

TOOL = Path(__file__).with_name("tool.sh")
# SQS hides the jobs of a dead worker for so many seconds.
VISIBILITY = 6
RETRIES = 10


@dataclass(frozen=True)
class Plan:
    """``jobs`` in all, of which the tool of ``failing`` always fails; each takes ``seconds`` and leaves
    ``files``.

    ``machines`` of ``workers`` each. ``rate``: share of AWS's calls that go wrong; ``twice``, ``lagged``: of
    receipts that bring an old message, and of counts that are old. ``silence``: seconds that a call waits in
    vain. ``kills``: what the killer does, ``every`` so many seconds. ``program``: what a container runs.
    """

    jobs: int
    failing: int = 0
    files: int = 2
    seconds: float = 0.0
    machines: int = 2
    workers: int = 2
    rate: float = 0.05
    twice: float = 0.02
    lagged: float = 0.3
    silence: float = 45.0
    kills: tuple[str, ...] = ()
    every: float = 3.0
    program: Path = CONTAINER


@dataclass(frozen=True)
class Played:
    """A scenario's end: the verdict, and what it was put through."""

    verdict: Verdict
    faults: Counter[str]
    calls: int
    seconds: float


class Stage:
    """One run's place. ``name``: unique, names everything in the emulated AWS. ``storage``: another S3."""

    def __init__(
        self, emulator: Any, name: str, folder: Path, plan: Plan, seed: int, storage: Any = None
    ) -> None:
        self.rig = Rig(emulator, name, folder, retries=RETRIES, visibility=VISIBILITY)
        self.plan = plan
        self.runs = folder / "runs"
        self.runs.touch()
        self.jobs = [f"j{number}" for number in range(plan.jobs)]
        self.failing = frozenset(self.jobs[: plan.failing])
        self.excused: set[str] = set()
        #: Makes of an object's body what it is compared by.
        self.read: Callable[[Any], str] = lambda body: body.read().decode()
        self._folder = folder
        self._seed = seed
        faults = Seeded(seed, plan.rate, plan.twice, plan.lagged)
        self.proxies = [FaultyAws(one, faults, plan.silence) for one in (emulator, storage) if one]
        if storage:
            self.rig.s3 = client(storage, "s3")
            self.rig.s3.create_bucket(Bucket=name)

    def send(self, failing: dict[str, Any] | None = None, **others: Any) -> None:
        """The jobs' messages, to the emulator itself; ``failing``: what is special in those that fail."""
        special = failing or {"end": "fail"}
        groups = [
            {"files": self.plan.files, "seconds": self.plan.seconds, "end": "ok", **others, "n": job}
            for job in self.jobs
        ]
        bodies = [
            json.dumps({"group": {**one, **(special if one["n"] in self.failing else {})}}) for one in groups
        ]
        for at in range(0, len(bodies), 10):
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[at : at + 10])]
            self.rig.sqs.send_message_batch(QueueUrl=self.rig.url, Entries=entries)

    def play(
        self,
        meanwhile: Callable[[list[Machine]], None] = lambda machines: None,
        patience: float = 1800.0,
        **variables: Any,
    ) -> Played:
        """Work until no job is left. ``meanwhile`` is called again and again; ``variables``: a worker's."""
        begun, plan, rig = time.monotonic(), self.plan, self.rig
        with ExitStack() as stack:
            for proxy in self.proxies:
                stack.enter_context(proxy)
            rig.server = self.proxies[0]
            if len(self.proxies) > 1:
                variables["AWS_ENDPOINT_URL_S3"] = self.proxies[1].endpoint_url
            told = {"JOB_NAME": "{n}", "DOCKER_CORES": plan.workers, "SECONDS_TO_START": 0, **variables}
            command = f"sh {TOOL} {{n}} {{output}} {self.runs} {{files}} {{seconds}} {{end}}"
            environment = rig.environment(command, **told)
            folders = [self._folder / f"machine{n}" for n in range(plan.machines)]
            machines = [Machine(one, environment, plan.program) for one in folders]
            for machine in machines:
                stack.callback(machine.close)
            killer = Killer(
                machines, self.runs, self._seed, plan.kills, plan.every, 2.0 * VISIBILITY, self._settled
            )
            self._work(machines, killer, meanwhile, begun + patience)
            for proxy in self.proxies:
                proxy.active = False
            killer.wake_all()
            for machine in machines:
                machine.end()
            left = self._left(machines)
        verdict = judge(self._facts(killer.excused(), left))
        faults = Counter(killer.done)
        for proxy in self.proxies:
            faults += proxy.injected
        return Played(
            verdict, faults, sum(one.calls.total() for one in self.proxies), time.monotonic() - begun
        )

    def _settled(self) -> set[str]:
        return {job_of(body) for body in list(self.proxies[0].deleted) if body}

    def _work(
        self,
        machines: list[Machine],
        killer: Killer,
        meanwhile: Callable[[list[Machine]], None],
        deadline: float,
    ) -> None:
        """Keep the machines running until no job is left, as fleet and service do."""
        empty = looked = 0.0
        while empty < 2:
            assert time.monotonic() < deadline, f"not done in time: {self.rig.counts()} waiting and in flight"
            for machine in machines:
                machine.start()
            killer.look()
            meanwhile(machines)
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                empty = empty + 1 if self.rig.counts() == (0, 0) else 0
            time.sleep(0.1)

    def _facts(self, struck: set[str], left: list[str]) -> Facts:
        disturbed = {job_of(body) for body in self.proxies[0].disturbed if body}
        return Facts(
            self.jobs,
            self.plan.files,
            self.failing,
            [line.split()[0] for line in self.runs.read_text().splitlines()],
            disturbed | struck | self.excused,
            self._objects(),
            self.rig.ledger(),
            [job_of(body) for body in self._dead()],
            left,
        )

    def _left(self, machines: list[Machine]) -> list[str]:
        """What should not be there any more."""
        found = []
        visible, in_flight = self.rig.counts()
        if visible or in_flight:
            found.append(f"{visible + in_flight} messages")
        for machine in machines:
            files = [
                one for one in machine.folder.rglob("*") if one.is_file() and one.name != ".busy-workers"
            ]
            found += [f"the file {one}" for one in files]
            found += [f"a process of {machine.folder.name}"] if _stay(machine) else []
        if len(self.proxies) == 1:
            found += [f"an unfinished upload of {one['Key']}" for one in self.rig.open_uploads()]
        return found

    def _objects(self) -> dict[str, str]:
        """As Rig.objects, with many threads."""
        s3, bucket = self.rig.s3, self.rig.name
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]

        def read(key: str) -> str:
            return self.read(s3.get_object(Bucket=bucket, Key=key)["Body"])

        with ThreadPoolExecutor(8) as pool:
            return dict(zip(keys, pool.map(read, keys)))

    def _dead(self) -> list[str]:
        found: list[str] = []
        more = self.rig.dead()
        while more:
            found += more
            more = self.rig.dead()
        return found


def job_of(body: str) -> str:
    """The job of a message."""
    return str(json.loads(body)["group"]["n"])


def _stay(machine: Machine) -> bool:
    """Whether processes are left that do not end by themselves in some seconds."""
    deadline = time.monotonic() + 5
    while in_folder(machine.folder):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.1)
    return False
