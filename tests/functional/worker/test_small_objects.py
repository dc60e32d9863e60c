"""The fast way to S3: what it moves, and that everything else is left to boto3."""

import base64
import gzip
import hashlib
import zlib

import boto3
import pytest

from tests.functional.worker.scripted_server import scripted_server
from worker.aws.small_objects import SMALL, SmallObjects, address_of


@pytest.fixture
def server():
    with scripted_server() as made:
        yield made


def small_objects(url, **options):
    session = boto3.Session("key", "secret", aws_session_token="token", region_name="eu-west-1")
    return SmallObjects(session.client("s3", endpoint_url=url), session.get_credentials(), 4, **options)


@pytest.fixture
def small(server):
    return small_objects(server.url)


@pytest.mark.parametrize("key", ["a.txt", "plate 1/A+B=%20&c?.tif", "ü/日本.txt", "a//b", "~a.b_c-d"])
def test_what_it_puts_boto3_reads_and_the_other_way_round(moto, unique, key):
    session = boto3.Session(moto.access_key, "secret", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=moto.endpoint_url)
    s3.create_bucket(Bucket=unique)
    small = SmallObjects(s3, session.get_credentials(), 4)
    assert small.put(unique, key, b"results", {"StorageClass": "STANDARD_IA"})
    there = s3.get_object(Bucket=unique, Key=key)
    assert (there["Body"].read(), there["StorageClass"]) == (b"results", "STANDARD_IA")
    s3.put_object(Bucket=unique, Key=key, Body=b"inputs")
    assert small.get(unique, key) == b"inputs"


def test_a_put_carries_its_checksum_and_is_signed_for(server, small):
    body = b"\0results"
    assert small.put("bucket", "a/b", body, {"ACL": "bucket-owner-full-control"})
    ((method, path, headers, sent),) = server.asked
    assert (method, path, sent) == ("PUT", "/bucket/a/b", body)
    assert headers["x-amz-checksum-crc32"] == base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    assert headers["X-Amz-Content-SHA256"] == hashlib.sha256(body).hexdigest()
    assert headers["x-amz-acl"] == "bucket-owner-full-control"
    assert headers["X-Amz-Security-Token"] == "token"
    signed = headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"host", "x-amz-checksum-crc32", "x-amz-acl", "x-amz-content-sha256"} <= set(signed)
    assert "eu-west-1/s3/aws4_request" in headers["Authorization"]


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b"SlowDown"),
        (403, {}, b"AccessDenied"),
        (301, {"Location": "http://127.0.0.1:1/"}, b""),
        (200, {"Content-Length": 7, "Connection": "close"}, b"short"),
    ],
)
def test_what_is_no_plain_success_is_left_to_boto3_and_after_three_all_for_a_minute(server, answer):
    now = [1000.0]
    small = small_objects(server.url, now=lambda: now[0])
    server.answer = answer
    for _ in range(5):
        assert not small.put("bucket", "key", b"x", {})
    assert len(server.asked) == 3
    server.answer = (200, {}, b"good")
    assert small.get("bucket", "key") is None
    assert small.get("another", "key") == b"good"
    now[0] += 61
    assert small.get("bucket", "key") == b"good"


def test_a_missing_or_large_object_is_left_to_boto3_and_no_failure(server, small):
    for answer in ((404, {}, b"NoSuchKey"), (200, {}, b"x" * (SMALL + 1))):
        server.answer = answer
        for _ in range(4):
            assert small.get("bucket", "key") is None
    server.answer = (200, {}, b"good")
    assert small.get("bucket", "key") == b"good"


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL])
def test_what_is_small_moves_in_one_request_up_to_the_last_byte(server, small, size):
    body = b"x" * size
    assert small.put("bucket", "key", body, {})
    server.answer = (200, {}, body)
    assert small.get("bucket", "key") == body
    assert len(server.asked) == 2


def test_a_compressed_object_arrives_as_it_is_stored(server, small):
    body = gzip.compress(b"rows")
    server.answer = (200, {"Content-Encoding": "gzip"}, body)
    assert small.get("bucket", "key") == body


@pytest.mark.parametrize("extra", [{"IfNoneMatch": "*"}, {"IfMatch": "x"}, {"OfALaterBoto3": "x"}])
def test_a_put_that_must_not_be_repeated_or_is_not_understood_is_left_to_boto3(server, small, extra):
    """The second of two puts that ask for no object being there would be refused because of the first."""
    assert not small.put("bucket", "key", b"x", extra)
    assert not server.asked


def test_bytes_that_changed_on_the_way_are_not_taken(server, small):
    server.answer = (200, {"x-amz-checksum-crc32": "AAAAAA=="}, b"changed")
    assert small.get("bucket", "key") is None


@pytest.mark.parametrize("key", ["../other", "a/./b", ".", "a/.."])
def test_keys_that_a_path_would_resolve_are_left_to_boto3(server, small, key):
    assert not small.put("bucket", key, b"x", {})
    assert not server.asked


def test_a_proxy_is_left_to_boto3(server, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert not small_objects(server.url).put("bucket", "key", b"x", {})
    assert not server.asked


def test_without_credentials_boto3_tells_what_is_wrong(server):
    client = boto3.Session("key", "secret", region_name="eu-west-1").client("s3", endpoint_url=server.url)
    assert not SmallObjects(client, None, 4).put("bucket", "key", b"x", {})
    assert not server.asked


def test_nothing_listens():
    assert small_objects("http://127.0.0.1:9").get("bucket", "key") is None


@pytest.mark.parametrize(
    ("region", "bucket", "endpoint", "address"),
    [
        ("us-east-1", "data", None, ("https://data.s3.amazonaws.com", "/")),
        ("eu-west-1", "data", None, ("https://data.s3.eu-west-1.amazonaws.com", "/")),
        ("ap-southeast-5", "data", None, ("https://data.s3.ap-southeast-5.amazonaws.com", "/")),
        ("eu-west-1", "my.data", None, ("https://s3.eu-west-1.amazonaws.com", "/my.data/")),
        ("cn-north-1", "data", None, ("https://data.s3.cn-north-1.amazonaws.com.cn", "/")),
        ("us-east-1", "data", "http://127.0.0.1:9000", ("http://127.0.0.1:9000", "/data/")),
    ],
)
def test_requests_go_to_the_bucket_s_region(region, bucket, endpoint, address):
    s3 = boto3.Session("key", "secret", region_name=region).client("s3", endpoint_url=endpoint)
    assert address_of(s3, bucket) == address
