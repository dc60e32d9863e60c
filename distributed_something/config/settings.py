"""The validated content of config.py, and every name in AWS that is derived from it.

loader.py reads the file; the rules of each variable stand here, in one table: the fields of Settings.
Defaults are those of the classic toolkit, so that its config files run unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .validators import (
    Kind,
    any_text,
    boolean,
    command,
    dollars,
    flags,
    machine_types,
    template,
    templates,
    text,
    whole,
)

REQUIRED = object()

# Values of the config.py we ship: good enough for a rehearsal, refused before anything real is made.
EXAMPLE_VALUES = {
    "DOCKERHUB_TAG": "user/distributed-something:sometag",
    "SSH_KEY_NAME": "your-key-file.pem",
    "AWS_BUCKET": "your-bucket-name",
}

# SQS hides a message for 12 hours at most, counted from its receipt:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
LONGEST_VISIBILITY = 12 * 3600
# What is left of them after the time to stop a tool and to put its results away.
LONGEST_JOB = LONGEST_VISIBILITY - 600

_BUCKET = text(
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens",
)
_QUEUE_RULE = "a queue's name has 1 to 80 letters, digits, hyphens and underscores"
_QUEUE = text(r"[A-Za-z0-9_-]{1,80}", _QUEUE_RULE)
_DEAD_LETTER_QUEUE = text(
    r"[A-Za-z0-9_-]{1,80}|arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}",
    _QUEUE_RULE + "; the ARN of a queue will do as well",
)


def variable(kind: Kind, default: Any) -> Any:
    """A field of Settings: how to read it, and its default (a function takes the settings so far)."""
    return field(metadata={"kind": kind, "default": default})


@dataclass(frozen=True)
class Settings:
    """One run's settings. Each field is the variable of config.py that has its name in capitals."""

    app_name: str = variable(
        text(
            r"[A-Za-z][A-Za-z0-9_-]{0,63}",
            "the app's name begins with a letter and has up to 64 letters, digits, - and _",
        ),
        REQUIRED,
    )
    log_group_name: str = variable(
        text(
            r"[A-Za-z0-9._/#-]{1,480}",
            "a log group's name has letters, digits and . - _ / #",
        ),
        lambda known: known["app_name"],
    )
    dockerhub_tag: str = variable(
        text(
            r"[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?",
            "write the image as user/name:tag, as for docker pull",
        ),
        REQUIRED,
    )
    aws_region: str = variable(
        text(r"[a-z]{2,4}(-[a-z]+)+-\d+", "write the region, for example us-east-1"),
        "us-east-1",
    )
    aws_profile: str = variable(
        text(r"[^\0\n]+", "write the name of a profile of ~/.aws, or 'default'"), "default"
    )
    ssh_key_name: str = variable(any_text, "")
    aws_bucket: str = variable(_BUCKET, REQUIRED)
    source_bucket: str = variable(_BUCKET, lambda known: known["aws_bucket"])
    destination_bucket: str = variable(_BUCKET, lambda known: known["aws_bucket"])
    workspace_bucket: str = variable(_BUCKET, lambda known: known["source_bucket"])
    upload_flags: str = variable(flags, "")
    ecs_cluster: str = variable(
        text(r"[A-Za-z0-9_-]{1,255}", "a cluster's name has letters, digits, - and _"), "default"
    )
    cluster_machines: int = variable(whole(1, 10_000, "a number of machines"), 3)
    tasks_per_machine: int = variable(whole(1, 120, "a number of containers"), 1)
    machine_type: tuple[str, ...] = variable(machine_types, ("m5.xlarge",))
    machine_price: float = variable(dollars, 0.20)
    ebs_vol_size: int = variable(whole(22, 16_384, "GB"), 30)
    assign_ip: bool = variable(boolean, False)
    download_files: bool = variable(boolean, True)
    docker_cores: int = variable(whole(1, 1024, "a number of copies of the tool"), 4)
    cpu_shares: int = variable(
        whole(2, 1_048_576, "CPU units (1024 for a core)"),
        lambda known: known["docker_cores"] * 1024,
    )
    memory: int = variable(whole(6, 33_554_432, "MB"), 15_000)
    seconds_to_start: int = variable(whole(0, 86_400, "seconds"), 180)
    sqs_queue_name: str = variable(_QUEUE, lambda known: known["app_name"] + "Queue")
    sqs_message_visibility: int = variable(whole(5, LONGEST_VISIBILITY, "seconds"), 60)
    sqs_dead_letter_queue: str = variable(_DEAD_LETTER_QUEUE, "user_DeadMessages")
    job_retries: int = variable(whole(1, 1000, "a number of attempts"), 10)
    auto_monitor: bool = variable(boolean, True)
    create_dashboard: bool = variable(boolean, True)
    clean_dashboard: bool = variable(boolean, True)
    notify_email: str = variable(
        text(r"[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+", "write one e-mail address, or ''", empty=True), ""
    )
    check_if_done_bool: bool = variable(boolean, False)
    expected_number_files: int = variable(whole(0, 1_000_000_000, "a number of files"), 7)
    min_file_size_bytes: int = variable(whole(0, 5 * 1024**4, "bytes"), 1)
    necessary_string: str = variable(any_text, "")
    command: str = variable(command, "")
    input: tuple[str, ...] = variable(templates, ())
    output: str = variable(template, "results/{job}")
    job_name: str = variable(template, "")
    job_timeout: int = variable(whole(0, LONGEST_JOB, "seconds (0: no limit)"), 0)
    task_role: str = variable(
        text(
            r"[\w+=,.@-]{1,64}|arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+",
            "write the name or the ARN of a role for the containers",
            empty=True,
        ),
        "",
    )
    environment: dict[str, str] = field(default_factory=dict)
    """Every other UPPER_CASE variable: the tool's own, passed into its container."""

    @property
    def task_family(self) -> str:
        return self.app_name + "Task"

    @property
    def service_name(self) -> str:
        return self.app_name + "Service"

    @property
    def instance_log_group(self) -> str:
        """Container output and the machines' health."""
        return self.log_group_name + "_perInstance"

    @property
    def ledger_log_group(self) -> str:
        """One line for each attempt of a job."""
        return self.log_group_name + "_jobs"

    @property
    def log_groups(self) -> list[str]:
        return [self.log_group_name, self.instance_log_group, self.ledger_log_group]

    @property
    def desired_tasks(self) -> int:
        return self.cluster_machines * self.tasks_per_machine

    def unedited(self) -> list[str]:
        """The variables that still hold the example's value."""
        return [name for name, example in EXAMPLE_VALUES.items() if getattr(self, name.lower()) == example]
