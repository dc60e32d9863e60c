"""The worker's settings, read from the environment that the task definition gives the container."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from typing import Mapping

from worker.protocol import upload_flags


class EnvironmentProblem(Exception):
    """A variable is missing or wrong, as a sentence."""


@dataclass(frozen=True)
class Environment:
    """The variables of config.py that a worker needs. Times in seconds.

    ``poll_seconds``: length of a long poll. ``retry_delay``: pause after a first failure, doubled with
    each further one. ``work_folder`` holds the folders of the running job and the mounted bucket.
    ``tool_file``: a tool.py in place of the image's own; '' for none. ``tool_python``: the Python that runs
    its functions; '' for the worker's own.
    """

    app_name: str
    region: str
    queue_url: str
    dead_letter_queue_url: str
    source_bucket: str
    destination_bucket: str
    log_group: str
    visibility: int
    cores: int
    check_if_done: bool
    expected_number_files: int
    min_file_size: int
    necessary_string: str
    command: str
    inputs: tuple[str, ...]
    output: str
    job_name: str
    job_timeout: int
    tool_file: str
    tool_python: str
    download_files: bool
    upload_args: Mapping[str, str]
    poll_seconds: int
    retry_delay: float
    work_folder: str
    instance: str

    @property
    def ledger_log_group(self) -> str:
        return self.log_group + "_jobs"

    @property
    def bucket_folder(self) -> str:
        """Where the bucket is mounted when DOWNLOAD_FILES is 'False'."""
        return os.path.join(self.work_folder, "bucket")


def read(variables: Mapping[str, str]) -> Environment:
    """Read and check the environment. Raises EnvironmentProblem."""

    def text(name: str, default: str | None = None) -> str:
        value = variables.get(name, default)
        if value is None:
            raise EnvironmentProblem(f"{name} is not set; the task definition of `run.py setup` sets it")
        return value

    def whole(name: str, default: int) -> int:
        try:
            return int(variables.get(name) or default)
        except ValueError:
            raise EnvironmentProblem(f"{name} = {variables[name]!r} is no whole number") from None

    def yes(name: str, default: str) -> bool:
        return variables.get(name, default).strip().lower() == "true"

    bucket = text("AWS_BUCKET")
    try:
        given = variables.get("INPUT", "")
        inputs = tuple(json.loads(given)) if given.startswith("[") else (given,) * bool(given)
        upload_args = upload_flags.extra_args(variables.get("UPLOAD_FLAGS", ""))
        retry_delay = float(variables.get("RETRY_DELAY", "10"))
    except ValueError as error:
        raise EnvironmentProblem(f"INPUT, UPLOAD_FLAGS or RETRY_DELAY {error}") from None
    return Environment(
        app_name=text("APP_NAME"),
        region=text("AWS_REGION"),
        queue_url=text("SQS_QUEUE_URL"),
        dead_letter_queue_url=text("SQS_DEAD_LETTER_QUEUE_URL", ""),
        source_bucket=text("SOURCE_BUCKET", bucket),
        destination_bucket=text("DESTINATION_BUCKET", bucket),
        log_group=text("LOG_GROUP_NAME"),
        visibility=whole("SQS_MESSAGE_VISIBILITY", 60),
        cores=whole("DOCKER_CORES", 1),
        check_if_done=yes("CHECK_IF_DONE_BOOL", "False"),
        expected_number_files=whole("EXPECTED_NUMBER_FILES", 7),
        min_file_size=whole("MIN_FILE_SIZE_BYTES", 1),
        necessary_string=text("NECESSARY_STRING", ""),
        command=text("COMMAND", ""),
        inputs=inputs,
        output=text("OUTPUT", "results/{job}"),
        job_name=text("JOB_NAME", ""),
        job_timeout=whole("JOB_TIMEOUT", 0),
        tool_file=text("TOOL_FILE", ""),
        tool_python=text("TOOL_PYTHON", ""),
        download_files=yes("DOWNLOAD_FILES", "True"),
        upload_args=upload_args,
        poll_seconds=whole("POLL_SECONDS", 20),
        retry_delay=retry_delay,
        work_folder=text("WORK_FOLDER", "/home/ubuntu"),
        instance=text("INSTANCE_ID", socket.gethostname()),
    )
