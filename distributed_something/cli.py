"""The command line: the parser, the display of errors, and the exit codes.

Exit codes, as documentation/contracts.md lists them: 0 done, 1 refused by AWS or not known, 2 a mistake of
the user, 3 jobs failed or left nothing, 70 a defect of ours, 128 + the signal that interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .commands import COMMANDS, load
from .errors import Defect, DistributedSomethingError, Interrupted, UserError
from .terminal.console import Console
from .terminal.signals import interrupt_exit_code, treat_all_alike

if TYPE_CHECKING:
    from logging import LogRecord

    from .commands.context import Context

DEFAULT_CONFIG = Path("config.py")
# In a header printed by Python, or in a parameter of a URL.
_SESSION_TOKEN = re.compile(r"(X-Amz-Security-Token(?:=|['\"]?:\s*b?['\"]))[^'\"&\s]+", re.IGNORECASE)

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
    """Reports errors in one line, and suggests the nearest command for a misspelled one."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}. See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if isinstance(action.choices, dict) and value not in action.choices:
            near = difflib.get_close_matches(str(value), list(action.choices), n=1)
            hint = f"did you mean {near[0]}?" if near else "they are: " + ", ".join(action.choices)
            self.error(f"there is no command {value!r}; {hint}")
        super()._check_value(action, value)


class _CommandParser(_Parser):
    """The parser of one command, imported only when used, so that `--help` stays fast."""

    command = ""

    # A namespace is any object, and comes back.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        module = load(self.command)
        self.description = (module.__doc__ or "").split(": ", 1)[-1]
        self.epilog = f"example:\n  {module.EXAMPLE}"
        module.add_arguments(self)
        self.set_defaults(run=module.run, edited=module.MUST_BE_EDITED)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The whole command line, for a single parse_args."""
    made = _Parser(
        prog="run.py",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--config", metavar="FILE", type=Path, default=DEFAULT_CONFIG, help="instead of config.py"
    )
    made.add_argument("--debug", action="store_true", help="show tracebacks and AWS calls")
    commands = made.add_subparsers(
        metavar="COMMAND", dest="command", required=True, parser_class=_CommandParser
    )
    for name, says in COMMANDS.items():
        sub = commands.add_parser(name, help=says, formatter_class=argparse.RawDescriptionHelpFormatter)
        sub.command = name
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
            _log_calls()
        parsed.run(parsed, _context(parsed, console))
        return 0
    except KeyboardInterrupt:
        failure: DistributedSomethingError = Interrupted("Interrupted")
    except DistributedSomethingError as error:
        failure = error
        if debug:
            _log_traceback()
    except Exception as error:
        from .aws.errors import explain

        failure = explain(error) or Defect(_defect(error))
        if debug:
            _log_traceback()
    console.say(str(failure))
    return interrupt_exit_code() if isinstance(failure, Interrupted) else failure.exit_code


def _defect(error: Exception) -> str:
    """What is said of an error that none of us foresaw."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return (
        f"This is a defect of Distributed-Something ({type(error).__name__} in {place}: {error}). Please "
        "report it with what the same command prints after `python run.py --debug`"
    )


def _log_calls() -> None:
    import logging  # late: it is a third of the time that `--help` takes

    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    calls = logging.getLogger("botocore.endpoint")
    calls.setLevel(logging.DEBUG)
    calls.addFilter(_without_session_token)


def _without_session_token(record: LogRecord) -> bool:
    """Remove the session token: users paste the output of `--debug` into e-mails and issues."""
    record.msg, record.args = _SESSION_TOKEN.sub(r"\1...", record.getMessage()), ()
    return True


def _log_traceback() -> None:
    import logging

    logging.exception("in detail")


def _context(parsed: argparse.Namespace, console: Console) -> Context:
    from .aws.session import Aws
    from .commands.context import Context
    from .config import loader

    settings = loader.load(parsed.config)
    for program in (parsed.config, parsed.config.with_name("tool.py")):
        if program.exists() and loader.changeable_by_all(program):
            console.warn(
                f"{program} is a program that runs with your rights, and everybody on this computer may "
                f"change it; better:  chmod o-w {shlex.quote(str(program))}"
            )
    left = [name for name in settings.unedited() if name in parsed.edited]
    if left:
        holds = "still hold the example's values" if len(left) > 1 else "still holds the example's value"
        raise UserError(f"{parsed.config}: {' and '.join(left)} {holds}; write your own")
    invocation = "python run.py"
    if parsed.config != DEFAULT_CONFIG:
        invocation += f" --config {shlex.quote(str(parsed.config))}"
    return Context(settings, Aws.of(settings), console, invocation, config=parsed.config)
