"""The ECS agent of the rehearsal's machines: registers them in the cluster, reports their
containers, and answers requests for scale-in protection.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

from __future__ import annotations

import functools
import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..aws.session import Aws


class EcsAgent:
    """The agents of all machines of one cluster. ``start`` and ``stop`` control its endpoint."""

    def __init__(self, aws: Aws, cluster: str) -> None:
        self._aws = aws
        self._cluster = cluster
        self._busy: dict[str, set[str]] = defaultdict(set)
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        agent = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:  # noqa: N802 - http.server's name
                _, task, part, *_ = self.path.split("/")
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                agent.protect(task, part, bool(asked["ProtectionEnabled"]))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments: object) -> None:
                """Print nothing: the terminal is for the run."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self._port = self._server.server_port
        # Checks for the end ten times a second, because the rehearsal waits for it.
        serve = functools.partial(self._server.serve_forever, poll_interval=0.1)
        threading.Thread(target=serve, name="ecs-agent", daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def address(self, task_arn: str, part: int) -> str:
        """The ECS_AGENT_URI of one part of a task's container."""
        return f"http://127.0.0.1:{self._port}/{task_arn.rsplit('/', 1)[1]}/{part}"

    def register(self, instance: str) -> str:
        """Add the machine to the cluster. Returns its container instance's ARN."""
        answer = self._aws.ecs.register_container_instance(
            cluster=self._cluster, instanceIdentityDocument=json.dumps({"instanceId": instance})
        )
        return str(answer["containerInstance"]["containerInstanceArn"])

    def deregister(self, container_instance: str) -> None:
        """Remove the machine from the cluster."""
        self._aws.ecs.deregister_container_instance(
            cluster=self._cluster, containerInstance=container_instance, force=True
        )

    def draining(self) -> set[str]:
        """The container instances that accept no more containers."""
        pages = self._aws.ecs.get_paginator("list_container_instances").paginate(
            cluster=self._cluster, status="DRAINING"
        )
        return {arn for page in pages for arn in page["containerInstanceArns"]}

    def started(self, container_instance: str, task_definition: str, service: str) -> str:
        """Record that a container of the service starts. Returns its task's ARN."""
        answer = self._aws.ecs.start_task(
            cluster=self._cluster,
            containerInstances=[container_instance],
            taskDefinition=task_definition,
            group=f"service:{service}",
        )
        return str(answer["tasks"][0]["taskArn"])

    def ended(self, task_arn: str, reason: str) -> None:
        self._busy.pop(task_arn.rsplit("/", 1)[1], None)
        self._aws.ecs.stop_task(cluster=self._cluster, task=task_arn, reason=reason)

    def protect(self, task: str, part: str, busy: bool) -> None:
        """Record whether a worker of the task is busy, and update the task's protection accordingly."""
        before = bool(self._busy[task])
        (self._busy[task].add if busy else self._busy[task].discard)(part)
        if bool(self._busy[task]) != before:
            self._aws.ecs.update_task_protection(
                cluster=self._cluster, tasks=[task], protectionEnabled=not before
            )

    def protected(self, task_arn: str) -> bool:
        return bool(self._busy.get(task_arn.rsplit("/", 1)[1]))
