"""One name for each error of SQS, however its code is spelled."""

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from worker.aws.error_codes import error_code, sqs_error, sqs_name

# As the older protocol spells them, and therefore `x-amzn-query-error`, where the newer one has another name.
OLDER = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "KmsAccessDenied": "KMS.AccessDeniedException",
    "KmsDisabled": "KMS.DisabledException",
    "KmsInvalidKeyUsage": "KMS.InvalidKeyUsageException",
    "KmsInvalidState": "KMS.InvalidStateException",
    "KmsNotFound": "KMS.NotFoundException",
    "KmsOptInRequired": "KMS.OptInRequired",
    "KmsThrottled": "KMS.ThrottlingException",
}


def refusal(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ReceiveMessage")


def names():
    """Every error in boto3's description of SQS."""
    model = get_session().get_service_model("sqs")
    return sorted(shape.name for shape in model.error_shapes)


@pytest.mark.parametrize("name", names())
def test_each_error_that_boto3_knows_has_one_name_in_every_spelling(name):
    older = OLDER.get(name, name)
    spellings = {name, older, f"AWS.SimpleQueueService.{name}", f"com.amazonaws.sqs#{name}"}
    if "." not in older:
        spellings.add(f"AWS.SimpleQueueService.{older}")
    assert {sqs_error(refusal(code)) for code in spellings} == {name}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
        ("NonExistentQueue", "QueueDoesNotExist"),
        ("AWS.SimpleQueueService.QueueDoesNotExist", "QueueDoesNotExist"),
        ("AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress"),
        ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"),
        ("AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight"),
        ("com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue"),
        ("InvalidParameterValue", "InvalidParameterValue"),
        ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
        ("AccessDenied", "AccessDenied"),
        ("", ""),
    ],
)
def test_the_codes_that_decide_something(code, name):
    assert sqs_name(code) == name


def test_what_is_not_an_answer_of_aws_has_no_code():
    assert error_code(ConnectionError("reset")) == sqs_error(ValueError()) == ""
    broken = ValueError()
    broken.response = None
    assert error_code(broken) == ""
