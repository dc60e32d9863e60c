"""The worker's entry: `python2.7 generic-worker.py`, with its settings in the environment."""

import os
import sys

# In place of this folder, so that no module of the worker stands before one of Python's own.
_ABOVE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The image's libraries lie beside; the tool, a process of its own, does not see them.
sys.path[0:1] = [_ABOVE, os.path.join(_ABOVE, "libraries")]

from python2worker.main import main  # noqa: E402 - found through the line above

if __name__ == "__main__":
    sys.exit(main())
