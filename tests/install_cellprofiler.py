"""Real CellProfiler, to compare its example with: `python -m tests.install_cellprofiler FOLDER`.

Makes a virtual environment of Python 3.9 in FOLDER, and FOLDER/ready when it is whole. Needs a JDK and a C
compiler. Where something is missing it says so and makes nothing; that is a failure if EVERY_PYTHON is set.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import interpreters

# CellProfiler 4.2 pins libraries that are no longer to be had as wheels; these run it, and need no screen.
# Built here: python-javabridge and centrosome, with the NumPy that they run with.
STEPS = (
    ("numpy==1.24.4", "Cython<3", "setuptools<60", "wheel"),
    ("--no-build-isolation", "--no-deps", "python-javabridge==4.0.5", "centrosome==1.2.3"),
    ("--no-deps", "cellprofiler==4.2.8", "cellprofiler-core==4.2.8", "prokaryote==2.4.4")
    + ("python-bioformats==4.1.0",),
    ("numpy==1.24.4", "scipy==1.9.1", "scikit-image==0.20.0", "scikit-learn<1.7", "mahotas==1.4.18")
    + ("matplotlib<3.8", "h5py", "tifffile", "imageio", "joblib", "jinja2", "inflect", "docutils", "requests")
    + ("sentry-sdk==0.18.0", "boto3", "psutil", "pyzmq", "future", "deprecation"),
)


def lacking():
    """What of this computer is missing, '' if nothing is."""
    if interpreters.find("3.9") is None:
        return "a Python 3.9, on PATH or in pyenv"
    programs = [name for name in ("javac", "cc") if shutil.which(name) is None]
    return "on PATH: " + ", ".join(programs) if programs else ""


def main():
    folder = Path(sys.argv[1])
    missing = lacking()
    if missing:
        print(f"CellProfiler is not installed, and its test skipped: there is not {missing}")
        return 1 if os.environ.get("EVERY_PYTHON") else 0
    shutil.rmtree(str(folder), ignore_errors=True)
    subprocess.run([interpreters.find("3.9"), "-m", "venv", str(folder)], check=True)
    for step in STEPS:
        told = subprocess.run(
            [str(folder / "bin" / "pip"), "install", "--quiet", *step],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if told.returncode:
            print(told.stdout)
            return 1
    (folder / "ready").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
