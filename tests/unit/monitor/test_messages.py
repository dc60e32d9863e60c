"""What an e-mail about a run says."""

from dataclasses import replace

import pytest

from distributed_something.monitor import messages
from distributed_something.outcomes.attempt_log import Summary
from distributed_something.run.monitor_file import MonitorFile

RUN = MonitorFile("sfr-1", "App", "default", "AppQueue", "bucket", "App", 0.0)


def summary(**figures):
    return replace(Summary(12, 0, 0, 12, 0, []), **figures)


@pytest.mark.parametrize(
    ("figures", "subject"),
    [
        ({}, "App has ended: all jobs done"),
        ({"empty": 12}, "App has ended: 12 of 12 jobs left no file"),
        ({"failed": 3, "empty": 12}, "App has ended: 3 jobs failed"),
    ],
)
def test_the_subject_says_what_became_of_the_jobs(figures, subject):
    assert messages.run_ended(RUN, summary(**figures), 0)[0] == subject


def test_jobs_that_left_nothing_are_warned_about_with_what_to_do():
    text = messages.run_ended(RUN, summary(empty=12), 0)[1]
    assert "WARNING: 12 of 12 jobs left no file" in text
    assert "EXPECTED_NUMBER_FILES = 0" in text
    assert "WARNING" not in messages.run_ended(RUN, summary(), 0)[1]
