"""The least that a worker could be: receive, run, put, delete, until the queue is empty.

python -m tests.benchmarks.bare_worker URL BUCKET
"""

import json
import subprocess
import sys

import boto3


def main():
    url, bucket = sys.argv[1:]
    sqs, s3 = boto3.client("sqs"), boto3.client("s3")
    while True:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1)
        if not answer.get("Messages"):
            return
        (message,) = answer["Messages"]
        name = json.loads(message["Body"])["group"]["n"]
        done = subprocess.run(["sh", "-c", f"echo {name}"], check=True, stdout=subprocess.PIPE)
        s3.put_object(Bucket=bucket, Key=f"results/{name}/n.txt", Body=done.stdout)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main()
