"""The emulated SQS under many hands: no message comes back after its deletion, and none is lost."""

import threading

from tests.functional.conftest import client

WORKERS, MESSAGES = 12, 600


def test_a_message_that_is_deleted_is_gone_and_no_other_is(moto, unique):
    sqs = client(moto, "sqs")
    url = sqs.create_queue(QueueName=unique, Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    done, lock = [], threading.Lock()

    def send(beginning):
        for at in range(beginning, MESSAGES, WORKERS):
            sqs.send_message(QueueUrl=url, MessageBody=str(at))

    def work(ended):
        while True:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", [])
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                with lock:
                    done.append(message["Body"])
            if not found and ended.is_set():
                return

    ended = threading.Event()
    senders = [threading.Thread(target=send, args=(at,)) for at in range(WORKERS)]
    workers = [threading.Thread(target=work, args=(ended,)) for _ in range(WORKERS)]
    for thread in senders + workers:
        thread.start()
    for thread in senders:
        thread.join()
    ended.set()
    for thread in workers:
        thread.join()
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert sorted(done, key=int) == [str(at) for at in range(MESSAGES)]
    assert counts["ApproximateNumberOfMessages"] == "0"
    assert counts["ApproximateNumberOfMessagesNotVisible"] == "0"
