"""Opens files without ever following a link, wherever in the path one stands.

A path that was looked at can be another place by the time it is opened: a process that a tool left behind, or
another tool in the same container, may put a link where a file or a folder was. So the way is walked one step
at a time, each from the folder that was opened before, and a step that is a link is an error.

https://pubs.opengroup.org/onlinepubs/9699919799/functions/open.html (openat, O_NOFOLLOW)
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import BinaryIO, Iterator

# To go through a folder asks for less than to read it; other systems than Linux do not know the difference.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW


def open_to_read(path: str) -> BinaryIO:
    """An ordinary file at this absolute path without links. Raises OSError for anything else there."""
    with _parent(path, make=False) as (folder, name):
        # Without O_NONBLOCK a pipe would be waited for.
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("it is no file any more")
    return os.fdopen(number, "rb")


def open_to_create(path: str) -> BinaryIO:
    """A new file there, with the folders on the way. Raises OSError where something is already."""
    with _parent(path, make=True) as (folder, name):
        number = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    return os.fdopen(number, "wb")


def path_of(file: BinaryIO, path: str) -> str:
    """By what path others open this very file, whatever lies at its own by now (on Linux)."""
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
