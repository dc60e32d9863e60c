"""The names in AWS, in the bucket and on this computer that follow from APP_NAME and LOG_GROUP_NAME.

contracts.md), so they do not change./contracts.md), so they do not change.
"""

from __future__ import annotations

# The suffixes of the log groups other than LOG_GROUP_NAME.
INSTANCE_LOG_SUFFIX = "_perInstance"
LEDGER_LOG_SUFFIX = "_jobs"
_MONITOR_FILE_SUFFIX = "SpotFleetRequestId.json"


class RunNames:
    """The names shared by Settings and MonitorFile, which follow from the two fields below."""

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
        """For container output and the machines' health."""
        return self.log_group_name + INSTANCE_LOG_SUFFIX

    @property
    def ledger_log_group(self) -> str:
        """For one line per attempt of a job."""
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
    """The key of the monitor file's copy in the bucket."""
    return "monitors/" + monitor_file_name(app_name)


def state_key(app_name: str) -> str:
    """The key of the unattended monitor's state between calls."""
    return f"monitors/{app_name}MonitorMemory.json"


def app_name_of(key: str) -> str:
    """The app whose monitor file has this path or key; '' for anything else."""
    name = key.rsplit("/", 1)[-1]
    return name[: -len(_MONITOR_FILE_SUFFIX)] if name.endswith(_MONITOR_FILE_SUFFIX) else ""
