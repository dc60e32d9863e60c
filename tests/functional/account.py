"""What a run left in an account: every service that it uses is listed, results and logs aside."""

from __future__ import annotations


def leftovers(aws, app_name, bucket=None):
    """Names of all resources with the app's name in them that cost something or are in the way."""
    found = []
    for page in aws.sqs.get_paginator("list_queues").paginate():
        found += page.get("QueueUrls", [])
    for status in ("ACTIVE", "INACTIVE"):
        for page in aws.ecs.get_paginator("list_task_definitions").paginate(status=status):
            found += page["taskDefinitionArns"]
    for page in aws.ecs.get_paginator("list_clusters").paginate():
        for cluster in aws.ecs.describe_clusters(clusters=page["clusterArns"] or ["none"])["clusters"]:
            if cluster["status"] != "ACTIVE" or cluster["clusterName"] == "default":
                continue
            found.append(cluster["clusterArn"])
            for services in aws.ecs.get_paginator("list_services").paginate(cluster=cluster["clusterArn"]):
                for arn in services["serviceArns"]:
                    described = aws.ecs.describe_services(cluster=cluster["clusterArn"], services=[arn])
                    found += [
                        one["serviceArn"] for one in described["services"] if one["status"] != "INACTIVE"
                    ]
    for page in aws.ec2.get_paginator("describe_spot_fleet_requests").paginate():
        for fleet in page["SpotFleetRequestConfigs"]:
            if not fleet["SpotFleetRequestState"].startswith("cancelled"):
                found.append(f"{fleet['SpotFleetRequestId']} {fleet.get('Tags')}")
    for page in aws.ec2.get_paginator("describe_instances").paginate():
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                if instance["State"]["Name"] not in ("terminated", "shutting-down"):
                    found.append(f"{instance['InstanceId']} {instance.get('Tags')}")
    for page in aws.cloudwatch.get_paginator("describe_alarms").paginate():
        found += [alarm["AlarmName"] for alarm in page["MetricAlarms"]]
    for page in aws.cloudwatch.get_paginator("list_dashboards").paginate():
        found += [one["DashboardName"] for one in page.get("DashboardEntries", [])]
    for client, call, key in (
        ("events", "list_rules", "Rules"),
        ("scheduler", "list_schedules", "Schedules"),
        ("lambda", "list_functions", "Functions"),
        ("iam", "list_roles", "Roles"),
        ("sns", "list_topics", "Topics"),
    ):
        found += [str(one) for one in getattr(aws.client(client), call)()[key]]
    objects = aws.s3.list_objects_v2(Bucket=bucket or app_name).get("Contents", [])
    found += [one["Key"] for one in objects if one["Key"].startswith("monitors/")]
    return [name for name in found if app_name in name]
