"""The dashboard is built from the settings' real names."""

import json

from distributed_something.aws import dashboard
from distributed_something.config import loader

SETTINGS = loader.settings_from(
    {
        "APP_NAME": "Cells",
        "DOCKERHUB_TAG": "me/tool:1",
        "AWS_BUCKET": "cells",
        "AWS_REGION": "eu-west-1",
        "ECS_CLUSTER": "Shared",
        "LOG_GROUP_NAME": "/lab/cells",
        "SQS_QUEUE_NAME": "Waiting",
        "SQS_DEAD_LETTER_QUEUE": "arn:aws:sqs:eu-west-1:123456789012:Dead",
    },
    "config.py",
)


def test_every_widget_shows_this_run():
    body = dashboard.dashboard_body(SETTINGS, "sfr-1")
    text = json.dumps(body)
    rows = [row for one in body["widgets"] for row in one["properties"].get("metrics", [])]
    metrics = {(row[0], str(row[1])) for row in rows}
    assert {
        ("AWS/EC2Spot", "TargetCapacity"),
        ("AWS/EC2Spot", "FulfilledCapacity"),
        ("AWS/ECS", "MemoryUtilization"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"),
        ("AWS/SQS", "NumberOfMessagesReceived"),
        ("AWS/SQS", "NumberOfMessagesDeleted"),
    } <= metrics
    for name in ("sfr-1", "CellsService", "Shared", "Waiting", '"Dead"', "/lab/cells_jobs", "'/lab/cells'"):
        assert name in text
    assert {one["properties"]["region"] for one in body["widgets"]} == {"eu-west-1"}
    assert "region=eu-west-1#dashboards/dashboard/Cells" in dashboard.dashboard_url(SETTINGS)


def test_widgets_lie_side_by_side_and_never_on_each_other():
    taken = set()
    for one in dashboard.dashboard_body(SETTINGS, "sfr-1")["widgets"]:
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert not cells & taken
        assert one["x"] + one["width"] <= 24
        taken |= cells
