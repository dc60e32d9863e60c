"""The way to AWS: one session, clients made when first used, the clock, and the tags of a run."""

from __future__ import annotations

import threading
from typing import Any, Callable

from worker.aws.fast_client import FastClient
from worker.aws.small_objects import SmallObjects

from ..clock import Clock
from ..config.settings import Settings
from ..terminal.signals import raise_what_was_lost

# Every resource that allows it carries this tag with the app's name; teardown removes nothing else.
APP_TAG = "DistributedSomething"
# So many calls may be under way at a time.
CONNECTIONS = 32
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthFailure",
    "AuthorizationError",
}


class Aws:
    """What a command gets to speak to AWS with. Tests and `local` give it an emulator's address."""

    def __init__(
        self,
        make_session: Callable[[], Any],
        endpoint_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``make_session`` returns a boto3.Session; it is called when the first client is needed."""
        self._make_session = make_session
        self._session: Any = None
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lean: dict[str, FastClient] = {}
        self._lock = threading.Lock()  # making a client is not thread-safe; using one is
        self.clock = clock or Clock(raise_what_was_lost)

    @classmethod
    def of(cls, settings: Settings) -> Aws:
        """The account and region that config.py names.

        'default' leaves the choice to boto3, so that environment variables and roles work as they do
        for the AWS CLI.
        """

        def make_session() -> Any:
            import boto3

            profile = None if settings.aws_profile == "default" else settings.aws_profile
            return boto3.Session(profile_name=profile, region_name=settings.aws_region)

        return cls(make_session)

    @property
    def region(self) -> str:
        return str(self.sts.meta.region_name)

    def client(self, service: str, region: str | None = None) -> Any:
        """boto3's client of a service, made once; ``region`` if it is not config.py's."""
        from botocore.config import Config

        with self._lock:
            if self._session is None:
                self._session = self._make_session()
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=self._endpoint_url,
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": 10},
                        connect_timeout=10,
                        max_pool_connections=CONNECTIONS,
                        tcp_keepalive=True,
                    ),
                )
            return self._clients[service, region]

    def fast(self, service: str) -> FastClient:
        """For very many small calls: what it does not do (None), the service's client must."""
        client = self.client(service)
        with self._lock:
            if service not in self._lean:
                self._lean[service] = FastClient(client, self._session.get_credentials(), CONNECTIONS)
            return self._lean[service]

    def small_objects(self) -> SmallObjects:
        """For very many small objects of S3, as the worker moves them."""
        return SmallObjects(self.s3, self._session.get_credentials(), CONNECTIONS)

    def renew(self) -> None:
        """Forget session and clients: the next call reads the credentials anew, after another login."""
        with self._lock:
            self._session = None
            self._clients = {}
            self._lean = {}

    @property
    def sqs(self) -> Any:
        return self.client("sqs")

    @property
    def ecs(self) -> Any:
        return self.client("ecs")

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    @property
    def s3(self) -> Any:
        return self.client("s3")

    @property
    def logs(self) -> Any:
        return self.client("logs")

    @property
    def cloudwatch(self) -> Any:
        return self.client("cloudwatch")

    @property
    def ssm(self) -> Any:
        return self.client("ssm")

    @property
    def iam(self) -> Any:
        return self.client("iam")

    @property
    def scheduler(self) -> Any:
        return self.client("scheduler")

    @property
    def functions(self) -> Any:
        """Lambda, which is a word of Python."""
        return self.client("lambda")

    @property
    def sns(self) -> Any:
        return self.client("sns")

    @property
    def sts(self) -> Any:
        return self.client("sts")


def error_code(error: BaseException) -> str:
    """The code of a botocore ClientError ('AccessDenied', ...); '' for anything else."""
    response: dict[str, Any] | Any = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def is_denied(error: BaseException) -> bool:
    """Whether the caller lacks the permission."""
    return error_code(error) in DENIED


def tag_list(app_name: str, key: str = "key", value: str = "value") -> list[dict[str, str]]:
    """The run's tag as the service spells it: key/value for ECS, Key/Value for EC2."""
    return [{key: APP_TAG, value: app_name}]
