"""Access to AWS: one session, clients created on first use, the clock, and the tags of a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar, cast

from worker.aws.error_codes import error_code as error_code
from worker.aws.fast_client import FastCalls
from worker.aws.small_objects import SmallObjects

from ..clock import Clock
from ..config.settings import Settings
from ..terminal.signals import raise_what_was_lost

if TYPE_CHECKING:
    from boto3.session import Session
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import TagTypeDef as LowerCaseTag
    from types_boto3_iam import IAMClient
    from types_boto3_iam.type_defs import TagTypeDef as Tag
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient
    from types_boto3_ssm import SSMClient
    from types_boto3_sts import STSClient

# Every resource that allows tags has this one, with the app's name; teardown removes nothing else.
APP_TAG = "DistributedSomething"
# The most simultaneous calls.
CONNECTIONS = 32
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthFailure",
    "AuthorizationError",
}


Client = TypeVar("Client")


class _ClientOf(Generic[Client]):
    """An attribute of Aws: boto3's client of one service, created on first use."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __get__(self, aws: Aws, owner: type[Aws]) -> Client:
        return cast("Client", aws.client(self._service))


class Aws:
    """A command's access to AWS. Tests and `local` pass the address of an emulator."""

    cloudwatch: _ClientOf[CloudWatchClient] = _ClientOf("cloudwatch")
    ec2: _ClientOf[EC2Client] = _ClientOf("ec2")
    ecs: _ClientOf[ECSClient] = _ClientOf("ecs")
    functions: _ClientOf[LambdaClient] = _ClientOf("lambda")  # which is a word of Python
    iam: _ClientOf[IAMClient] = _ClientOf("iam")
    logs: _ClientOf[CloudWatchLogsClient] = _ClientOf("logs")
    s3: _ClientOf[S3Client] = _ClientOf("s3")
    scheduler: _ClientOf[EventBridgeSchedulerClient] = _ClientOf("scheduler")
    sns: _ClientOf[SNSClient] = _ClientOf("sns")
    sqs: _ClientOf[SQSClient] = _ClientOf("sqs")
    ssm: _ClientOf[SSMClient] = _ClientOf("ssm")
    sts: _ClientOf[STSClient] = _ClientOf("sts")

    def __init__(
        self,
        make_session: Callable[[], Session],
        endpoint_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``make_session`` returns a boto3.Session; it is called for the first client."""
        self._make_session = make_session
        self._session: Session | None = None
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._fast_sqs: FastCalls | None = None
        self._lock = threading.Lock()  # making a client is not thread-safe; using one is
        self.clock = clock or Clock(raise_what_was_lost)

    @classmethod
    def of(cls, settings: Settings) -> Aws:
        """For the profile and region in config.py.

        'default' leaves the choice to boto3, so that environment variables and roles work as they do
        for the AWS CLI.
        """

        def make_session() -> Session:
            import boto3

            profile = None if settings.aws_profile == "default" else settings.aws_profile
            return boto3.Session(profile_name=profile, region_name=settings.aws_region)

        return cls(make_session)

    @property
    def region(self) -> str:
        return str(self.sts.meta.region_name)

    def client(self, service: str, region: str | None = None) -> Any:
        """boto3's client of a service, created once; ``region`` if not that of config.py."""
        from botocore.config import Config

        with self._lock:
            if (service, region) not in self._clients:
                make: Callable[..., Any] = self._current_session().client
                self._clients[service, region] = make(
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

    @property
    def fast_sqs(self) -> SQSClient:
        """SQS's client for very many small calls: the same, at a fraction of the processor time."""
        client = self.sqs
        with self._lock:
            if self._fast_sqs is None:
                credentials = self._current_session().get_credentials()
                self._fast_sqs = FastCalls(client, credentials, CONNECTIONS)
            return cast("SQSClient", self._fast_sqs)

    def small_objects(self) -> SmallObjects:
        """For very many small S3 objects, the way the worker transfers them."""
        return SmallObjects(self.s3, self._current_session().get_credentials(), CONNECTIONS)

    def renew(self) -> None:
        """Forget session and clients, so that the next call reads the credentials of a new login."""
        with self._lock:
            self._session = None
            self._clients = {}
            self._fast_sqs = None

    def _current_session(self) -> Session:
        if self._session is None:
            self._session = self._make_session()
        return self._session


def is_denied(error: BaseException) -> bool:
    """Whether the caller lacks the permission."""
    return error_code(error) in DENIED


def tag_list(app_name: str) -> list[Tag]:
    """The run's tag as most services spell it."""
    return [{"Key": APP_TAG, "Value": app_name}]


def ecs_tag_list(app_name: str) -> list[LowerCaseTag]:
    """The run's tag as ECS spells it."""
    return [{"key": APP_TAG, "value": app_name}]
