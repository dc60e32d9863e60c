"""What became of a fast request: not sent, answered or unknown; and which calls may go that way at all."""

from contextlib import suppress

import boto3
import pytest
from botocore.config import Config

from tests.functional.worker.scripted_server import HANG_UP, SILENCE, chunked, scripted_server
from worker.aws.fast_client import (
    LARGEST,
    REPEATABLE,
    Answer,
    FastCalls,
    FastClient,
    NotRepeatable,
    NotSent,
    Unknown,
)

EVENTS = {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "ü"}]}


@pytest.fixture
def server():
    with scripted_server() as made:
        yield made


def plain_client(url, service="logs"):
    """boto3's own, which makes a call once only."""
    options = Config(retries={"total_max_attempts": 1}, read_timeout=1, connect_timeout=5)
    session = boto3.Session("key", "secret", region_name="eu-west-1")
    return session.client(service, endpoint_url=url, config=options), session.get_credentials()


def fast_client(url, **options):
    return FastClient(*plain_client(url), threads=2, **options)


def put_events(client):
    return client.call("PutLogEvents", EVENTS)


def test_these_calls_may_be_made_twice_and_no_others():
    """To receive a message twice hides it and counts an attempt: think before you add to this list."""
    assert set(REPEATABLE) == {
        "CreateLogStream",
        "DeleteMessage",
        "GetObject",
        "PutLogEvents",
        "PutObject",
        "SendMessageBatch",
    }
    assert all(REPEATABLE.values())


@pytest.mark.parametrize("operation", ["ReceiveMessage", "SendMessage", "ChangeMessageVisibility"])
def test_no_other_call_is_sent(server, operation):
    client = FastClient(*plain_client(server.url, "sqs"), threads=1)
    with pytest.raises(NotRepeatable, match=operation):
        client.call(operation, {"QueueUrl": server.url})
    with pytest.raises(NotRepeatable, match=operation):
        client.request(operation, {}, "POST", "/", {}, b"")
    assert server.asked == []


@pytest.mark.parametrize("status", [200, 301, 400, 403, 404, 413, 429, 500, 503])
def test_an_answer_is_given_as_it_is_whatever_it_says(server, status):
    server.answer = (status, {"x-amzn-requestid": "42"}, b'{"__type": "Some"}')
    outcome = put_events(fast_client(server.url))
    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.body) == (status, b'{"__type": "Some"}')
    assert outcome.headers["X-Amzn-RequestId"] == "42"
    assert (outcome.success() is None) == (status != 200)
    assert len(server.asked) == 1


@pytest.mark.parametrize("size", [0, 1, LARGEST, LARGEST + 1])
@pytest.mark.parametrize("in_chunks", [False, True], ids=["length", "chunks"])
def test_an_answer_that_is_too_large_is_one_without_its_body(server, size, in_chunks):
    body = b"x" * size
    server.answer = chunked(body) if in_chunks and body else (200, {}, body)
    client = fast_client(server.url)
    for _ in range(4):  # none is a failure after which the client would rest
        outcome = put_events(client)
        assert isinstance(outcome, Answer)
        assert outcome.status == 200
        assert outcome.body == (body if size <= LARGEST else None)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [
        HANG_UP,
        SILENCE,
        (200, {"Content-Length": 7, "Connection": "close"}, b"short"),
        (500, {"Content-Length": 7, "Connection": "close"}, b"short"),
        (200, {"Content-Length": None, "Connection": "close"}, b"how long?"),
        (200, {"Content-Length": "many"}, b"x"),
        chunked(b"some", whole=False),
    ],
    ids=["hang up", "silence", "cut", "error cut", "no length", "bad length", "chunks cut"],
)
def test_what_was_sent_and_not_answered_whole_is_unknown(server, answer):
    server.answer = answer
    outcome = put_events(fast_client(server.url))
    assert isinstance(outcome, Unknown)
    assert outcome.why
    assert len(server.asked) == 1


def test_what_cannot_reach_anybody_is_not_sent():
    outcome = put_events(fast_client("http://127.0.0.1:9"))
    assert isinstance(outcome, NotSent)


def test_what_cannot_be_signed_or_written_is_not_sent(server):
    client, credentials = plain_client(server.url)
    assert isinstance(put_events(FastClient(client, None, 1)), NotSent)
    assert isinstance(FastClient(client, credentials, 1).call("PutLogEvents", {"logEvents": b"x"}), NotSent)
    assert server.asked == []


def test_a_proxy_is_boto3_s(server, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert isinstance(put_events(fast_client(server.url)), NotSent)
    assert server.asked == []


@pytest.mark.parametrize("answer", [HANG_UP, (503, {}, b"SlowDown")])
def test_after_three_failures_in_a_row_nothing_is_sent_for_a_minute(server, answer):
    now = [1000.0]
    client = fast_client(server.url, now=lambda: now[0])
    server.answer = answer
    kinds = [type(put_events(client)) for _ in range(5)]
    assert kinds[3:] == [NotSent, NotSent]
    assert NotSent not in kinds[:3]
    assert len(server.asked) == 3
    server.answer = (200, {}, b"{}")
    now[0] += 59
    assert isinstance(put_events(client), NotSent)
    now[0] += 2
    assert isinstance(put_events(client), Answer)


def test_connections_are_kept(server):
    client = fast_client(server.url)
    for _ in range(3):
        put_events(client)
    server.answer = chunked(b"{}")
    put_events(client)
    put_events(client)
    assert client._pool.num_connections == 1


# FastCalls: a boto3 client to look at


@pytest.fixture
def calls(server):
    return FastCalls(*plain_client(server.url))


def test_a_plain_success_is_the_answer_and_is_not_sent_again(server, calls):
    server.answer = (200, {}, b'{"rejectedLogEventsInfo": {"expiredLogEventEndIndex": 3}}')
    assert calls.put_log_events(**EVENTS) == {"rejectedLogEventsInfo": {"expiredLogEventEndIndex": 3}}
    server.answer = (200, {}, b"")
    assert calls.create_log_stream(logGroupName="g", logStreamName="s") == {}
    assert len(server.asked) == 2


def test_a_refusal_is_boto3_s_exception(server, calls):
    server.answer = (400, {}, b'{"__type": "ResourceNotFoundException", "message": "no group"}')
    with pytest.raises(calls.exceptions.ResourceNotFoundException, match="no group"):
        calls.put_log_events(**EVENTS)
    assert len(server.asked) == 2  # a repeatable call: by boto3 once more


@pytest.mark.parametrize("body", [b"<html>Welcome to our network</html>", b"[]", b'{"half'])
def test_an_answer_that_is_not_the_service_s_is_left_to_boto3_s_judgement(server, calls, body):
    server.answer = (200, {}, body)
    with suppress(Exception):
        calls.put_log_events(**EVENTS)
    assert "Boto3" in server.asked[1][2]["User-Agent"]


def test_other_calls_are_boto3_s_alone(server, calls):
    server.answer = (200, {}, b'{"logGroups": []}')
    assert calls.describe_log_groups()["logGroups"] == []
    assert "Boto3" in server.asked[0][2]["User-Agent"]
    assert len(server.asked) == 1


def test_a_message_is_received_by_boto3_and_once_however_large_the_answer_is(server):
    sqs = FastCalls(*plain_client(server.url, "sqs"))
    server.answer = (200, {}, b"x" * (LARGEST + 1))
    with suppress(Exception):  # no protocol has such an answer
        sqs.receive_message(QueueUrl=server.url + "/1/queue")
    ((_, _, headers, _),) = server.asked
    assert "Boto3" in headers["User-Agent"]
