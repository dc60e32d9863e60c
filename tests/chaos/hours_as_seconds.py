"""A worker for whom an hour of SQS is two seconds, so that it hides a message for 24 at most."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from worker import main, visibility  # noqa: E402 - found through the line above

HOUR = 2.0

if __name__ == "__main__":
    visibility.LONGEST *= HOUR / 3600
    visibility.MARGIN = (
        1.5 * HOUR
    )  # SQS is asked in whole seconds, of which a margin in proportion would be a part
    sys.exit(main.main())
