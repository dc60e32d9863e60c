# -*- coding: utf-8 -*-
"""The worker's settings, from the environment that the task definition gives the container."""

from __future__ import division, print_function, unicode_literals

import json
import os
import shlex
import socket

_FLAGS = {
    "--acl": "ACL",
    "--storage-class": "StorageClass",
    "--sse": "ServerSideEncryption",
    "--sse-kms-key-id": "SSEKMSKeyId",
    "--content-type": "ContentType",
    "--cache-control": "CacheControl",
    "--request-payer": "RequestPayer",
}
# Flags that may stand without a value, and what that means to `aws s3 cp`.
_ALONE = {"--sse": "AES256", "--request-payer": "requester"}


class SettingsProblem(Exception):
    """A variable is missing or wrong, as a sentence."""


class Settings(object):
    """The variables of config.py that a worker needs. Times in seconds."""

    def __init__(self, variables):
        """Read and check ``variables``. Raises SettingsProblem."""
        self._variables = variables
        self.app_name = self._text("APP_NAME")
        self.region = self._text("AWS_REGION")
        self.endpoint_url = variables.get("AWS_ENDPOINT_URL")
        self.queue_url = self._text("SQS_QUEUE_URL")
        self.dead_letter_queue_url = self._text("SQS_DEAD_LETTER_QUEUE_URL", "")
        bucket = self._text("AWS_BUCKET")
        self.source_bucket = self._text("SOURCE_BUCKET", bucket)
        self.destination_bucket = self._text("DESTINATION_BUCKET", bucket)
        self.log_group = self._text("LOG_GROUP_NAME")
        self.ledger_log_group = self.log_group + "_jobs"
        self.visibility = self._whole("SQS_MESSAGE_VISIBILITY", 60)
        self.cores = self._whole("DOCKER_CORES", 1)
        self.check_if_done = self._yes("CHECK_IF_DONE_BOOL", "False")
        self.expected_number_files = self._whole("EXPECTED_NUMBER_FILES", 7)
        self.min_file_size = self._whole("MIN_FILE_SIZE_BYTES", 1)
        self.necessary_string = self._text("NECESSARY_STRING", "")
        self.command = self._text("COMMAND", "")
        self.output = self._text("OUTPUT", "results/{job}")
        self.job_name = self._text("JOB_NAME", "")
        self.job_timeout = self._whole("JOB_TIMEOUT", 0)
        self.download_files = self._yes("DOWNLOAD_FILES", "True")
        self.poll_seconds = self._whole("POLL_SECONDS", 20)
        self.work_folder = self._text("WORK_FOLDER", "/home/ubuntu")
        self.bucket_folder = os.path.join(self.work_folder, "bucket")
        self.instance = self._text("INSTANCE_ID", socket.gethostname())
        try:
            given = self._text("INPUT", "")
            self.inputs = json.loads(given) if given.startswith("[") else [given] * bool(given)
            self.upload_args = extra_args(self._text("UPLOAD_FLAGS", ""))
            self.retry_delay = float(self._text("RETRY_DELAY", "10"))
        except ValueError as error:
            raise SettingsProblem("INPUT, UPLOAD_FLAGS or RETRY_DELAY {0}".format(error))

    def _text(self, name, default=None):
        value = self._variables.get(name, default)
        if value is None:
            raise SettingsProblem(name + " is not set; the task definition of `run.py setup` sets it")
        return value.decode("utf-8") if isinstance(value, bytes) else value

    def _whole(self, name, default):
        value = self._text(name, "")
        try:
            return int(value or default)
        except ValueError:
            raise SettingsProblem("{0} = '{1}' is no whole number".format(name, value))

    def _yes(self, name, default):
        return self._text(name, default).strip().lower() == "true"


def extra_args(flags):
    """UPLOAD_FLAGS -> boto3's ExtraArgs. Raises ValueError."""
    words = split_words(flags)
    found = {}
    while words:
        flag, equals, value = words.pop(0).partition("=")
        if flag not in _FLAGS:
            raise ValueError("has '{0}', which is not known".format(flag))
        if not equals:
            value = words.pop(0) if words and not words[0].startswith("--") else _ALONE.get(flag, "")
        if not value:
            raise ValueError("has {0} without its value".format(flag))
        found[_FLAGS[flag]] = value
    return found


def split_words(text):
    """shlex.split, which in Python 2 takes bytes only."""
    return [word.decode("utf-8") for word in shlex.split(text.encode("utf-8"))]
