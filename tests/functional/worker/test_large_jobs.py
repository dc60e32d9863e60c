"""Jobs at the limits of SQS, S3 and CloudWatch go through a whole run once, from job file to result."""

import io
import json

import pytest

from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.jobs.job_file import MESSAGE_LIMIT
from distributed_something.terminal.console import Console
from tests.functional.worker.rig import Rig
from tests.functional.worker.test_jobs import python
from worker.aws.cloudwatch_logs import BATCH_EVENTS, LINE_BYTES
from worker.aws.small_objects import SMALL

# What stands around the text in a message.
_AROUND = len(json.dumps({"group": {"name": "large", "text": ""}}))


@pytest.fixture
def rig(moto, unique, tmp_path):
    made = Rig(moto, unique, tmp_path, visibility=60)
    yield made
    made.close()


def submit_jobs(rig, groups):
    """As `run.py submitJob` does it."""
    variables = {
        "APP_NAME": rig.name,
        "DOCKERHUB_TAG": "me/tool:1",
        "AWS_BUCKET": rig.name,
        "SQS_QUEUE_NAME": rig.name + "Queue",
        "SQS_DEAD_LETTER_QUEUE": rig.name + "Dead",
        "COMMAND": "tool {name}",
        "JOB_NAME": "{name}",
    }
    path = rig.folder / "job.json"
    path.write_text(json.dumps({"groups": groups}))
    aws = emulated_aws(rig.server.endpoint_url, "us-east-1")
    console = Console(io.StringIO(), io.StringIO())
    context = Context(loader.settings_from(variables, "config.py"), aws, console, files=rig.folder / "files")
    assert submit(context, path) == len(groups)
    path.unlink()


def assert_done_once(rig, jobs=1):
    """Each at its first receipt: a second one would hide the message and count as an attempt."""
    entries = rig.ledger()
    assert [(one["outcome"], one["attempt"]) for one in entries] == [("SUCCESS", 1)] * jobs
    assert rig.counts() == rig.counts(rig.dead_url) == (0, 0)


def text_for(character, characters):
    """As many of a character as make a message of exactly so many, filled up with plain ones."""
    length = len(json.dumps(character)) - 2
    count, left = divmod(characters - _AROUND, length)
    return character * count + "x" * left


@pytest.mark.parametrize(
    "text",
    [
        'x"' * 250_000,
        '"' * 375_000,
        *(text_for(character, MESSAGE_LIMIT) for character in ("x", '"', "\\", "\n", "\0", "ü", "😀")),
    ],
    ids=[
        "750 kB and every other character a quote",
        "quotes",
        *(
            "limit of " + name
            for name in ("x", "quotes", "backslashes", "lines", "nulls", "umlauts", "emoji")
        ),
    ],
)
def test_a_large_job_is_done_once(rig, text):
    submit_jobs(rig, [{"name": "large", "text": text}])
    rig.work("touch {output}/done", JOB_NAME="{name}")
    assert_done_once(rig)
    assert set(rig.results()) == {"results/large/done"}


@pytest.mark.parametrize("text", ['x"' * 375_000, text_for("x", MESSAGE_LIMIT) + "x"])
def test_a_job_that_is_too_large_as_a_message_is_refused_before_any_is_sent(rig, text):
    with pytest.raises(UserError, match="group 2: its message has .* bytes; SQS takes"):
        submit_jobs(rig, [{"name": "small"}, {"name": "large", "text": text}])
    assert rig.counts() == (0, 0)


def test_ten_large_jobs_which_share_no_batch_are_done_once_each(rig):
    submit_jobs(rig, [{"name": f"large{n}", "text": '"' * 300_000} for n in range(10)])
    rig.work("touch {output}/done", JOB_NAME="{name}")
    assert_done_once(rig, jobs=10)


@pytest.mark.parametrize("size", [0, SMALL, SMALL + 1])
def test_a_result_and_an_input_of_the_limit_of_the_fast_way_arrive_whole(rig, size):
    rig.put("inputs/a", b"x" * size)
    submit_jobs(rig, [{"name": "job"}])
    rig.work("cp {input}/a {output}/a", INPUT="inputs/a", JOB_NAME="{name}")
    assert_done_once(rig)
    assert rig.results() == {"results/job/a": "x" * size}


@pytest.mark.parametrize(
    ("lines", "size"),
    [(BATCH_EVENTS + 1, 1), (6, LINE_BYTES), (6, LINE_BYTES - 26), (2, LINE_BYTES + 1)],
    ids=["10,001 lines", "over 1 MiB in all", "just 1 MiB", "lines that are cut"],
)
def test_a_log_at_the_limits_of_cloudwatch_is_there_whole(rig, lines, size):
    submit_jobs(rig, [{"name": "job"}])
    rig.work(python(f"for n in range({lines}): print(chr(34) * {size})"), JOB_NAME="{name}")
    log = "".join(line for line in rig.job_log("job") if line.strip('"') == "")
    assert len(log) == lines * size
