"""What goes wrong: failing tools, hopeless messages, workers that stop or die, machines taken back."""

import http.server
import json
import os
import signal
import threading
import time

import pytest

from tests.waiting import wait_until

# A tool that says that it runs, and then runs for long.
SLOW = "sh -c 'echo $$ > running; exec sleep 60'"


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_failing_tool_is_tried_again_and_then_ends_in_the_dead_letter_queue(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'echo nothing works; exit 3'")
    ledger = rig.ledger()
    assert [(entry["attempt"], entry["exit_code"]) for entry in ledger] == [(1, 3), (2, 3), (3, 3)]
    assert {entry["outcome"] for entry in ledger} == {"TOOL_FAILED"}
    assert ledger[0]["reason"] == "exit 3: nothing works"
    assert rig.dead() == [json.dumps({"group": {"n": 1}})]
    assert rig.results() == {}


def test_a_job_that_fails_once_is_done_at_the_second_attempt(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'test {attempt} = 2 && touch {output}/x'")
    assert rig.outcomes() == ["TOOL_FAILED", "SUCCESS"]
    assert set(rig.results()) == {"results/1/x"}


def test_a_failed_job_waits_before_it_is_tried_again(rig):
    rig.send({"n": 1})
    worker = rig.start("false", RETRY_DELAY=600)
    wait_until(lambda: rig.outcomes() == ["TOOL_FAILED"], "the first attempt is recorded")
    time.sleep(rig.visibility + 1)  # longer than the message would be hidden without a delay
    assert rig.counts() == (0, 1)
    assert rig.outcomes() == ["TOOL_FAILED"]
    rig.stop(worker)


@pytest.mark.parametrize(
    "body",
    ["no JSON", "[]", "null", '"text"', "{}", '{"group": []}', "[" * 100_000],
    ids=["no JSON", "list", "null", "text", "no group", "group no object", "nested"],
)
def test_a_message_that_is_no_job_is_put_aside_and_the_worker_goes_on(rig, body):
    rig.send_body(body)
    rig.send({"n": 1})
    rig.work("touch {output}/x")
    assert set(rig.results()) == {"results/1/x"}
    assert rig.dead() == [body]
    assert sorted(rig.outcomes()) == ["INPUT_PROBLEM", "SUCCESS"]


def test_a_missing_placeholder_is_put_aside_with_its_reason(rig):
    rig.send({"Well": "A01"})
    rig.work("echo {Plate}")
    (entry,) = rig.ledger()
    assert "the job has no key 'Plate'" in entry["reason"]
    assert len(rig.dead()) == 1


def test_a_program_that_is_not_there_is_tried_once(rig):
    rig.send({"n": 1})
    rig.work("no-such-program {n}")
    (entry,) = rig.ledger()
    assert (entry["outcome"], entry["attempt"]) == ("TOOL_FAILED", 1)
    assert "'no-such-program' of COMMAND is not in the image" in entry["reason"]
    assert len(rig.dead()) == 1


def test_a_tool_that_takes_too_long_is_ended_with_all_it_started(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'sleep 60 & echo $! > child; wait'", JOB_TIMEOUT=1)
    assert rig.outcomes() == ["TIMEOUT"] * 3
    assert "JOB_TIMEOUT = 1 s" in rig.ledger()[0]["reason"]
    assert not is_running(int((rig.folder / "child").read_text()))


def test_a_child_that_outlives_the_tool_does_not_hold_up_the_worker(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'sleep 60 & echo $! > child; touch {output}/x'")
    assert rig.outcomes() == ["SUCCESS"]
    assert not is_running(int((rig.folder / "child").read_text()))


def test_a_tool_killed_by_a_signal_says_which(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'kill -SEGV $$'")
    assert "killed by SIGSEGV" in rig.ledger()[0]["reason"]


def test_endless_lines_and_bytes_that_are_no_text_do_no_harm(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'head -c 3000000 /dev/urandom; head -c 300000 /dev/zero; touch {output}/x'")
    assert rig.outcomes() == ["SUCCESS"]


def test_the_heartbeat_keeps_a_long_job_from_others(rig):
    rig.send({"n": 1})
    first = rig.start("sh -c 'echo x >> runs; sleep 8; touch {output}/x'")
    second = rig.start("sh -c 'echo x >> runs; sleep 8; touch {output}/x'")
    for worker in (first, second):
        worker.communicate(timeout=60)
    assert (rig.folder / "runs").read_text() == "x\n"
    assert rig.outcomes() == ["SUCCESS"]


def test_sigterm_makes_the_message_visible_at_once_and_ends_the_tool(rig):
    rig.visibility = 600  # without being given back it would stay hidden for the whole test
    rig.send({"n": 1})
    worker = rig.start(SLOW)
    rig.await_file("running", "the tool runs")
    tool = int(wait_until((rig.folder / "running").read_text, "the tool's number"))
    worker.send_signal(signal.SIGTERM)
    wait_until(lambda: rig.counts() == (1, 0), "the message is visible")
    assert worker.wait(timeout=30) == 0
    assert not is_running(tool)
    assert rig.results() == {}
    assert rig.outcomes() == ["INTERRUPTED"]
    assert rig.leftovers() == [rig.folder / "running"]


def test_a_killed_worker_s_job_is_done_by_another(rig):
    rig.send({"n": 1})
    worker = rig.start(SLOW)
    rig.await_file("running", "the tool runs")
    tool = int(wait_until((rig.folder / "running").read_text, "the tool's number"))
    worker.kill()
    worker.wait()
    os.kill(tool, signal.SIGKILL)
    assert rig.leftovers() == [rig.folder / "running"] and list(rig.folder.glob("local_output/*"))
    rig.work("touch {output}/x")
    assert set(rig.results()) == {"results/1/x"}
    assert rig.ledger()[-1]["attempt"] == 2
    assert list(rig.folder.glob("local_*/*")) == []


def test_a_worker_that_lost_its_hold_uploads_nothing(rig):
    """As when a machine stands still for longer than the message is hidden."""
    rig.send({"n": 1})
    worker = rig.start("sh -c 'touch running; sleep 2; echo first > {output}/x'")
    rig.await_file("running", "the tool runs")
    worker.send_signal(signal.SIGSTOP)
    rig.work("sh -c 'echo second > {output}/x'")
    worker.send_signal(signal.SIGCONT)
    worker.communicate(timeout=60)
    assert rig.results() == {"results/1/x": "second\n"}
    assert sorted(rig.outcomes()) == ["INTERRUPTED", "SUCCESS"]


class Metadata(http.server.BaseHTTPRequestHandler):
    """The metadata service of a machine: IMDSv2, and an interruption notice once ``noticed`` is set."""

    noticed = None

    def do_PUT(self):
        self._answer(200, b"token" if self.path == "/latest/api/token" else b"")

    def do_GET(self):
        known = self.headers.get("X-aws-ec2-metadata-token") == "token"
        there = self.path == "/latest/meta-data/spot/instance-action" and self.noticed.is_set()
        self._answer(200 if known and there else 404 if known else 401, b"{}")

    def _answer(self, code, body):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def metadata():
    handler = type("Handler", (Metadata,), {"noticed": threading.Event()})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.noticed = handler.noticed
    yield server
    server.shutdown()
    server.server_close()


def test_a_spot_notice_gives_the_job_back_and_ends_the_worker(rig, metadata):
    rig.visibility = 600
    rig.send({"n": 1})
    endpoint = f"http://127.0.0.1:{metadata.server_port}"
    worker = rig.start(SLOW, AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint)
    rig.await_file("running", "the tool runs")
    metadata.noticed.set()
    wait_until(lambda: rig.counts() == (1, 0), "the message is visible")
    assert worker.wait(timeout=30) == 0
    assert "EC2 takes this spot machine back" in rig.ledger()[0]["reason"]


def test_a_machine_that_is_about_to_go_takes_no_job(rig, metadata):
    metadata.noticed.set()
    rig.send({"n": 1})
    rig.work("true", AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{metadata.server_port}")
    assert rig.counts() == (1, 0)
    assert rig.outcomes() == []


def test_the_worker_waits_while_jobs_are_in_flight_elsewhere(rig):
    rig.send({"n": 1})
    taken = rig.sqs.receive_message(QueueUrl=rig.url, VisibilityTimeout=600)["Messages"][0]
    worker = rig.start("touch {output}/x")
    time.sleep(6)  # more than the polls after which an empty queue is believed
    assert worker.poll() is None
    rig.sqs.change_message_visibility(
        QueueUrl=rig.url, ReceiptHandle=taken["ReceiptHandle"], VisibilityTimeout=0
    )
    assert worker.wait(timeout=60) == 0
    assert set(rig.results()) == {"results/1/x"}


def test_a_deleted_queue_ends_the_worker_in_order(rig):
    worker = rig.start("true", POLL_SECONDS=1)
    wait_until(lambda: worker.stdout.readline().startswith("Worker of"), "the worker runs")
    rig.sqs.delete_queue(QueueUrl=rig.url)
    assert worker.wait(timeout=60) == 0


def test_settings_that_are_wrong_are_one_sentence(rig):
    worker = rig.start("true", SQS_MESSAGE_VISIBILITY="soon")
    printed, _ = worker.communicate(timeout=60)
    assert worker.returncode == 2
    assert printed == "The worker cannot start: SQS_MESSAGE_VISIBILITY = 'soon' is no whole number\n"
