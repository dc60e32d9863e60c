"""After a whole run, with real workers, the emulated account holds results and logs, and nothing else."""

import io

import pytest

from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws, rehearsal_settings, rehearse
from distributed_something.config import loader
from distributed_something.local import emulator
from distributed_something.terminal.console import Console
from tests.end_to_end.conftest import CHECKOUT
from tests.functional.account import leftovers


@pytest.fixture
def left(monkeypatch):
    """What stood in the account of the last rehearsal when its emulator was ended."""
    seen = {}

    class Inspected(emulator.Emulator):
        def __exit__(self, *error):
            aws = emulated_aws(self.endpoint_url, "us-east-1", self.access_key)
            seen["resources"] = leftovers(aws, "HelloWorld", "your-bucket-name")
            seen["objects"] = [
                entry["Key"] for entry in aws.s3.list_objects_v2(Bucket="your-bucket-name")["Contents"]
            ]
            seen["uploads"] = aws.s3.list_multipart_uploads(Bucket="your-bucket-name").get("Uploads", [])
            seen["log groups"] = [
                group["logGroupName"] for group in aws.logs.describe_log_groups()["logGroups"]
            ]
            super().__exit__(*error)

    monkeypatch.setattr(emulator, "Emulator", Inspected)
    return seen


def test_a_run_leaves_results_and_logs_and_nothing_else(left, tmp_path):
    settings = loader.load(CHECKOUT / "config.py")
    context = Context(
        rehearsal_settings(settings, 2), emulated_aws("", "us-east-1"), Console(io.StringIO(), io.StringIO())
    )
    rehearsed = rehearse(context, CHECKOUT / "files/exampleJob.json", tmp_path, CHECKOUT)
    assert rehearsed.summary.done == 3
    assert left["resources"] == []
    assert left["uploads"] == []
    assert sorted(left["log groups"]) == ["HelloWorld", "HelloWorld_jobs", "HelloWorld_perInstance"]
    tops = {key.split("/")[0] for key in left["objects"]}
    # CloudWatch Logs proves with aws-logs-write-test that it may write to the bucket.
    assert tops == {"greetings", "exportedlogs", "reports", "aws-logs-write-test"}
    kept = {key.rsplit("/", 1)[1] for key in left["objects"] if key.startswith("reports/")}
    assert kept >= {"report.html", "fleet-request.json", "task-definition.json", "versions.json"}
