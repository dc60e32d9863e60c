"""The validated content of config.py: one field per variable, which declares all about it.

loader.py reads the file. The guide's tables (documentation/step_1_config.md) and the container's environment
are made from these fields. Defaults are those of the classic toolkit, so that its config files run unchanged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields

from .run_names import RunNames
from .validators import (
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
from .variable import REQUIRED, Derived, Variable, variable

# Values of the config.py we ship: enough for a rehearsal, but refused before anything is created in AWS.
EXAMPLE_VALUES = {
    "DOCKERHUB_TAG": "user/distributed-something:sometag",
    "SSH_KEY_NAME": "your-key-file.pem",
    "AWS_BUCKET": "your-bucket-name",
}

# SQS hides a message for 12 hours at most, counted from its receipt:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
LONGEST_VISIBILITY = 12 * 3600
# Less the time to stop a tool and to upload its results.
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

# The guide's tables, in its order.
_RUN, _TOOL, _AWS = "The run", "The tool", "AWS"
_MACHINES, _CONTAINERS, _JOBS = "Machines", "Containers", "The queue"
_WATCHING, _DONE = "Monitoring", "Skipping jobs that are done"


@dataclass(frozen=True)
class Settings(RunNames):
    """The settings of a run. Each field is the variable of config.py with its name in capitals."""

    app_name: str = variable(
        _RUN,
        "names the queue, the service, the logs and everything else of this run; two simultaneous"
        " runs need two names",
        text(
            r"[A-Za-z][A-Za-z0-9_-]{0,63}",
            "the app's name begins with a letter and has up to 64 letters, digits, - and _",
        ),
        REQUIRED,
        in_container=True,
    )
    log_group_name: str = variable(
        _RUN,
        "names the log groups in CloudWatch: this one, one ending in `_perInstance` (machines), "
        "and one ending in `_jobs` (one line for each attempt)",
        text(r"[A-Za-z0-9._/#-]{1,480}", "a log group's name has letters, digits and . - _ / #"),
        Derived("APP_NAME", lambda known: known["app_name"]),
        in_container=True,
    )
    dockerhub_tag: str = variable(
        _TOOL,
        "the Docker image with the worker and the tool",
        text(
            r"[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?",
            "write the image as user/name:tag, as for docker pull",
        ),
        REQUIRED,
    )
    command: str = variable(
        _TOOL,
        "the command that runs for each job; may be empty if `tool.py` builds it",
        command,
        "",
        in_container=True,
    )
    input: tuple[str, ...] = variable(
        _TOOL,
        "what to download first: a file, a folder ending in `/`, a pattern with `*`, or a list of these",
        templates,
        (),
        in_container=True,
    )
    output: str = variable(
        _TOOL,
        "the place in the bucket for the content of `{output}`",
        template,
        "results/{job}",
        in_container=True,
    )
    job_name: str = variable(
        _TOOL,
        "names a job's log and results; if empty, the values of its group joined with `-`",
        template,
        "",
        in_container=True,
    )
    tool_python: str = variable(
        _TOOL,
        "the Python in the image that runs `tool.py`: a name such as `python2.7`, or a path; empty for the"
        " worker's own",
        text(
            r"[\w.+-]+|/[^\x00-\x1f\x7f]+",
            "write the name of a Python in the image, for example 'python2.7', or its path from /",
            empty=True,
        ),
        "",
        in_container=True,
    )
    job_timeout: int = variable(
        _TOOL,
        "seconds after which a job counts as hanging and is stopped; 0 for no limit",
        whole(0, LONGEST_JOB, "seconds (0: no limit)"),
        0,
        in_container=True,
    )
    aws_region: str = variable(
        _AWS,
        "the region of machines and queue; best the bucket's region",
        text(r"[a-z]{2,4}(-[a-z]+)+-\d+", "write the region, for example us-east-1"),
        "us-east-1",
        in_container=True,
    )
    aws_profile: str = variable(
        _AWS,
        "the profile in `~/.aws` whose key is used",
        text(r"[^\0\n]+", "write the name of a profile of ~/.aws, or 'default'"),
        "default",
    )
    ssh_key_name: str = variable(
        _AWS, "the key pair for logging into the machines; empty for none", any_text, ""
    )
    aws_bucket: str = variable(
        _AWS,
        "the bucket for data, results, logs and the run's monitor file",
        _BUCKET,
        REQUIRED,
        in_container=True,
    )
    source_bucket: str = variable(
        _AWS,
        "the bucket to read inputs from; see [other people's buckets](other_buckets.md)",
        _BUCKET,
        Derived("AWS_BUCKET", lambda known: known["aws_bucket"]),
        in_container=True,
    )
    destination_bucket: str = variable(
        _AWS,
        "the bucket to write results to",
        _BUCKET,
        Derived("AWS_BUCKET", lambda known: known["aws_bucket"]),
        in_container=True,
    )
    workspace_bucket: str = variable(
        _AWS,
        "a bucket with scripts or pipelines, for a `tool.py` that reads one",
        _BUCKET,
        Derived("SOURCE_BUCKET", lambda known: known["source_bucket"]),
        in_container=True,
    )
    upload_flags: str = variable(
        _AWS,
        "flags of `aws s3 cp` for storing results: `--storage-class STANDARD_IA`, `--acl bucket-"
        "owner-full-control`",
        flags,
        "",
        in_container=True,
    )
    task_role: str = variable(
        _AWS,
        "the IAM role of the containers; empty for the one that `setupAWS` made",
        text(
            r"[\w+=,.@-]{1,64}|arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+",
            "write the name or the ARN of a role for the containers",
            empty=True,
        ),
        "",
    )
    ecs_cluster: str = variable(
        _MACHINES,
        "the ECS cluster that the machines join; runs may share one",
        text(r"[A-Za-z0-9_-]{1,255}", "a cluster's name has letters, digits, - and _"),
        "default",
        in_container=True,
    )
    cluster_machines: int = variable(
        _MACHINES, "the number of machines", whole(1, 10_000, "a number of machines"), 3
    )
    tasks_per_machine: int = variable(
        _MACHINES, "the number of containers on each machine", whole(1, 120, "a number of containers"), 1
    )
    machine_type: tuple[str, ...] = variable(
        _MACHINES,
        "the instance types that AWS may choose from; with more types, machines are easier to get",
        machine_types,
        ("m5.xlarge",),
    )
    machine_price: float = variable(
        _MACHINES,
        "the most that you are willing to pay for one machine, in dollars an hour; you pay the "
        "spot price, which is lower",
        dollars,
        0.20,
    )
    ebs_vol_size: int = variable(
        _MACHINES,
        "disk of each machine in GB; at least 22, and 30 with today's images",
        whole(22, 16_384, "GB"),
        30,
    )
    assign_ip: bool = variable(
        _MACHINES,
        '`"True"` gives each machine a public address; without one, machines need a NAT gateway. '
        'The config.py that comes with the toolkit says `"True"`',
        boolean,
        False,
    )
    download_files: bool = variable(
        _MACHINES,
        '`"False"` mounts the bucket as a folder instead of downloading inputs',
        boolean,
        True,
        in_container=True,
    )
    docker_cores: int = variable(
        _CONTAINERS,
        "the number of jobs that a container runs side by side",
        whole(1, 1024, "a number of copies of the tool"),
        4,
        in_container=True,
    )
    cpu_shares: int = variable(
        _CONTAINERS,
        "CPU units of a container; 1024 is one core",
        whole(2, 1_048_576, "CPU units (1024 for a core)"),
        Derived("DOCKER_CORES * 1024", lambda known: known["docker_cores"] * 1024),
    )
    memory: int = variable(
        _CONTAINERS,
        "memory of a container in MB; see [memory and disk](sizing.md)",
        whole(6, 33_554_432, "MB"),
        15_000,
    )
    seconds_to_start: int = variable(
        _CONTAINERS,
        "seconds between the starts of the copies, so that they do not all download at once",
        whole(0, 86_400, "seconds"),
        180,
        in_container=True,
    )
    sqs_queue_name: str = variable(
        _JOBS,
        "the name of the queue",
        _QUEUE,
        Derived('APP_NAME + "Queue"', lambda known: known["app_name"] + "Queue"),
    )
    sqs_message_visibility: int = variable(
        _JOBS,
        "seconds until the job of a dead machine goes to another one; a longer job keeps itself hidden",
        whole(5, LONGEST_VISIBILITY, "seconds"),
        60,
        in_container=True,
    )
    sqs_dead_letter_queue: str = variable(
        _JOBS,
        "the queue for failed jobs; several runs may share it",
        _DEAD_LETTER_QUEUE,
        "user_DeadMessages",
    )
    job_retries: int = variable(
        _JOBS,
        "the number of attempts before a job counts as failed",
        whole(1, 1000, "a number of attempts"),
        10,
        in_container=True,
    )
    auto_monitor: bool = variable(
        _WATCHING,
        "AWS watches the run and ends it, even while your computer is off; needs `setupAWS`",
        boolean,
        True,
    )
    create_dashboard: bool = variable(_WATCHING, "creates a CloudWatch dashboard for the run", boolean, True)
    clean_dashboard: bool = variable(_WATCHING, "removes the dashboard at the end", boolean, True)
    notify_email: str = variable(
        _WATCHING,
        "the address that receives an e-mail when the run ends; needs `setupAWS`",
        text(r"[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+", "write one e-mail address, or ''", empty=True),
        "",
    )
    check_if_done_bool: bool = variable(
        _DONE,
        '`"True"` skips a job whose results exist, and counts a job as done only if they do',
        boolean,
        False,
        in_container=True,
    )
    expected_number_files: int = variable(
        _DONE,
        "the number of files that a job leaves; if this number is too small, a job whose upload "
        "was interrupted counts as done",
        whole(0, 1_000_000_000, "a number of files"),
        7,
        in_container=True,
    )
    min_file_size_bytes: int = variable(
        _DONE, "the minimum size of each file", whole(0, 5 * 1024**4, "bytes"), 1, in_container=True
    )
    necessary_string: str = variable(
        _DONE, "text that each file name must contain", any_text, "", in_container=True
    )
    environment: dict[str, str] = field(default_factory=dict)
    """Every other UPPER_CASE variable: the tool's own, passed into its container."""

    @property
    def desired_tasks(self) -> int:
        return self.cluster_machines * self.tasks_per_machine

    def container_environment(self) -> dict[str, str]:
        """The variables that a container gets: the worker's, and the tool's own."""
        ours = {
            name.upper(): _as_text(getattr(self, name))
            for name, declared in VARIABLES.items()
            if declared.in_container
        }
        return {**self.environment, **ours}

    def unedited(self) -> list[str]:
        """The variables that still have the example's value."""
        return [name for name, example in EXAMPLE_VALUES.items() if getattr(self, name.lower()) == example]


VARIABLES: dict[str, Variable] = {
    one.name: one.metadata["variable"] for one in fields(Settings) if "variable" in one.metadata
}
"""{field of Settings: what is declared of the variable}, in the guide's order."""


def _as_text(value: object) -> str:
    """The value as an environment variable: a list as JSON, an empty one as ''."""
    if isinstance(value, tuple):
        return json.dumps(list(value)) if value else ""
    return str(value)
