"""The run's EC2 instances, found by their tag."""

from __future__ import annotations

from typing import Sequence

from .session import APP_TAG, Aws, error_code

# The states in which a machine is billed, or soon will be.
BILLED = ["pending", "running", "stopping", "stopped"]
# The most ids that TerminateInstances accepts.
_AT_ONCE = 1000


def find_billed(aws: Aws, app_name: str) -> list[str]:
    """The ids of all machines with the app's tag that are not terminated or terminating."""
    pages = aws.ec2.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": f"tag:{APP_TAG}", "Values": [app_name]},
            {"Name": "instance-state-name", "Values": BILLED},
        ]
    )
    return [
        instance["InstanceId"]
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]


def terminate(aws: Aws, instances: Sequence[str]) -> None:
    """Terminate these machines; a missing one is not an error."""
    for at in range(0, len(instances), _AT_ONCE):
        try:
            aws.ec2.terminate_instances(InstanceIds=list(instances[at : at + _AT_ONCE]))
        except aws.ec2.exceptions.ClientError as error:
            if error_code(error) != "InvalidInstanceID.NotFound":
                raise
