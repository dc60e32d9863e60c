"""The Docker engine that is there, or one of our own for a while (needs root and Debian's docker.io)."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator

from tests.waiting import wait_until


class NoEngine(Exception):
    """There is none, and none can be started; why, as a sentence."""


def ping() -> Any:
    """A client of the engine, or None when none answers."""
    import docker

    try:
        client = docker.from_env()
        client.ping()
        return client
    except docker.errors.DockerException:
        return None


@contextlib.contextmanager
def engine() -> Iterator[Any]:
    """A client of an engine; one of our own is told to others by DOCKER_HOST, and ended. Raises NoEngine."""
    client = ping()
    if client is not None:
        yield client
        return
    if shutil.which("dockerd") is None or os.geteuid() != 0:
        raise NoEngine("no Docker engine answers, and there is no dockerd that could be started")
    # Not below pytest's folder: a socket's path may have 107 characters.
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/engine-XXXXXX"], text=True).strip())
    address = f"unix://{folder}/docker.sock"
    log = (folder / "log").open("w")
    options = ["--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "pid"]
    process = subprocess.Popen(["dockerd", *map(str, options), "-H", address], stdout=log, stderr=log)
    os.environ["DOCKER_HOST"] = address
    try:
        yield wait_until(ping, "the Docker engine answers")
    finally:
        del os.environ["DOCKER_HOST"]
        process.terminate()
        process.wait()
        log.close()
        shutil.rmtree(str(folder), ignore_errors=True)
