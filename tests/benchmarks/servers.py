"""Starts the servers that the rows measure against, and ends them again whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Iterator

from tests.benchmarks import peers
from tests.benchmarks.measure import CHECKOUT

KEYS = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class StubServer:
    """A running stub: its address and what it has seen."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + "/stats") as answer:
            return json.load(answer)

    def environment(self) -> dict[str, str]:
        return {**os.environ, **KEYS, "AWS_ENDPOINT_URL": self.url, "PYTHONPATH": str(CHECKOUT)}


@contextlib.contextmanager
def stub(*options: str) -> Iterator[StubServer]:
    argv = [sys.executable, "-m", "tests.benchmarks.stub", *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=str(CHECKOUT)) as server:
        try:
            yield StubServer(int(server.stdout.readline()))
        finally:
            server.kill()


@contextlib.contextmanager
def rclone_s3(folder: Path, key: str = "benchmark") -> Iterator[dict[str, str]]:
    """`rclone serve s3` over a folder, for who has this key. Yields the environment that leads clients there.

    Raises Missing.
    """
    rclone = peers.pypi("rclone")  # Debian's does not know `serve s3` yet
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    argv = [
        rclone,
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{key},{key}",
    ]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            address = f"http://127.0.0.1:{port}"
            yield {**os.environ, **KEYS, "AWS_ENDPOINT_URL": address, "S3_ENDPOINT_URL": address}
        finally:
            server.kill()
