"""The monitor file: the classic keys, written whole, read with care."""

import json
import stat
from dataclasses import replace

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
    ("content", "problem"),
    [
        ("[]", "is not a monitor file"),
        ("{", "line 1"),
        ("{}", "MONITOR_FLEET_ID is missing"),
        (json.dumps({**CLASSIC, "MONITOR_QUEUE_NAME": 3}), "MONITOR_QUEUE_NAME must be text"),
        *[
            (json.dumps({**CLASSIC, "MONITOR_START_TIME": value}), "MONITOR_START_TIME must be a number")
            for value in ("x", "NaN", "Infinity", 1e300, -3, True, None, [])
        ],
    ],
)
def test_what_is_not_a_monitor_file_is_refused_with_the_key(tmp_path, content, problem):
    path = tmp_path / "file.json"
    path.write_text(content)
    with pytest.raises(UserError, match=problem):
        monitor_file.load_monitor_file(path)


def test_the_classic_start_time_is_in_milliseconds(tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps({**CLASSIC, "MONITOR_START_TIME": "1649187798951"}))
    assert monitor_file.load_monitor_file(path).start_time == 1649187798.951


def test_every_field_is_written_and_read_back(tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(CLASSIC))
    run = replace(
        monitor_file.load_monitor_file(path),
        client_token="token",
        cluster_machines=7,
        notify_email="ana@example.org",
        auto_monitor=True,
        clean_dashboard=False,
    )
    assert monitor_file.load_monitor_file(run.save(tmp_path)) == run
