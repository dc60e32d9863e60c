"""COMMAND is looked at by the same function wherever it is read: config.py, each job, and the worker."""

import pytest

from distributed_something.checks import command
from distributed_something.checks.job_file import check_jobs
from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.jobs.job_file import load_jobs
from worker.protocol.command_line import fill_command
from worker.protocol.placeholders import PlaceholderError

REFUSED = [
    "tool {n} > {output}/x",
    "tool {input}/*.tif",
    "env -S bash -c {n}",
    "{n} x",
    "awk {n} f",
    "cd {input}",
]


def settings(line):
    variables = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "bucket", "COMMAND": line}
    return loader.settings_from(variables, "config.py")


@pytest.mark.parametrize("line", REFUSED)
def test_config_py_and_the_worker_refuse_the_same_with_the_same_words(line):
    with pytest.raises(UserError) as by_config:
        settings(line)
    with pytest.raises(PlaceholderError) as by_worker:
        fill_command(line, {"n": "1", "input": "/in", "output": "/out"})
    assert str(by_config.value).endswith(str(by_worker.value))


def test_check_submit_job_and_the_worker_refuse_the_same_value(tmp_path):
    path = tmp_path / "job.json"
    path.write_text('{"groups": [{"n": "1e-5"}, {"n": "$(touch x)"}]}')
    with pytest.raises(PlaceholderError) as by_worker:
        fill_command("tool -e {n}", {"n": "$(touch x)"})
    problems = [one for one in check_jobs(load_jobs(path), settings("tool -e {n}"), print) if one.is_mistake]
    (problem,) = problems
    assert "group 2" in problem.line()
    assert str(by_worker.value)[1:] in problem.line().replace(". Write", "; write").replace(
        "; Write", "; write"
    )
    assert not [
        one for one in check_jobs(load_jobs(path), settings("tool -e {n!v}"), print) if one.is_mistake
    ]


def test_a_pipe_that_hides_failures_is_a_note_of_check_and_no_mistake():
    (found,) = command.findings(settings("sh -c 'bwa {n!q} | samtools sort'"))
    assert not found.is_mistake
    assert "bash -o pipefail -c" in found.what
    assert "one > file && two file" in found.what
    assert not list(command.findings(settings("bash -o pipefail -c 'bwa {n!q} | samtools sort'")))
    assert not list(command.findings(settings("")))
