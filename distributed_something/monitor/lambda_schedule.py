"""The schedule that calls the unattended monitor for a run, every minute."""

from __future__ import annotations

from ..aws import account, lambda_function, scheduler, sns_topic
from ..aws.account import Account
from ..aws.session import Aws, error_code, is_denied
from ..config.settings import Settings
from ..run.monitor_file import MonitorFile

# SQS keeps a message for 14 days, so no run has anything to do after that.
LONGEST_RUN_SECONDS = 15 * 24 * 3600


def is_set_up(aws: Aws) -> bool:
    """Whether setupAWS has created the function in this region."""
    try:
        return lambda_function.find(aws, account.MONITOR) is not None
    except aws.functions.exceptions.ClientError as error:
        if is_denied(error):
            return False
        raise


def start_schedule(aws: Aws, run: MonitorFile, cheapest: bool) -> None:
    """Have the run watched, and ended when it is done."""
    where = Account.of(aws)
    event = {
        "bucket": run.bucket_name,
        "key": run.monitor_file_key,
        "schedule": run.app_name,
        "cheapest": cheapest,
    }
    scheduler.put(
        aws,
        account.NAME,
        run.app_name,
        where.function,
        where.role(account.SCHEDULER),
        event,
        run.start_time + LONGEST_RUN_SECONDS,
    )


def delete_schedule(aws: Aws, run: MonitorFile) -> bool:
    """Stop watching the run. Returns False if it was not watched."""
    return scheduler.delete(aws, account.NAME, run.app_name)


def email_problem(aws: Aws, settings: Settings) -> str:
    """Why no e-mail would reach NOTIFY_EMAIL; '' if it will, or if none is wanted."""
    address = settings.notify_email
    if not address:
        return ""
    try:
        stands = sns_topic.subscription(aws, Account.of(aws).topic, address)
    except aws.sns.exceptions.ClientError as error:
        if not is_denied(error) and error_code(error) not in sns_topic.GONE:
            raise
        stands = ""
    if stands == "confirmed":
        return ""
    if stands == "unconfirmed":
        return f"NOTIFY_EMAIL {address} is not confirmed yet: follow the link in the mail that AWS has sent"
    return f"NOTIFY_EMAIL {address} gets no mail yet: run setupAWS once with it in config.py"
