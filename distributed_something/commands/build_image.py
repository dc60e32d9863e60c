"""`run.py buildImage TOOL_IMAGE`: puts the worker on top of a tool's image, and says whether it works.

What is built stands in worker/Dockerfile; the name it gets is DOCKERHUB_TAG of config.py. A tool.py beside
config.py goes into it, and with TOOL_PYTHON what lets it run in a Python of the tool's image
(python2worker/Dockerfile).
"""

from __future__ import annotations

import argparse
import io
import json
import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable

from worker import tool_loader
from worker.protocol.command_parser import program_of

from .. import docker_engine
from ..aws import ecr
from ..config import tool_module
from ..errors import UserError
from .context import Context

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

EXAMPLE = "python run.py buildImage quay.io/biocontainers/samtools:1.21--h50ea8bc_0 --check --push"
MUST_BE_EDITED = ("DOCKERHUB_TAG",)

_CHECKOUT = Path(__file__).resolve().parents[2]
_WORKER, _SHIM = _CHECKOUT / "worker", _CHECKOUT / "python2worker"
_STEP = re.compile(r"Step \d+/\d+ : (.*)")
# Run in the image: is the program of COMMAND there, do the worker's Python and the one of tool.py work?
_CHECK = """
import json, shutil, sys
sys.path.insert(0, "/opt/distributed-something")
import boto3, worker.main
from worker import tool_loader, tool_shim
try:
    tool = tool_loader.load("", sys.argv[2])
    tool.close()
    told = {"program": shutil.which(sys.argv[1]), "boto3": boto3.__version__, "runs_in": tool.runs_in}
except tool_shim.ToolProblem as problem:
    told = {"problem": str(problem)}
print(json.dumps(told))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tool_image", metavar="TOOL_IMAGE", help="the tool's image, from Docker Hub, quay.io ..."
    )
    parser.add_argument("--push", action="store_true", help="push it to its registry: Docker Hub, or ECR")
    parser.add_argument(
        "--check", action="store_true", help="start it once: is the tool there, does the worker start"
    )
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="certificates (PEM) of a proxy between this computer and the internet; not kept in the image",
    )
    parser.add_argument(
        "--network", metavar="NAME", help="network of the build, for example host, behind a strict proxy"
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    client = docker_engine.connect()
    tag = context.settings.dockerhub_tag
    tool = docker_engine.image(client, arguments.tool_image)
    docker_engine.refuse_other_architecture(client, tool, arguments.tool_image)
    built = build(context, client, arguments.tool_image, tag, arguments.ca, arguments.network)
    if context.settings.tool_python:
        built = build_shim(context, client, tag, arguments.network)
    added = (built.attrs["Size"] - tool.attrs["Size"]) / 1e6
    context.console.result(f"{tag} is built: {arguments.tool_image} and {added:.0f} MB of worker")
    if arguments.check:
        context.console.result(check(context, client, tag))
    if arguments.push:
        push(context, client, tag)
    else:
        context.console.say(f"To push it:  docker push {tag}")
    context.console.next_command(context.command("local files/exampleJob.json --docker"))


def build(
    context: Context, client: DockerClient, tool_image: str, tag: str, ca: Path | None, network: str | None
) -> Image:
    """Put the worker on top of the tool's image. Returns the image. Raises UserError."""
    arguments = {"TOOL_IMAGE": tool_image}
    if ca is not None:
        try:
            arguments["CA_CERTIFICATES"] = ca.read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise UserError(f"--ca {ca}: {error}; it must be a file of PEM certificates") from None
    return _built(context, client, _build_context(context), tag, arguments, network)


def build_shim(context: Context, client: DockerClient, tag: str, network: str | None) -> Image:
    """Put onto the worker's image what TOOL_PYTHON runs. Returns the image. Raises UserError."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("Dockerfile", "shim.py"):
            archive.add(str(_SHIM / name), arcname=name)
    packed.seek(0)
    return _built(context, client, packed, tag, {"WORKER_IMAGE": tag}, network)


def _built(
    context: Context,
    client: DockerClient,
    packed: io.BytesIO,
    tag: str,
    arguments: dict[str, str],
    network: str | None,
) -> Image:
    """Build, and show each step. Raises UserError with the last lines of what failed."""
    lines = client.api.build(
        fileobj=packed,
        custom_context=True,
        tag=tag,
        buildargs=arguments,
        network_mode=network,
        rm=True,
        decode=True,
    )
    last: list[str] = []
    for entry in lines:
        if "error" in entry:
            told = "\n".join([*last[-10:], str(entry["error"]).strip()])
            raise UserError(f"The image could not be built:\n{told}")
        text = str(entry.get("stream", "")).strip()
        step = _STEP.match(text)
        if step:
            context.console.say(f"  {step.group(1)[:100]}")
        elif text and not text.startswith(("--->", "Removing")):
            last.append(text)
    return client.images.get(tag)


def _build_context(context: Context) -> io.BytesIO:
    """The folder worker/ as a tar file, with the user's tool.py in it if there is one."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(_WORKER.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.add(str(path), arcname=path.relative_to(_WORKER).as_posix())
        # With a Python of the image only --check can load it.
        find = tool_module.beside if context.settings.tool_python else tool_module.find_tool_module
        tool = find(context.config)
        if tool is not None:
            context.console.say(f"{tool} goes into the image")
            archive.add(str(tool), arcname=tool_loader.IN_THE_IMAGE)
    packed.seek(0)
    return packed


def check(context: Context, client: DockerClient, tag: str) -> str:
    """Start the image once. Returns what was found; raises UserError if the tool or the worker fails."""
    import docker

    program = program_of(context.settings.command)
    arguments = [program, context.settings.tool_python]
    try:
        output = client.containers.run(
            tag,
            entrypoint=["/opt/distributed-something/bin/python3", "-I", "-c", _CHECK, *arguments],
            command=[],
            remove=True,
        )
    except docker.errors.ContainerError as error:
        shown = error.stderr.decode() if isinstance(error.stderr, bytes) else str(error.stderr or "")
        raise UserError(f"The worker does not start in {tag}: {shown[-500:]}") from None
    except docker.errors.APIError as error:
        raise UserError(f"{tag} does not start: {error.explanation}") from None
    told = json.loads(output.decode("utf-8").splitlines()[-1])  # tool.py may print before it
    if "problem" in told:
        raise UserError(f"The worker does not start in {tag}: {told['problem']}")
    if not told["program"]:
        raise UserError(
            f"The program {program!r} of COMMAND is not in {tag}: write the path it has in the image, or "
            "take another image"
        )
    runs_in = f"; tool.py runs in {told['runs_in']}" if told["runs_in"] else ""
    return (
        f"The tool is {told['program']} in the image, and the worker starts (boto3 {told['boto3']}){runs_in}"
    )


def push(context: Context, client: DockerClient, tag: str) -> None:
    """Push to the registry named by the tag. Raises UserError if the registry refuses."""
    login = None
    if ecr.is_ecr(tag):
        context.console.say("Logging in to ECR ...")
        login = ecr.login(context.aws, tag)
    problem = _pushed(context, client.api.push(tag, stream=True, decode=True, auth_config=login))
    if problem:
        raise UserError(
            f"{tag} was not pushed: {problem}. Run `docker login`, and see that DOCKERHUB_TAG of config.py "
            "begins with your own user name"
        )
    context.console.result(f"{tag} is pushed")


def _pushed(context: Context, entries: Iterable[dict[str, Any]]) -> str:
    """Follow the progress of a push. Returns why it failed, or ''."""
    done: set[str] = set()
    with context.console.progress(None, "Pushing layers") as progress:
        for entry in entries:
            if "error" in entry:
                return str(entry["error"]).strip()
            if entry.get("status") in ("Pushed", "Layer already exists") and entry.get("id") not in done:
                done.add(str(entry.get("id")))
                progress.advance()
    return ""
