"""Names the machine of the container, and sets an alarm that terminates it when idle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Mapping

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import TagTypeDef

# Less than 1 % CPU for 15 minutes: three of the five-minute values that EC2 reports by default.
IDLE_PERCENT = 1.0
PERIOD_SECONDS = 300
PERIODS = 3


class Instance:
    """``instance``: its id. What AWS refuses is reported, and keeps no job from running."""

    def __init__(self, instance: str, variables: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._instance = instance
        self._app_name = variables.get("APP_NAME", "")
        self._region = variables.get("AWS_REGION", "")
        self._say = say

    def make_known(self) -> None:
        """Name the machine and its volumes, and set its alarm."""
        for what, act in (("named", self._name), ("given its alarm", self._put_alarm)):
            try:
                act()
            except Exception as error:
                self._say(f"The machine {self._instance} could not be {what}: {error}")

    def _name(self) -> None:
        import boto3

        ec2 = boto3.client("ec2", region_name=self._region)
        (reservation,) = ec2.describe_instances(InstanceIds=[self._instance])["Reservations"]
        devices = reservation["Instances"][0].get("BlockDeviceMappings", [])
        volumes = [one["Ebs"]["VolumeId"] for one in devices if "Ebs" in one]
        tag: TagTypeDef = {"Key": "Name", "Value": self._app_name + "Worker"}
        ec2.create_tags(Resources=[self._instance, *volumes], Tags=[tag])

    def _put_alarm(self) -> None:
        import boto3

        boto3.client("cloudwatch", region_name=self._region).put_metric_alarm(
            AlarmName=f"{self._app_name}_{self._instance}",
            AlarmDescription=f"Ends an idle machine of {self._app_name}",
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "InstanceId", "Value": self._instance}],
            Statistic="Average",
            Period=PERIOD_SECONDS,
            EvaluationPeriods=PERIODS,
            Threshold=IDLE_PERCENT,
            ComparisonOperator="LessThanThreshold",
            AlarmActions=[f"arn:{partition(self._region)}:automate:{self._region}:ec2:terminate"],
        )


def partition(region: str) -> str:
    """The partition of an ARN: https://docs.aws.amazon.com/general/latest/gr/aws-arns.html."""
    for beginning, name in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(beginning):
            return name
    return "aws"
