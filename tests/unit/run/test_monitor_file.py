"""The monitor file: the classic keys, written whole, read with care."""

import json
import stat

import pytest

from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.run import monitor_file
from distributed_something.run.monitor_file import MonitorFile

SETTINGS = loader.settings_from(
    {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "bucket"}, "config.py"
)
CLASSIC = {
    "MONITOR_FLEET_ID": "sfr-1",
    "MONITOR_APP_NAME": "App",
    "MONITOR_ECS_CLUSTER": "default",
    "MONITOR_QUEUE_NAME": "AppQueue",
    "MONITOR_BUCKET_NAME": "bucket",
    "MONITOR_LOG_GROUP_NAME": "App",
    "MONITOR_START_TIME": 1700000000.0,
}


def test_what_was_written_is_read(tmp_path):
    run = MonitorFile.begin(SETTINGS, "token", 1700000000.5)
    path = run.save(tmp_path / "files")
    assert path.name == "AppSpotFleetRequestId.json"
    assert monitor_file.load_monitor_file(path) == run
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert not stat.S_IMODE(path.stat().st_mode) & 0o077


def test_a_file_of_the_classic_toolkit_is_read(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps(CLASSIC))
    run = monitor_file.load_monitor_file(path)
    assert (run.fleet_id, run.service_name, run.task_family) == ("sfr-1", "AppService", "AppTask")
    assert run.clean_dashboard is True


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "this is no monitor file"),
        ("{", "line 1"),
        (json.dumps({**CLASSIC, "MONITOR_QUEUE_NAME": 3}), "MONITOR_QUEUE_NAME is missing"),
        (json.dumps({**CLASSIC, "MONITOR_START_TIME": "x"}), "MONITOR_START_TIME is no number"),
    ],
)
def test_what_is_no_monitor_file_is_told(tmp_path, content, told):
    path = tmp_path / "file.json"
    path.write_text(content)
    with pytest.raises(UserError, match=told):
        monitor_file.load_monitor_file(path)
