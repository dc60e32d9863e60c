# -*- coding: utf-8 -*-
"""How an attempt ended, and the line that the ledger keeps of it."""

from __future__ import division, print_function, unicode_literals

import json
from datetime import datetime

SUCCESS = "SUCCESS"
ALREADY_DONE = "ALREADY_DONE"
TOOL_FAILED = "TOOL_FAILED"
TIMEOUT = "TIMEOUT"
INPUT_PROBLEM = "INPUT_PROBLEM"
OUTPUT_PROBLEM = "OUTPUT_PROBLEM"
INTERRUPTED = "INTERRUPTED"


class JobProblem(Exception):
    """Ends an attempt without success. ``hopeless``: no further attempt can end better."""

    def __init__(self, outcome, reason, exit_code=None, hopeless=False):
        Exception.__init__(self, reason)
        self.outcome, self.reason = outcome, reason
        self.exit_code, self.hopeless = exit_code, hopeless


# What is longer is in the job's log as a whole; a line of the ledger must stay one.
LONGEST_REASON = 2000


class Record(object):
    """One attempt of one job, as the ledger keeps it. Times in seconds since 1970, sizes in bytes."""

    def __init__(self, message_id, attempt, instance, start):
        self.job = self.message_id = message_id
        self.retry_of = ""
        self.attempt, self.instance = attempt, instance
        self.start = self.end = start
        self.outcome, self.reason = "", ""
        self.exit_code, self.hopeless = None, False
        self.seconds = {}
        self.download_bytes = self.upload_bytes = self.files = 0

    def to_json(self):
        """The ledger's line."""
        line = dict((name, getattr(self, name)) for name in _PLAIN)
        line["reason"] = self.reason[:LONGEST_REASON]
        line.update(start=_iso(self.start), end=_iso(self.end))
        for stage in ("download", "tool", "upload"):
            line[stage + "_seconds"] = round(self.seconds.get(stage, 0.0), 3)
        return json.dumps(line)


_PLAIN = (
    "job",
    "attempt",
    "outcome",
    "exit_code",
    "download_bytes",
    "upload_bytes",
    "files",
    "instance",
    "message_id",
    "retry_of",
    "reason",
)


def _iso(seconds):
    moment = datetime.utcfromtimestamp(seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "{0:03d}Z".format(moment.microsecond // 1000)
