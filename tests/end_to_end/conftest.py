"""run.py as a user types it, in processes of its own, on this computer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT_OBJECTS = CHECKOUT / "files" / "examples" / "CountObjects"


def _as_at_a_terminal() -> None:
    """What starts the tests may ignore these signals, and children inherit that: `nohup`, a script's `&`."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Shell:
    """A terminal in the checkout, without any key or profile of AWS, and with these variables."""

    def __init__(self, **variables: str) -> None:
        secret = ("AWS_", "DOCKER_")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(secret)}
        self.environment.update(
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            **variables,
        )
        self.started: list[subprocess.Popen] = []

    def run(self, *arguments: object, code: int = 0) -> str:
        """Type `python run.py ...`. Returns what it printed, which must end with this exit code."""
        process = self.start(*arguments)
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == code, printed
        return printed

    def start(self, *arguments: object) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "run.py", *map(str, arguments)],
            cwd=str(CHECKOUT),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_as_at_a_terminal,
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def shell():
    made = Shell()
    yield made
    made.close()


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """The demo's images, as `make demo` lays them out."""
    folder = tmp_path_factory.mktemp("photographs")
    subprocess.run([sys.executable, str(COUNT_OBJECTS / "prepare_images.py"), str(folder)], check=True)
    return folder / "images"


@pytest.fixture
def bucket(photographs, tmp_path):
    """A folder with the demo's images in it, to be used as a bucket."""
    shutil.copytree(photographs, tmp_path / "bucket" / "images")
    return tmp_path / "bucket"


def processes(*words):
    """{process id: command line} of the processes of this computer that have all these words in theirs."""
    found = {}
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], stdout=subprocess.PIPE, text=True, check=True)
    for line in listed.stdout.splitlines():
        number, _, command = line.strip().partition(" ")
        if all(str(word) in command for word in words) and int(number) != os.getpid():
            found[int(number)] = command
    return found


def parent_of(process_id):
    told = subprocess.run(
        ["ps", "-o", "ppid=", "-p", str(process_id)], stdout=subprocess.PIPE, text=True, check=False
    )
    return int(told.stdout or 0)
