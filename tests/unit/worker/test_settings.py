"""What a worker reads from its container's environment, and small rules of its own."""

import pytest

from worker import settings
from worker.attempt_record import JobProblem
from worker.inputs import pattern, safe_name
from worker.poller import LONGEST_DELAY, retry_delay
from worker.protocol import upload_flags
from worker.protocol.placeholders import PlaceholderError
from worker.settings import EnvironmentProblem

LEAST = {
    "APP_NAME": "App",
    "AWS_REGION": "us-east-1",
    "AWS_BUCKET": "bucket",
    "SQS_QUEUE_URL": "https://queue",
    "LOG_GROUP_NAME": "App",
}


def test_what_is_not_told_has_its_default():
    found = settings.read(LEAST)
    assert (found.source_bucket, found.destination_bucket, found.job_timeout) == ("bucket", "bucket", 0)
    assert (found.visibility, found.cores, found.download_files) == (60, 1, True)
    assert (found.inputs, found.output, found.check_if_done) == ((), "results/{job}", False)


def test_several_inputs_travel_as_json():
    assert settings.read({**LEAST, "INPUT": '["a/", "b"]'}).inputs == ("a/", "b")
    assert settings.read({**LEAST, "INPUT": "a/{x}"}).inputs == ("a/{x}",)


@pytest.mark.parametrize("name", LEAST)
def test_a_missing_variable_is_named(name):
    with pytest.raises(EnvironmentProblem, match=f"{name} is not set"):
        settings.read({key: value for key, value in LEAST.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"), [("JOB_TIMEOUT", "soon"), ("UPLOAD_FLAGS", "--x"), ("INPUT", "[")]
)
def test_a_wrong_variable_is_named(name, value):
    with pytest.raises(EnvironmentProblem, match=name):
        settings.read({**LEAST, name: value})


@pytest.mark.parametrize(
    ("flags", "arguments"),
    [
        ("", {}),
        ("--acl bucket-owner-full-control", {"ACL": "bucket-owner-full-control"}),
        ("--acl=private --sse", {"ACL": "private", "ServerSideEncryption": "AES256"}),
        ("--sse aws:kms --sse-kms-key-id k", {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}),
        ("--storage-class STANDARD_IA", {"StorageClass": "STANDARD_IA"}),
    ],
)
def test_upload_flags_become_boto3_s_arguments(flags, arguments):
    assert upload_flags.extra_args(flags) == arguments


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--recursive", "not known; these are: --acl"),
        ("--acl", "--acl without its value"),
        ("--acl everybody", "it takes: .*bucket-owner-full-control"),
        ("'", "quotation"),
    ],
)
def test_a_wrong_upload_flag_is_told_with_what_there_is(flags, told):
    with pytest.raises(ValueError, match=told):
        upload_flags.extra_args(flags)


def test_a_star_is_a_wildcard_only_where_config_py_has_it():
    made = pattern("{plate}/*_w1.tif", {"plate": "P*"})
    assert made.prefix == "P*/"
    assert made.matches("P*/a_w1.tif")
    assert not made.matches("P1/a_w1.tif")
    assert not made.matches("P*/a_w2.tif")


@pytest.mark.parametrize("value", ["../x", "/etc", "a/../.."])
def test_an_input_outside_the_bucket_is_refused(value):
    with pytest.raises(PlaceholderError, match="would leave the bucket"):
        pattern("{x}", {"x": value})


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/./b", "", "a\0"])
def test_an_object_that_would_leave_the_input_folder_is_refused(name):
    with pytest.raises(JobProblem, match="would leave the input folder"):
        safe_name(name)


def test_a_retry_waits_twice_as_long_each_time_up_to_two_minutes():
    assert [retry_delay(10, attempt) for attempt in range(1, 7)] == [10, 20, 40, 80, 120, 120]
    assert retry_delay(10, 10**6) == LONGEST_DELAY
    assert retry_delay(0, 3) == 0
