# -*- coding: utf-8 -*-
"""The loop: receives a message, has it attempted, and settles it; ends when the queue is truly empty."""

from __future__ import division, print_function, unicode_literals

from python2worker import outcome
from python2worker.attempt import Attempt
from python2worker.lease import Lease

# The queue must look empty so many long polls in a row: its counts are approximate.
EMPTY_POLLS = 3
LONGEST_DELAY = 120
_LONGEST_PAUSE = 60.0
_GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


class QueueGone(Exception):
    """The queue was deleted: the run has ended."""


class Services(object):
    """What all attempts of a worker share."""

    def __init__(self, settings, s3, transfer, logs, stop, say):
        self.settings, self.s3, self.transfer = settings, s3, transfer
        self.logs, self.stop, self.say = logs, stop, say


class Poller(object):
    """One worker's loop over one queue."""

    def __init__(self, services, sqs, ledger_stream, protection):
        self._services, self._settings = services, services.settings
        self._sqs, self._ledger_stream, self._protection = sqs, ledger_stream, protection

    def run(self):
        """Work until the queue is empty or gone, or until asked to stop. Returns why it ended."""
        stop, empty, errors = self._services.stop, 0, 0
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
                errors = 0
            except QueueGone:
                return "the queue is gone"
            except Exception as error:
                errors += 1
                pause = min(_LONGEST_PAUSE, 2.0 ** min(errors, 10))
                self._services.say("Goes on in {0:.0f} s after: {1}".format(pause, error))
                stop.wait(pause)
        return stop.reason

    def _receive(self):
        answer = self._asked(
            self._sqs.receive_message,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=self._settings.poll_seconds,
            AttributeNames=["ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        return (answer.get("Messages") or [None])[0]

    def _is_empty(self):
        there = self._asked(self._sqs.get_queue_attributes, AttributeNames=_COUNTS)["Attributes"]
        return not any(int(there.get(name, 0)) for name in _COUNTS)

    def _handle(self, message):
        services, settings = self._services, self._settings
        number = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
        receipt = message["ReceiptHandle"]
        with Lease(self._sqs, settings.queue_url, receipt, settings.visibility, services.say) as lease:
            if services.stop.asked:
                lease.give_back()
                return
            record = Attempt(services, lease, message["MessageId"], message["Body"], number).run()
            attributes = message.get("MessageAttributes", {})
            record.retry_of = attributes.get("RETRY_OF", {}).get("StringValue", "")
            if record.outcome == outcome.INTERRUPTED and not lease.lost():
                lease.give_back()  # at once: somebody else can go on with it
            services.say(record.to_json())
            # Before the message goes: no job is gone from the queue and missing in the ledger.
            services.logs.put(settings.ledger_log_group, self._ledger_stream, record.to_json())
            self._settle(message, lease, record)

    def _settle(self, message, lease, record):
        """Delete the message, or see that it is attempted again, or put it where hopeless ones go."""
        if record.outcome in (outcome.SUCCESS, outcome.ALREADY_DONE):
            self._delete(message, lease)
        elif record.outcome == outcome.INTERRUPTED or lease.lost():
            return  # it was given back, or is another worker's by now
        elif record.hopeless and self._settings.dead_letter_queue_url:
            # First there, then away here.
            self._sqs.send_message(
                QueueUrl=self._settings.dead_letter_queue_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            self._delete(message, lease)
        elif record.hopeless:
            lease.give_back()
        else:
            delay = self._settings.retry_delay * 2 ** min(record.attempt - 1, 20)
            lease.give_back(int(min(LONGEST_DELAY, delay)))

    def _delete(self, message, lease):
        lease.end()
        self._asked(self._sqs.delete_message, ReceiptHandle=message["ReceiptHandle"])

    def _asked(self, call, **arguments):
        """Make a call about our queue. Raises QueueGone when there is none any more."""
        try:
            return call(QueueUrl=self._settings.queue_url, **arguments)
        except self._sqs.exceptions.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _GONE:
                raise QueueGone()
            raise
