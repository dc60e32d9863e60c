"""Starts and stops the emulated AWS: server.py in a separate process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from ..errors import UserError
from . import server

# The access key of an emulated AWS in tests.
KNOWN_KEY = "rehearsal"
_CHECKOUT = Path(__file__).resolve().parents[2]
_MEND = 'pip install "moto[server]==5.2.5" (this command alone needs it, and Python 3.10 or newer)'


class Emulator:
    """The emulated AWS, for a ``with`` block. Raises UserError if it cannot be started.

    It answers only requests signed with ``access_key``, which a rehearsal keeps secret.
    """

    _process: subprocess.Popen[bytes]
    _log: IO[bytes]

    def __init__(self, access_key: str = KNOWN_KEY) -> None:
        self.endpoint_url = ""
        self.access_key = access_key

    def __enter__(self) -> Emulator:
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
            raise UserError("The rehearsal needs an emulated AWS: " + _MEND)
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "distributed_something.local.server"],
            cwd=str(_CHECKOUT),
            env={**os.environ, server.ACCESS_KEY: self.access_key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the parent, who still needs the server to end in order
        )
        import boto3  # noqa: F401 - takes as long to load as the server: meanwhile

        port = cast("IO[bytes]", self._process.stdout).readline().decode("ascii").strip()
        if not port:
            self._process.wait()
            self._log.seek(0)
            last = self._log.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            self._close()
            raise UserError(f"The emulated AWS does not start: {''.join(last)}\nMend: {_MEND}")
        self.endpoint_url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def environment(self) -> dict[str, str]:
        """The variables with which another process talks to the emulator, and only to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.access_key,  # signatures are not looked at
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                stream.close()
