"""Runs a worker on a machine of the rehearsal, as a process or as a container of the worker's image.

Both get the task definition's environment and are stopped the way ECS does: SIGTERM, the stop timeout,
SIGKILL.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Mapping, Union
from urllib.parse import urlsplit, urlunsplit

from ..aws import task_definition
from ..config.secrets import without_secrets
from ..config.settings import Settings
from .orphan_reaper import OrphanReaper

if TYPE_CHECKING:
    from docker import DockerClient

_WORKER = Path(__file__).resolve().parents[2] / "worker" / "generic-worker.py"
_LAST_LINES = 5
# The name of this computer inside Docker Desktop's virtual machine.
_DESKTOP_HOST = "host.docker.internal"


class WorkerProcess:
    """One worker as a process on this computer, in its own folder.

    As on AWS, it gets no keys from this computer's environment, and nothing that looks secret.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], guard: OrphanReaper) -> None:
        self._guard = guard
        work_folder = Path(tempfile.mkdtemp(prefix="worker-", dir=str(folder)))
        self._log = work_folder / "output.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(_WORKER)],
                env={**without_secrets(os.environ), **environment, "WORK_FOLDER": str(work_folder)},
                cwd=str(work_folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the rehearsal to handle, in order
            )
        self._name = str(self._process.pid)
        guard.started(self._name)

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def last_lines(self) -> str:
        with suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            return "\n".join(lines[-_LAST_LINES:])
        return ""

    def ask_to_end(self) -> None:
        self._process.terminate()

    def end(self) -> None:
        """Wait for its end, at most for the stop timeout, then kill it."""
        try:
            self._process.wait(timeout=task_definition.STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._guard.ended(self._name)


class WorkerContainer:
    """One container of the worker's image, with the task definition's limits."""

    def __init__(
        self,
        client: DockerClient,
        settings: Settings,
        environment: Mapping[str, str],
        desktop: bool,
        guard: OrphanReaper,
    ) -> None:
        self._guard = guard
        variables = dict(environment)
        if desktop:
            variables["AWS_ENDPOINT_URL"] = seen_from_desktop(variables["AWS_ENDPOINT_URL"])
        name = f"{settings.app_name}-{uuid.uuid4().hex[:12]}"
        self._name = f"container:{name}"
        guard.started(self._name)  # before it is made: a kill may come in between
        self._container = client.containers.run(
            settings.dockerhub_tag,
            name=name,
            environment=variables,
            detach=True,
            network_mode="bridge" if desktop else "host",
            mem_limit=f"{settings.memory}m",
            memswap_limit=f"{settings.memory}m",
            cpu_shares=settings.cpu_shares,
            privileged=not settings.download_files,
            labels={"distributed-something": settings.app_name},
        )

    def exit_code(self) -> int | None:
        """None while it runs."""
        self._container.reload()
        if self._container.status in ("created", "running"):
            return None
        return int(self._container.attrs["State"]["ExitCode"])

    def last_lines(self) -> str:
        return str(self._container.logs(tail=_LAST_LINES).decode("utf-8", "replace")).strip()

    def ask_to_end(self) -> None:
        self._container.kill("SIGTERM") if self.exit_code() is None else None

    def end(self) -> None:
        """Stop it the way ECS does, and remove it with its files."""
        self._container.stop(timeout=task_definition.STOP_TIMEOUT)
        self._container.remove(v=True, force=True)
        self._guard.ended(self._name)


def seen_from_desktop(endpoint_url: str) -> str:
    """The emulator's address for containers of Docker Desktop, which have no host network."""
    parts = urlsplit(endpoint_url)
    return urlunsplit(parts._replace(netloc=f"{_DESKTOP_HOST}:{parts.port}"))


Unit = Union[WorkerProcess, WorkerContainer]
# Starts a unit in a machine's folder, with an environment.
Starter = Callable[[Path, Mapping[str, str]], Unit]


def process_starter(guard: OrphanReaper) -> Starter:
    """Workers as processes."""
    return lambda folder, environment: WorkerProcess(folder, environment, guard)


def container_starter(settings: Settings, guard: OrphanReaper) -> Starter:
    """Containers of DOCKERHUB_TAG. Raises UserError without an engine or the image."""
    from .. import docker_engine

    client = docker_engine.connect()
    found = docker_engine.image(client, settings.dockerhub_tag)
    docker_engine.refuse_other_architecture(client, found, settings.dockerhub_tag)
    desktop = docker_engine.is_desktop(client)
    return lambda folder, environment: WorkerContainer(client, settings, environment, desktop, guard)
