"""What a user would write instead of submitJob: boto3 and a list of messages, nothing checked.

    python -m tests.benchmarks.send one|batches URL NUMBER

``one``: one message a call. ``batches``: ten a call, in 16 threads.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def body(number):
    return json.dumps({"input": "images", "output": "results", "group": {"Metadata": f"W{number:06}"}})


def main():
    how, url, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sqs = boto3.client("sqs", config=Config(max_pool_connections=32, tcp_keepalive=True))
    if how == "one":
        for one in range(number):
            sqs.send_message(QueueUrl=url, MessageBody=body(one))
        return

    def send(first):
        entries = [
            {"Id": str(one), "MessageBody": body(one)} for one in range(first, min(first + 10, number))
        ]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)

    with ThreadPoolExecutor(16) as pool:
        for done in pool.map(send, range(0, number, 10)):
            assert done is None


if __name__ == "__main__":
    main()
