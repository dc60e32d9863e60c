"""The worker's own transfer as a command, to be measured from outside as the peers are.

python -m tests.benchmarks.move upload FOLDER BUCKET
python -m tests.benchmarks.move upload-unasked FOLDER BUCKET    (large files are not asked for)
python -m tests.benchmarks.move download BUCKET FOLDER
"""

import sys
from pathlib import Path

import boto3
from botocore.config import Config

from worker.inputs import Pattern, SourceBucket, sources
from worker.transfer import THREADS, Transfer, result_files


def main():
    what, first, second = sys.argv[1:]
    session = boto3.Session()
    s3 = session.client("s3", config=Config(max_pool_connections=THREADS + 4, tcp_keepalive=True))
    transfer = Transfer(s3, session.get_credentials())
    if what == "upload-unasked":
        transfer.listed = lambda bucket, key: [("", Path(first, Path(key).name).stat().st_size)]
    if what.startswith("upload"):
        transfer.upload(result_files(Path(first).resolve()), second, "moved/", {}, lambda: "")
    else:
        found = sources(SourceBucket(s3, first), [Pattern(("moved/",))])
        transfer.download(first, found, Path(second).resolve(), lambda: "")
    transfer.close()


if __name__ == "__main__":
    main()
