"""The loop: receives a message, runs an attempt, acknowledges it; ends when the queue is really empty.

No message and no AWS error ends the loop.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Callable, TypeVar

from worker import attempt_record
from worker.acknowledger import Acknowledger
from worker.attempt import Attempt, Services
from worker.attempt_record import AttemptRecord
from worker.aws.error_codes import QUEUE_GONE, sqs_error
from worker.aws.task_protection import TaskProtection
from worker.visibility import MessageVisibility

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

    from worker.aws.fast_client import FastCalls

# Empty long polls in a row before the queue counts as empty, since its counts are approximate.
EMPTY_POLLS = 3
# The longest pause before a failed job is retried, and before AWS is called again after an error.
LONGEST_DELAY = 120
_LONGEST_PAUSE = 60.0
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


Answer = TypeVar("Answer")


class QueueGone(Exception):
    """The queue was deleted: the run has ended."""


class Poller:
    """One worker's loop over one queue. ``receiving``: a client with a timeout longer than a long poll."""

    def __init__(
        self,
        services: Services,
        sqs: SQSClient | FastCalls,
        receiving: SQSClient | FastCalls,
        protection: TaskProtection,
        acknowledger: Acknowledger,
    ) -> None:
        self._services = services
        self._environment = services.environment
        self._sqs = sqs
        self._receiving = receiving
        self._protection = protection
        self._acknowledger = acknowledger
        self._errors = 0

    def run(self) -> str:
        """Run until the queue is empty or deleted, or until asked to stop. Returns why it ended."""
        stop, empty = self._services.stop, 0
        while not stop.asked:
            try:
                message = self._receive()
                if message is None:
                    self._protection.idle()
                    empty = empty + 1 if not stop.asked and self._is_empty() else 0
                    if empty >= EMPTY_POLLS:
                        return "the queue is empty"
                else:
                    empty = 0
                    self._protection.working()
                    self._handle(message)
                self._errors = 0
            except QueueGone:
                return "the queue is gone"
            except Exception as error:
                self._errors += 1
                pause = min(_LONGEST_PAUSE, 2.0 ** min(self._errors, 10))
                self._services.say(f"Goes on in {pause:.0f} s after: {error}")
                stop.wait(pause)
        return stop.reason

    def _receive(self) -> MessageTypeDef | None:
        """The next message, or None after a long poll without one."""
        answer = self._asked(
            self._receiving.receive_message,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=self._environment.poll_seconds,
            AttributeNames=["ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        return next(iter(answer.get("Messages", [])), None)

    def _is_empty(self) -> bool:
        there = self._asked(self._sqs.get_queue_attributes, AttributeNames=list(_COUNTS))["Attributes"]
        return not any(int(there.get(name, 0)) for name in _COUNTS)

    def _handle(self, message: MessageTypeDef) -> None:
        number = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
        services, environment = self._services, self._environment
        visibility = MessageVisibility(
            self._sqs,
            environment.queue_url,
            message["ReceiptHandle"],
            environment.visibility,
            services.say,
        )
        if services.stop.asked:
            visibility.give_back()
            return
        visibility.start()
        attempt = Attempt(services, visibility, message["MessageId"], message["Body"], number)
        attempt.record.retry_of = _attribute(message, "RETRY_OF")
        record = attempt.run()
        if record.outcome == attempt_record.INTERRUPTED and not visibility.lost():
            visibility.give_back()  # at once: somebody else can go on with it
        services.say(record.to_json())
        self._acknowledger.ended(record.to_json(), lambda: self._acknowledge(message, visibility, record))

    def _acknowledge(
        self, message: MessageTypeDef, visibility: MessageVisibility, record: AttemptRecord
    ) -> None:
        """Delete the message, have it attempted again, or move a hopeless one to the dead-letter queue."""
        try:
            if record.outcome in (attempt_record.SUCCESS, attempt_record.ALREADY_DONE):
                self._delete(message, visibility)
            elif record.outcome == attempt_record.INTERRUPTED or visibility.lost():
                pass  # it was given back, or is another worker's by now
            elif record.hopeless:
                self._put_aside(message, visibility)
            else:
                visibility.give_back(retry_delay(self._environment.retry_delay, record.attempt))
        finally:
            visibility.close()

    def _put_aside(self, message: MessageTypeDef, visibility: MessageVisibility) -> None:
        """Move the message to the dead-letter queue: sent there first, then deleted here."""
        dead_letters = self._environment.dead_letter_queue_url
        if not dead_letters:
            visibility.give_back()  # SQS moves it there after JOB_RETRIES receipts
            return
        self._sqs.send_message(
            QueueUrl=dead_letters,
            MessageBody=message["Body"],
            MessageAttributes=message.get("MessageAttributes", {}),  # whose it is: the queue is shared
        )
        self._delete(message, visibility)

    def _delete(self, message: MessageTypeDef, visibility: MessageVisibility) -> None:
        visibility.end()
        with suppress(QueueGone):  # and with it the message
            self._asked(self._sqs.delete_message, ReceiptHandle=message["ReceiptHandle"])

    def _asked(self, call: Callable[..., Answer], **arguments: object) -> Answer:
        """Make a call to our queue. Raises QueueGone if it was deleted."""
        try:
            return call(QueueUrl=self._environment.queue_url, **arguments)
        except self._sqs.exceptions.ClientError as error:
            if sqs_error(error) == QUEUE_GONE:
                raise QueueGone from None
            raise


def _attribute(message: MessageTypeDef, name: str) -> str:
    """A message attribute set by retryFailed; '' if it is missing."""
    attribute = message.get("MessageAttributes", {}).get(name)
    return attribute.get("StringValue", "") if attribute else ""


def retry_delay(first: float, attempt: int) -> int:
    """Seconds until a failed job is retried: doubled with each attempt, up to two minutes."""
    return int(min(LONGEST_DELAY, first * 2 ** min(attempt - 1, 20)))
