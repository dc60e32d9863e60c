"""The commands of run.py, one module each; listed here so that `--help` imports none of them.

Each module has EXAMPLE, MUST_BE_EDITED (the variables of config.py whose example values it refuses),
``add_arguments(parser)`` and ``run(arguments, context)``. Its work is a separate function that tests, `local`
and other commands call with settings and an Aws.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType

# The commands and their lines in `--help`, in the order in which a user needs them.
COMMANDS = {
    "setup": "make the queue, the cluster, the task definition and the service",
    "submitJob": "send the jobs of a job file to the queue",
    "startCluster": "start the machines of a fleet file; the worker containers begin to take jobs",
    "monitor": "watch the run and end it when all jobs are done",
    "makeJobs": "make a job file of the bucket's files, a table, or plates x wells x sites",
    "check": "find every mistake before it costs money, each with its mend",
    "status": "what the run is doing: jobs, machines, money, failures, troubles",
    "logs": "a job's log, the failed jobs' last lines, the machines' output",
    "failedJobs": "the jobs that failed for good, with their reasons",
    "retryFailed": "send the jobs that failed for good back to the queue",
    "report": "one HTML file about the run: timeline, durations, failures, cost",
    "cancel": "stop the run now; results and logs stay",
    "local": "rehearse a whole run on this computer, without an account",
    "buildImage": "put the worker on top of a tool's Docker image",
    "cleanup": "list what runs have left in the account, and remove it",
    "setupAWS": "once for an account: roles, the unattended monitor, log exports",
    "destroyAWS": "remove from the account what setupAWS made",
}


def load(name: str) -> ModuleType:
    """The module of a command: startCluster -> start_cluster.py."""
    return importlib.import_module("." + re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(), __name__)
