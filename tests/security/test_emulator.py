"""What a rehearsal opens on this computer answers to the rehearsal alone, and is gone with it."""

import os
import re
import socket
import stat
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from distributed_something.commands.local import emulated_aws
from distributed_something.local.ecs_agent import EcsAgent
from distributed_something.local.emulator import Emulator
from tests.end_to_end.conftest import CHECKOUT, processes
from tests.waiting import wait_until

KEY = "the-rehearsal-s-own-key"


@pytest.fixture(scope="module")
def secret():
    """An emulated AWS as `local` starts it: with a key that only the rehearsal knows."""
    with Emulator(KEY) as server:
        yield server


def listening(process_id=None):
    """The addresses at which this computer (or one process of it) takes TCP connections, with their ports."""
    inodes = None
    if process_id is not None:
        links = (os.readlink(entry.path) for entry in os.scandir(f"/proc/{process_id}/fd"))
        inodes = {found.group(1) for found in map(re.compile(r"socket:\[(\d+)\]").match, links) if found}
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and (inodes is None or fields[9] in inodes):
                address, port = fields[1].split(":")
                data = bytes.fromhex(address)
                family = socket.AF_INET if len(data) == 4 else socket.AF_INET6
                words = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
                found.add((socket.inet_ntop(family, words), int(port, 16)))
    return found


def ask(server, method="GET", path="/", body=None, **headers):
    """(status, headers) of a request as any program or web page of this computer could send it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.endpoint_url + path, data=body, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def test_it_listens_on_loopback_only(secret):
    addresses = listening(secret._process.pid)
    assert [address for address, _ in addresses] == ["127.0.0.1"]


def test_the_agents_of_the_rehearsal_s_machines_listen_on_loopback_only(secret):
    before = listening(os.getpid())
    agent = EcsAgent(emulated_aws(secret.endpoint_url, "us-east-1", KEY), "default")
    agent.start()
    try:
        assert [address for address, _ in listening(os.getpid()) - before] == ["127.0.0.1"]
    finally:
        agent.stop()


def test_with_the_key_it_answers(secret):
    aws = emulated_aws(secret.endpoint_url, "us-east-1", KEY)
    aws.s3.create_bucket(Bucket="mine")
    assert [one["Name"] for one in aws.s3.list_buckets()["Buckets"]] == ["mine"]


SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
OTHERS = {
    "nobody": {},
    "another user of this computer": {"Authorization": SIGNED.format("AKIAANYBODY")},
    "the key of the tests": {"Authorization": SIGNED.format("rehearsal")},
    "the beginning of the key": {"Authorization": SIGNED.format(KEY[:-1])},
    "a web page": {"Origin": "https://evil.example"},
    "a web page under our address (DNS rebinding)": {"Host": "evil.example:80"},
    "a web page that says it is S3": {"Host": "mine.s3.amazonaws.com"},
}
CALLS = [
    ("GET", "/"),
    ("GET", "/mine/secret.tif"),
    ("PUT", "/mine/x"),
    ("POST", "/"),
    ("OPTIONS", "/mine/x"),
    ("GET", "/moto-api/"),
    ("POST", "/moto-api/reset"),
]


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_it_nobody_reads_or_writes_anything(secret, who, method, path):
    """Who may register a task definition says what the workers run; moto alone lets every web page do it."""
    body = b"{}" if method in ("PUT", "POST") else None
    target = {"X_Amz_Target": "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition"}
    status, headers = ask(secret, method, path, body, **OTHERS[who], **target)
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers


def test_a_rehearsal_s_key_is_its_own_and_its_scratch_is_closed_to_others(shell, tmp_path):
    """Read from the outside, while the tool runs."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    config = (CHECKOUT / "config.py").read_text() + f"\nCOMMAND = \"sh -c 'sleep 600; echo {tmp_path}'\"\n"
    (tmp_path / "config.py").write_text(config)
    shell.environment["TMPDIR"] = str(scratch)
    run = shell.start(
        *("--config", tmp_path / "config.py", "local", "files/exampleJob.json", "--bucket", tmp_path / "data")
    )
    wait_until(lambda: processes("sleep 600", tmp_path), "the tool runs")
    (server,) = [pid for pid in processes("local.server") if parent(pid) == run.pid]
    variables = Path(f"/proc/{server}/environ").read_text().split("\0")
    (key,) = [one.partition("=")[2] for one in variables if one.startswith("EMULATOR_ACCESS_KEY=")]
    assert len(key) >= 32
    assert processes(key) == {}, "no command line shows it"

    (folder,) = scratch.glob("rehearsal-*")
    assert mode(folder) == 0o700
    (monitor_file,) = folder.glob("files/*SpotFleetRequestId.json")
    assert mode(monitor_file) == 0o600
    for made in folder.rglob("worker-*"):
        assert mode(made) == 0o700
        inner = wait_until(lambda made=made: folders_of_a_job(made), "this worker has a job, too")
        assert {mode(one) for one in inner} == {0o700}
    run.terminate()
    run.communicate(timeout=60)


def folders_of_a_job(work_folder):
    """All three of them, or nothing yet."""
    found = [one for name in ("input", "output", "scratch") for one in work_folder.glob(f"local_{name}/*")]
    return found if len(found) == 3 else []


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def parent(process_id):
    return int(Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[1])
