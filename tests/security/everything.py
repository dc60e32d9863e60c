"""All that an emulated account holds, service by service, as (place, bytes)."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile

from distributed_something.monitor import lambda_package


def everything(aws):
    """Every object, message, line, document and setting."""
    yield from _queues(aws)
    yield from _buckets(aws)
    yield from _logs(aws)
    yield from _functions(aws)
    yield from _dashboards(aws)
    yield from _described(aws)


def _text(place, document):
    return place, json.dumps(document, default=str, ensure_ascii=False).encode()


def _queues(aws):
    for url in aws.sqs.list_queues().get("QueueUrls", []):
        yield _text(url, aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))
        messages = aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        yield _text(f"messages of {url}", messages.get("Messages", []))


def _buckets(aws):
    for bucket in aws.s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for entry in page.get("Contents", []):
                answer = aws.s3.get_object(Bucket=name, Key=entry["Key"])
                body = answer["Body"].read()
                place = f"s3://{name}/{entry['Key']}"
                yield place, gzip.decompress(body) if entry["Key"].endswith(".gz") else body
                yield _text(place + " (metadata)", answer["Metadata"])


def _logs(aws):
    for group in aws.logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for page in aws.logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            for event in page["events"]:
                yield f"log {name}/{event['logStreamName']}", event["message"].encode()


def _functions(aws):
    """AWS hands out a function's zip by an address only; it was uploaded as lambda_package.py makes it."""
    for one in aws.functions.list_functions()["Functions"]:
        yield _text(f"function {one['FunctionName']}", one)
    with zipfile.ZipFile(io.BytesIO(lambda_package.build())) as archive:
        for name in archive.namelist():
            yield f"zip of the function: {name}", archive.read(name)


def _dashboards(aws):
    for one in aws.cloudwatch.list_dashboards().get("DashboardEntries", []):
        yield _text(
            f"dashboard {one['DashboardName']}",
            aws.cloudwatch.get_dashboard(DashboardName=one["DashboardName"]),
        )


def _described(aws):
    """Whatever else there is, as its service describes it."""
    for status in ("ACTIVE", "INACTIVE"):
        for arn in aws.ecs.list_task_definitions(status=status)["taskDefinitionArns"]:
            yield _text(f"task definition {arn}", aws.ecs.describe_task_definition(taskDefinition=arn))
    fleets = aws.ec2.describe_spot_fleet_requests()["SpotFleetRequestConfigs"]
    yield _text("fleet requests", fleets)
    for fleet in fleets:
        for spec in fleet["SpotFleetRequestConfig"].get("LaunchSpecifications", []):
            yield "user data", base64.b64decode(spec.get("UserData", ""))
    yield _text("machines", aws.ec2.describe_instances())
    yield _text("alarms", aws.cloudwatch.describe_alarms())
    yield _text("roles and policies", aws.iam.get_account_authorization_details())
    yield _text("schedules", aws.scheduler.list_schedules())
    yield _text("topics", aws.sns.list_topics())
