"""What can go wrong between a client and AWS, drawn for each call from a seed; and AWS's words for it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from urllib.parse import parse_qs

# kind -> how often, of 100 calls that go wrong. ``after``: the call took effect, and the answer is lost.
KINDS = {
    "throttled": 30,
    "500": 10,
    "503": 10,
    "503 after": 10,
    "reset": 10,
    "reset after": 10,
    "cut": 5,
    "slow": 14,
    "silent": 1,
}
# These look at one operation of SQS only, each with a share of its calls of its own.
TWICE = "delivered twice"
LAGGED = "counts lag"
# How the services call it that one asks too often.
_TOO_MANY = {"s3": "SlowDown", "ec2": "RequestLimitExceeded", "sqs": "RequestThrottled"}


@dataclass(frozen=True)
class Call:
    """A request as the client meant it: ``service`` as it was signed for, ``operation`` as AWS names it."""

    service: str
    operation: str
    protocol: str  # json, query, s3, or other

    @classmethod
    def of(cls, method: str, target: str, headers: dict[str, str], body: bytes) -> Call:
        service = headers.get("authorization", "///?/").split("/")[3]
        named = headers.get("x-amz-target", "")
        if named:
            return cls(service, named.rpartition(".")[2], "json")
        path, _, query = target.partition("?")
        if service == "s3":
            kind = "object" if path.strip("/").count("/") else "bucket"
            sub = [one for one in ("uploads", "uploadId", "partNumber") if one in query]
            return cls(service, " ".join([method, kind, *sub]), "s3")
        asked = parse_qs(body.decode("latin-1")) if b"Action=" in body else {}
        if asked:
            return cls(service, asked["Action"][0], "query")
        return cls(service, f"{method} {path.rpartition('/')[2]}", "other")

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


class Seeded:
    """Draws faults: which call of an operation goes wrong depends on the seed and on its number alone."""

    def __init__(self, seed: int, rate: float, twice: float = 0.0, lagged: float = 0.0) -> None:
        """``rate``: the share of all calls that go wrong; ``twice``, ``lagged``: that of receipts that bring
        an old message again, and of counts that are old.
        """
        self._seed = seed
        self._rate = rate
        self._shares = {"ReceiveMessage": (TWICE, twice), "GetQueueAttributes": (LAGGED, lagged)}

    def draw(self, call: Call, number: int) -> str:
        """The fault of an operation's call with this number; '' for none."""
        chance = random.Random(f"{self._seed} {call} {number}")
        own, share = self._shares.get(call.operation, ("", 0.0))
        if chance.random() < share:
            return own
        if chance.random() >= self._rate:
            return ""
        return chance.choices(list(KINDS), list(KINDS.values()))[0]


def refusal(call: Call, kind: str) -> tuple[int, str, bytes]:
    """(status, content type, body) as the service refuses: throttled, 500 or 503."""
    if kind == "throttled":
        code = _TOO_MANY.get(call.service, "ThrottlingException")
        status = 503 if call.protocol in ("s3", "query") else 400
    else:
        code, status = ("InternalError", 500) if kind == "500" else ("ServiceUnavailable", 503)
    said = "a fault on purpose"
    if call.protocol == "s3":
        return (
            status,
            "application/xml",
            f"<Error><Code>{code}</Code><Message>{said}</Message></Error>".encode(),
        )
    if call.protocol == "query":
        error = f"<Code>{code}</Code><Message>{said}</Message>"
        if call.service == "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
        else:
            text = f"<ErrorResponse><Error>{error}</Error><RequestId>0</RequestId></ErrorResponse>"
        return status, "text/xml", text.encode()
    kind_of_json = "application/x-amz-json-1.1" if call.protocol == "json" else "application/json"
    if call.protocol == "other" and status == 400:
        status = 429
    return status, kind_of_json, json.dumps({"__type": code, "message": said}).encode()
