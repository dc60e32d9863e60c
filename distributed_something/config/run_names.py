"""The names in AWS, in the bucket and on this computer that follow from APP_NAME and LOG_GROUP_NAME.

Users and queues hold them (documentation/contracts.md), so they do not change.
"""

from __future__ import annotations

# The suffixes of the log groups beside LOG_GROUP_NAME.
INSTANCE_LOG_SUFFIX = "_perInstance"
LEDGER_LOG_SUFFIX = "_jobs"
_MONITOR_FILE_SUFFIX = "SpotFleetRequestId.json"


class RunNames:
    """What Settings and MonitorFile have in common: both know the two names that all others follow from."""

    app_name: str
    log_group_name: str

    @property
    def task_family(self) -> str:
        return self.app_name + "Task"

    @property
    def service_name(self) -> str:
        return self.app_name + "Service"

    @property
    def instance_log_group(self) -> str:
        """Container output and the machines' health."""
        return self.log_group_name + INSTANCE_LOG_SUFFIX

    @property
    def ledger_log_group(self) -> str:
        """One line for each attempt of a job."""
        return self.log_group_name + LEDGER_LOG_SUFFIX

    @property
    def log_groups(self) -> list[str]:
        return [self.log_group_name, self.instance_log_group, self.ledger_log_group]

    @property
    def monitor_file_name(self) -> str:
        return monitor_file_name(self.app_name)

    @property
    def monitor_file_key(self) -> str:
        return monitor_file_key(self.app_name)

    @property
    def state_key(self) -> str:
        return state_key(self.app_name)


def monitor_file_name(app_name: str) -> str:
    return app_name + _MONITOR_FILE_SUFFIX


def monitor_file_key(app_name: str) -> str:
    """Where the bucket has a copy of the app's monitor file."""
    return "monitors/" + monitor_file_name(app_name)


def state_key(app_name: str) -> str:
    """Where the unattended monitor keeps its state between two calls."""
    return f"monitors/{app_name}MonitorMemory.json"


def app_name_of(key: str) -> str:
    """The app whose monitor file this path or key names; '' for anything else."""
    name = key.rsplit("/", 1)[-1]
    return name[: -len(_MONITOR_FILE_SUFFIX)] if name.endswith(_MONITOR_FILE_SUFFIX) else ""
