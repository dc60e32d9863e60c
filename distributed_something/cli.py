"""The command line: the parser, how an error looks, and the exit codes.

Exit 0: done. 1: AWS refused. 2: something the user wrote is wrong. 130: Ctrl-C.
"""

from __future__ import annotations

import argparse
import difflib
import logging
import shlex
import sys
from pathlib import Path
from typing import NoReturn

from . import config_file
from .aws.refusals import explain
from .aws.session import Aws
from .commands import (
    build_image,
    cancel,
    check,
    cleanup,
    destroy_aws,
    failed_jobs,
    local,
    logs,
    monitor,
    report,
    retry_failed,
    setup,
    setup_aws,
    start_cluster,
    status,
    submit_job,
)
from .commands.context import Context
from .console import Console
from .errors import DistributedSomethingError, Interrupted, UserError
from .interrupt import treat_all_alike

COMMANDS = (
    setup,
    submit_job,
    start_cluster,
    monitor,
    check,
    status,
    logs,
    failed_jobs,
    retry_failed,
    report,
    cancel,
    local,
    build_image,
    cleanup,
    setup_aws,
    destroy_aws,
)
DEFAULT_CONFIG = Path("config.py")
# Variables whose example values mean nothing; these commands can do with fewer of one's own.
_MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")
_EDITED: dict[str, tuple[str, ...]] = {
    local.NAME: (),
    build_image.NAME: ("DOCKERHUB_TAG",),
    cleanup.NAME: ("AWS_BUCKET",),
    setup_aws.NAME: ("AWS_BUCKET",),
    destroy_aws.NAME: ("AWS_BUCKET",),
}

_DESCRIPTION = """\
Run one Dockerized tool on thousands of inputs in the cloud. Edit config.py, a job and a fleet file, then:

  python run.py setup
  python run.py submitJob files/exampleJob.json
  python run.py startCluster files/exampleFleet.json
  python run.py monitor

To try it all on this computer first, without an account:

  python run.py local files/exampleJob.json
"""


class _Parser(argparse.ArgumentParser):
    """Errors in one line, with the nearest command for a misspelt one."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}. See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if isinstance(action.choices, dict) and value not in action.choices:
            near = difflib.get_close_matches(str(value), list(action.choices), n=1)
            hint = f"did you mean {near[0]}?" if near else "they are: " + ", ".join(action.choices)
            self.error(f"there is no command {value!r}; {hint}")
        super()._check_value(action, value)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    made = _Parser(
        prog="run.py",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--config", metavar="FILE", type=Path, default=DEFAULT_CONFIG, help="instead of config.py"
    )
    made.add_argument("--debug", action="store_true", help="show tracebacks and AWS calls")
    commands = made.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.NAME,
            help=command.HELP,
            description=(command.__doc__ or "").split(": ", 1)[-1],
            epilog=f"example:\n  {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run, edited=_EDITED.get(command.NAME, _MUST_BE_EDITED))
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run one command line. Returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    console = Console()
    debug = "--debug" in given
    treat_all_alike()
    try:
        parsed = parser().parse_args(given)
        if debug:
            logging.basicConfig(level=logging.INFO, stream=sys.stderr)
            logging.getLogger("botocore.endpoint").setLevel(logging.DEBUG)
        parsed.run(parsed, _context(parsed, console))
        return 0
    except KeyboardInterrupt:
        failure: DistributedSomethingError | None = Interrupted("Interrupted")
    except DistributedSomethingError as error:
        failure = error
        if debug:
            logging.exception("in detail")
    except Exception as error:
        failure = explain(error)
        if failure is None:
            raise
        if debug:
            logging.exception("in detail")
    console.say(str(failure))
    return failure.exit_code if failure else 1


def _context(parsed: argparse.Namespace, console: Console) -> Context:
    settings = config_file.load(parsed.config)
    left = [name for name in settings.unedited() if name in parsed.edited]
    if left:
        holds = "still hold the example's values" if len(left) > 1 else "still holds the example's value"
        raise UserError(f"{parsed.config}: {' and '.join(left)} {holds}; write your own")
    invocation = "python run.py"
    if parsed.config != DEFAULT_CONFIG:
        invocation += f" --config {shlex.quote(str(parsed.config))}"
    return Context(settings, Aws.of(settings), console, invocation, config=parsed.config)
