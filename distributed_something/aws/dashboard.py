"""The CloudWatch dashboard of a run: fleet, memory, queue, job starts, errors.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from typing import Any, Sequence

from ..config.settings import Settings
from .session import Aws, error_code

_WIDTH, _HEIGHT = 8, 6
_LIST_WIDTH = 24
_GONE = {"ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"}


def dashboard_body(settings: Settings, fleet_id: str) -> dict[str, Any]:
    """The dashboard's content for this run."""
    jobs = f"SOURCE '{settings.log_group_name}' | filter @message like /^Attempt [0-9]+ on /"
    ledger = f"SOURCE '{settings.ledger_log_group}' | fields outcome, job, attempt, reason"
    errors = f"{ledger} | filter outcome not in ['SUCCESS', 'ALREADY_DONE']"
    # The metric needs the queue's name, which is the last part of an ARN.
    dead_letters = settings.sqs_dead_letter_queue.rsplit(":", 1)[-1]
    queue, dead = ["QueueName", settings.sqs_queue_name], ["QueueName", dead_letters]
    spot = ["AWS/EC2Spot"]
    fleet = ["FleetRequestId", fleet_id]
    service = ["ClusterName", settings.ecs_cluster, "ServiceName", settings.service_name]
    widgets = [
        _metric(
            settings,
            "Machines: wanted and there",
            [[*spot, "TargetCapacity", *fleet], [*spot, "FulfilledCapacity", *fleet]],
        ),
        _metric(
            settings,
            "Memory of the containers (%)",
            [["AWS/ECS", "MemoryUtilization", *service], ["...", {"stat": "Maximum"}]],
        ),
        _metric(
            settings,
            "Jobs: waiting, in flight, failed for good",
            [
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", *queue],
                ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", *queue],
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", *dead],
            ],
        ),
        _metric(
            settings,
            "Jobs: received and done in five minutes",
            [
                ["AWS/SQS", "NumberOfMessagesReceived", *queue, {"stat": "Sum"}],
                ["AWS/SQS", "NumberOfMessagesDeleted", *queue, {"stat": "Sum"}],
            ],
        ),
        _log(
            settings, "Jobs started: all and distinct", f"{jobs} | stats count(*), count_distinct(@logStream)"
        ),
        _log(
            settings,
            "Attempts started in five minutes",
            f"{jobs} | stats count(*) as attempts by bin(5m)",
            view="timeSeries",
        ),
        _log(
            settings,
            "Errors",
            f"{errors} | sort @timestamp desc | limit 100",
            width=_LIST_WIDTH,
        ),
    ]
    return {"start": "-PT3H", "widgets": _placed(widgets)}


def put(aws: Aws, settings: Settings, fleet_id: str) -> None:
    """Create or update the dashboard."""
    aws.cloudwatch.put_dashboard(
        DashboardName=settings.app_name, DashboardBody=json.dumps(dashboard_body(settings, fleet_id))
    )


def dashboard_url(settings: Settings) -> str:
    """The dashboard's address in the AWS console."""
    region = settings.aws_region
    return (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#dashboards/dashboard/{settings.app_name}"
    )


def exists(aws: Aws, app_name: str) -> bool:
    pages = aws.cloudwatch.get_paginator("list_dashboards").paginate(DashboardNamePrefix=app_name)
    return any(one["DashboardName"] == app_name for page in pages for one in page["DashboardEntries"])


def delete(aws: Aws, app_name: str) -> bool:
    """Delete the dashboard of exactly this name. Returns False if there was none."""
    try:
        aws.cloudwatch.delete_dashboards(DashboardNames=[app_name])
    except aws.cloudwatch.exceptions.ClientError as error:
        if error_code(error) not in _GONE:
            raise
        return False
    return True


def _metric(settings: Settings, title: str, metrics: Sequence[Sequence[object]]) -> dict[str, Any]:
    return {
        "type": "metric",
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": title,
            "region": settings.aws_region,
            "view": "timeSeries",
            "stat": "Average",
            "period": 300,
            "yAxis": {"left": {"min": 0}},
            "metrics": metrics,
        },
    }


def _log(
    settings: Settings, title: str, query: str, view: str = "table", width: int = _WIDTH
) -> dict[str, Any]:
    return {
        "type": "log",
        "width": width,
        "height": _HEIGHT,
        "properties": {"title": title, "region": settings.aws_region, "view": view, "query": query},
    }


def _placed(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The widgets side by side, in rows of 24 columns."""
    x = y = 0
    for widget in widgets:
        if x + widget["width"] > _LIST_WIDTH:
            x, y = 0, y + _HEIGHT
        widget["x"], widget["y"] = x, y
        x += widget["width"]
    return widgets
