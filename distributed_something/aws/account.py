"""Names and ARNs of the resources that setupAWS creates once for an account."""

from __future__ import annotations

from dataclasses import dataclass

from .session import Aws

# The name of all resources shared by an account; role names add their purpose.
NAME = "DistributedSomething"
INSTANCE = NAME + "Instance"
FLEET = NAME + "Fleet"
TASK = NAME + "Task"
MONITOR = NAME + "Monitor"
SCHEDULER = NAME + "Scheduler"


@dataclass(frozen=True)
class Account:
    """The account part of ARNs. ``partition``: aws, aws-cn or aws-us-gov. ``region`` is config.py's."""

    partition: str
    number: str
    region: str

    @classmethod
    def of(cls, aws: Aws) -> Account:
        """The caller's account."""
        caller = aws.sts.get_caller_identity()
        return cls(caller["Arn"].split(":")[1], caller["Account"], aws.region)

    def arn(self, service: str, resource: str, region: str = "*", number: str | None = None) -> str:
        return (
            f"arn:{self.partition}:{service}:{region}:{self.number if number is None else number}:{resource}"
        )

    def role(self, name: str) -> str:
        return self.arn("iam", f"role/{name}", region="")

    def instance_profile(self, name: str) -> str:
        return self.arn("iam", f"instance-profile/{name}", region="")

    def bucket(self, name: str) -> str:
        return self.arn("s3", name, region="", number="")

    @property
    def function(self) -> str:
        return self.arn("lambda", f"function:{MONITOR}", self.region)

    @property
    def topic(self) -> str:
        return self.arn("sns", NAME, self.region)
