"""What ends an attempt for good, and what only ends it this time."""

from types import SimpleNamespace

import pytest

from worker import attempt_record, settings, tool_loader, tool_process
from worker.attempt import Attempt, Services
from worker.interruption import Stop


@pytest.fixture
def attempt(tmp_path):
    """A function that makes an attempt whose upload, or one of whose tool's functions, is another."""

    def make(upload=lambda *arguments: 0, **functions):
        variables = {
            "APP_NAME": "app",
            "AWS_REGION": "us-east-1",
            "AWS_BUCKET": "bucket",
            "SQS_QUEUE_URL": "url",
            "LOG_GROUP_NAME": "app",
            "WORK_FOLDER": str(tmp_path),
            "COMMAND": "true",
        }
        tool = SimpleNamespace(**{**vars(tool_loader.load()), **functions})
        transfer = SimpleNamespace(upload=upload, download=lambda *arguments: 0)
        logs = SimpleNamespace(write=lambda *arguments: None)
        environment = settings.read(variables)
        services = Services(environment, None, transfer, logs, Stop(), lambda text: None, tool)
        visibility = SimpleNamespace(lost=lambda: "", must_end=float("inf"))
        return Attempt(services, visibility, "id", '{"group": {"n": "1"}}', 1)

    return make


def raiser(error):
    def function(*arguments, **named):
        raise error

    return function


def test_a_job_that_is_done(attempt):
    record = attempt().run()
    assert (record.outcome, record.hopeless) == (attempt_record.SUCCESS, False)


@pytest.mark.parametrize("name", ["name", "inputs", "command", "output", "failure"])
def test_a_value_error_of_the_tool_s_functions_is_for_good(attempt, name):
    record = attempt(**{name: raiser(ValueError("no such plate"))}).run()
    assert (record.outcome, record.reason) == (attempt_record.INPUT_PROBLEM, "no such plate")
    assert record.hopeless


def test_a_value_error_of_a_broken_connection_is_not(attempt):
    """As http.client raises it: I/O operation on closed file."""
    record = attempt(upload=raiser(ValueError("I/O operation on closed file."))).run()
    assert (record.outcome, record.hopeless) == (attempt_record.OUTPUT_PROBLEM, False)


@pytest.mark.parametrize(("number", "for_good"), [(11, False), (12, False), (8, True), (13, True)])
def test_a_tool_that_cannot_be_started_for_want_of_memory_is_tried_again(
    attempt, monkeypatch, number, for_good
):
    """EAGAIN and ENOMEM pass; ENOEXEC and EACCES do not."""
    monkeypatch.setattr(tool_process.subprocess, "Popen", raiser(OSError(number, "no")))
    record = attempt().run()
    assert (record.outcome, record.hopeless) == (attempt_record.TOOL_FAILED, for_good), record.reason
