"""The codes of AWS's errors, and one name for each error of SQS, however its code is spelled.

SQS speaks two protocols. The older one calls a queue that is not there
``AWS.SimpleQueueService.NonExistentQueue``, the newer one ``QueueDoesNotExist``; in the newer one a header,
``x-amzn-query-error``, brings the old code back, and boto3 shows that one. Emulators leave out either.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from typing import Mapping

_PREFIXES = ("AWS.SimpleQueueService.", "com.amazonaws.sqs#", "com.amazon.coral.service#")
# What the older protocol calls by another name.
_RENAMED = {
    "NonExistentQueue": "QueueDoesNotExist",
    "QueueAlreadyExists": "QueueNameExists",
    "InvalidParameterValueException": "InvalidParameterValue",
    "KMS.AccessDeniedException": "KmsAccessDenied",
    "KMS.DisabledException": "KmsDisabled",
    "KMS.InvalidKeyUsageException": "KmsInvalidKeyUsage",
    "KMS.InvalidStateException": "KmsInvalidState",
    "KMS.NotFoundException": "KmsNotFound",
    "KMS.OptInRequired": "KmsOptInRequired",
    "KMS.ThrottlingException": "KmsThrottled",
}

QUEUE_GONE = "QueueDoesNotExist"


def error_code(error: BaseException) -> str:
    """The code of a botocore ClientError ('AccessDenied', ...); '' for anything else."""
    response: Mapping[str, Mapping[str, object]] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def sqs_error(error: BaseException) -> str:
    """The error's name in the newer protocol ('QueueDoesNotExist', ...); '' for what is no ClientError."""
    return sqs_name(error_code(error))


def sqs_name(code: str) -> str:
    """The name for a code in any spelling; also of the entries of a batch that failed."""
    for prefix in _PREFIXES:
        if code.startswith(prefix):
            code = code[len(prefix) :]
    return _RENAMED.get(code, code)
