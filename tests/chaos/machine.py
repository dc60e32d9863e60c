"""A machine of a scenario: the worker's own container program in a folder, with a metadata service.

What Docker and ECS do for it is done here: it is started again when it ends, and orphans become its children.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.chaos.processes import in_folder, kill, runs_script
from tests.chaos.quiet_server import QuietServer
from worker.process_table import children

CONTAINER = Path(__file__).resolve().parents[2] / "worker" / "container-main.py"
_PR_SET_CHILD_SUBREAPER = 36


class Machine:
    """``environment``: a worker's, with DOCKER_CORES workers in the container that ``program`` is."""

    def __init__(self, folder: Path, environment: dict[str, str], program: Path = CONTAINER) -> None:
        self.folder = folder
        self._program = program
        self._environment = environment
        self._notice = threading.Event()
        self._metadata = _metadata_service(self._notice)
        self._process: Any = None
        self.starts = 0

    def start(self) -> None:
        """Start the container, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.starts += 1
        self._notice.clear()
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _AS_FIRST_PROCESS, sys.executable, str(self._program)],
                env={
                    **os.environ,
                    **self._environment,
                    "WORK_FOLDER": str(self.folder),
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{self._metadata.server_port}",
                },
                cwd=str(self.folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def workers(self) -> list[int]:
        if self._process is None or self._process.poll() is not None:
            return []
        return [one for one in children(self._process.pid) if runs_script(one, "generic-worker.py")]

    def die(self) -> None:
        """The power goes: every process, and the disk."""
        kill(self._process.pid)
        left = in_folder(self.folder)
        while left:
            for one in left:
                kill(one)
            left = in_folder(self.folder)
        self._process.wait()
        for one in self.folder.iterdir():
            shutil.rmtree(one) if one.is_dir() else one.unlink()

    def end(self, patience: float = 60.0) -> None:
        """In order, as ECS does it."""
        if self._process is not None:
            kill(self._process.pid, signal.SIGTERM)
            self._process.wait(patience)

    def is_taken_back(self) -> None:
        """EC2 gives notice that it takes the machine back."""
        self._notice.set()

    def close(self) -> None:
        self._metadata.shutdown()
        self._metadata.server_close()
        if self._process is not None and self._process.poll() is None:
            self.die()


# A container's program is its first process, which inherits orphans; so is this one to its children.
_AS_FIRST_PROCESS = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({_PR_SET_CHILD_SUBREAPER}, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def _metadata_service(notice: threading.Event) -> QuietServer:
    """Of a machine without a name; it gives notice once ``notice`` is set."""

    class Service(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._answer(200, b"token")

        def do_GET(self) -> None:
            there = self.path == "/latest/meta-data/spot/instance-action" and notice.is_set()
            self._answer(200 if there else 404, b"{}")

        def _answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """The terminal is for the scenario."""

    server = QuietServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
