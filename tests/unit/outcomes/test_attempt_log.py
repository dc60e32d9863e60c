"""ledger: a run in figures, from the lines the workers wrote."""

import json

from distributed_something.outcomes.attempt_log import attempts, summarise


def line(job, outcome, attempt=1, reason=""):
    return json.dumps({"job": job, "attempt": attempt, "outcome": outcome, "reason": reason})


def summary(*lines):
    return summarise(attempts(lines))


def test_each_job_counts_once_by_its_best_attempt():
    found = summary(
        line("a", "TOOL_FAILED"),
        line("a", "SUCCESS", 2),
        line("b", "SUCCESS"),
        line("b", "ALREADY_DONE", 2),
        line("c", "ALREADY_DONE"),
        line("d", "TIMEOUT"),
        line("d", "INTERRUPTED", 2),
    )
    assert (found.done, found.skipped, found.failed) == (2, 1, 1)
    assert (found.attempts, found.interrupted) == (7, 1)


def test_a_failed_job_is_told_with_the_reason_of_its_last_attempt():
    found = summary(
        line("a", "TOOL_FAILED", 1, "exit 1: first"), line("a", "TOOL_FAILED", 2, "exit 1: second")
    )
    assert found.failures == ["a: exit 1: second"]


def test_jobs_that_left_nothing_are_counted_beside_those_that_are_done():
    def warned(job, warning, outcome="SUCCESS"):
        return json.dumps({"job": job, "outcome": outcome, "warning": warning})

    found = summary(
        warned("a", "NO_FILES"),
        warned("b", "FEWER_FILES"),
        warned("c", ""),
        warned("d", "NO_FILES"),
        warned("d", ""),  # a second attempt left its files
        warned("e", "NO_FILES", "TOOL_FAILED"),
    )
    assert (found.done, found.empty, found.fewer, found.failed) == (4, 1, 1, 1)
    assert not found.all_well


def test_lines_that_are_no_attempt_are_passed_over():
    found = summary("", "no JSON", "[]", "null", "{}", line("a", "UNHEARD_OF"), line("a", "SUCCESS"))
    assert (found.done, found.attempts) == (1, 1)
