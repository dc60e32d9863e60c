"""Opens files without following a link anywhere in the path.

A path can change between a check and the opening: a process that a tool left behind, or
another tool in the same container, may replace a file or folder by a link. So the path is opened step by
step, each from the folder opened before, and a link is an error.

https://pubs.opengroup.org/onlinepubs/9699919799/functions/open.html (openat, O_NOFOLLOW)
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import BinaryIO, Iterator

# Passing through a folder needs fewer permissions than reading it; only Linux makes this difference.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW


def open_to_read(path: str) -> BinaryIO:
    """Open a regular file at this absolute path without links. Raises OSError for anything else."""
    with _parent(path, make=False) as (folder, name):
        # Without O_NONBLOCK, opening a pipe would wait.
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("it is no file any more")
    return os.fdopen(number, "rb")


def open_to_create(path: str) -> BinaryIO:
    """Create a file there, with its folders. Raises OSError if something exists there."""
    with _parent(path, make=True) as (folder, name):
        number = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    return os.fdopen(number, "wb")


def path_of(file: BinaryIO, path: str) -> str:
    """A path that opens this very file, even if its own path has changed (on Linux)."""
    opened = f"/proc/self/fd/{file.fileno()}"
    return opened if os.path.exists(opened) else path


@contextmanager
def _parent(path: str, make: bool) -> Iterator[tuple[int, str]]:
    """The folder that ``path`` is in, opened, and its name there."""
    *steps, name = path.strip("/").split("/")
    folder = os.open("/", _FOLDER)
    try:
        for step in steps:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(step, dir_fd=folder)
            below = os.open(step, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder, name
    finally:
        os.close(folder)
