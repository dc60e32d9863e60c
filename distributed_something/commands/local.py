"""`run.py local JOBFILE`: rehearses a whole run on this computer, without an AWS account or cost.

It runs the same commands against an emulated AWS. Machines are processes, and a folder serves as the bucket.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..aws.session import Aws
from ..config import tool_module
from ..config.settings import Settings
from ..errors import Interrupted
from ..monitor.scaling_policy import Patience
from ..outcomes import attempt_log
from ..report import page
from .context import Context
from .monitor import Pace, end, raise_unless_well, until_drained
from .monitor_file import find_run
from .setup import setup
from .start_cluster import start
from .submit_job import submit

if TYPE_CHECKING:
    from boto3.session import Session

EXAMPLE = "python run.py local files/exampleJob.json --machines 2 --bucket my-data"
MUST_BE_EDITED = ()

# The emulator's counts are exact, so a zero is trusted at once.
_PACE = Pace(seconds=0.3, patience=Patience(readings=2, seconds=0.3), between_lines=1.0)
# A rehearsal has no AWS delays to wait for.
_HURRY = {"POLL_SECONDS": "1", "RETRY_DELAY": "0"}
_FLEET = '{"LaunchSpecifications": [{}]}'


class Rehearsed(NamedTuple):
    """How many jobs were submitted, and what became of them."""

    jobs: int
    summary: attempt_log.Summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobfile", metavar="JOBFILE", type=Path, help="the job file (JSON)")
    parser.add_argument(
        "--machines",
        metavar="N",
        type=int,
        help="how many; by default CLUSTER_MACHINES of config.py",
    )
    parser.add_argument(
        "--docker",
        action="store_true",
        help="machines start containers of DOCKERHUB_TAG, as on AWS, and not the tool of this computer",
    )
    parser.add_argument(
        "--bucket",
        metavar="DIR",
        type=Path,
        default=Path("local-bucket"),
        help="the folder that stands for the bucket (default: local-bucket)",
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    settings = rehearsal_settings(context.settings, arguments.machines)
    rehearsed = rehearse(
        replace(context, settings=settings),
        arguments.jobfile,
        arguments.bucket,
        arguments.config.resolve().parent,
        arguments.docker,
    )
    context.console.result(f"The results are in {arguments.bucket}")
    reports = sorted((arguments.bucket / "reports" / settings.app_name).glob("*/report.html"))
    if reports:
        context.console.result(f"A report of the run is {reports[-1]}")
    summary = rehearsed.summary
    left = rehearsed.jobs - summary.done - summary.skipped
    raise_unless_well(replace(summary, failed=max(left, summary.failed)))
    context.console.say("When this is what you want, run it on AWS:")
    context.console.next_command(context.command("setup"))


def rehearsal_settings(settings: Settings, machines: int | None) -> Settings:
    """The settings without those that only make sense on AWS machines."""
    most = machines or min(settings.cluster_machines, os.cpu_count() or 1)
    return replace(
        settings,
        cluster_machines=most,
        ssh_key_name="",
        seconds_to_start=0,
        # Nothing here runs unattended, and the emulator draws no dashboard.
        auto_monitor=False,
        create_dashboard=False,
        notify_email="",
    )


def rehearse(
    context: Context, jobfile: Path, folder: Path, tool_folder: Path, docker: bool = False
) -> Rehearsed:
    """Run the jobs against an emulated AWS. Returns the run in figures.

    ``tool_folder`` is searched for the program of COMMAND before PATH, since no image provides it here;
    ``docker`` uses the image instead. Raises Interrupted on Ctrl-C, after stopping machines and emulator.
    """
    from ..local.bucket_sync import BucketSync
    from ..local.containers import container_starter, process_starter
    from ..local.emulator import Emulator
    from ..local.machines import Machines
    from ..local.orphan_reaper import OrphanReaper

    console, settings = context.console, context.settings
    path, tool = tool_path(tool_folder), None
    if not docker:
        environ = {**os.environ, "PATH": path}
        tool = tool_module.find_tool_module(context.config, settings.tool_python, environ)
    if tool is not None:
        console.say(f"The workers run by {tool}")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
        guard = stack.enter_context(OrphanReaper(scratch))
        start_one = container_starter(settings, guard) if docker else process_starter(guard)
        console.say("Starting the emulated AWS ...")
        emulator = stack.enter_context(Emulator(secrets.token_hex(16)))
        aws = emulated_aws(emulator.endpoint_url, settings.aws_region, emulator.access_key)
        here = replace(context, aws=aws, files=scratch / "files")

        bucket = BucketSync(
            aws.s3,
            aws.small_objects(),
            folder,
            sources=sorted({settings.source_bucket, settings.workspace_bucket}),
            results=list(dict.fromkeys([settings.destination_bucket, settings.aws_bucket])),
            say=console.warn,
        )
        with console.progress(None, f"Files of {folder}") as progress:
            bucket.fill(progress.advance)
        surroundings = {**emulator.environment(), **_HURRY}
        if not docker:
            surroundings["PATH"] = path
            surroundings["TOOL_FILE"] = str(tool or "")
        each = 1 if docker else settings.docker_cores
        machines = Machines(aws, settings, scratch, surroundings, start_one, each, console.say)
        try:
            stack.callback(bucket.stop)
            stack.callback(machines.stop)
            bucket.start()
            machines.start()
            console.say("\n$ run.py setup")
            setup(here)
            console.say(f"\n$ run.py submitJob {jobfile}")
            jobs = submit(here, jobfile)
            console.say("\n$ run.py startCluster")
            start(here, _fleet_file(scratch))
            machines.look_now()
            threading.Thread(target=page.load_templates, name="report", daemon=True).start()
            console.say("\n$ run.py monitor")
            run_file = find_run(here, None)
            why = until_drained(here, run_file, cheapest=False, pace=_PACE)
            bucket.hurry()
            return Rehearsed(jobs, end(here, run_file, why))
        except (KeyboardInterrupt, Interrupted):
            raise Interrupted(
                f"Interrupted: the rehearsal is ended, nothing runs any more. What was done is in {folder}"
            ) from None


def emulated_aws(endpoint_url: str, region: str, access_key: str = "rehearsal") -> Aws:
    """An Aws for the emulator, with keys that are valid nowhere else."""

    def make_session() -> Session:
        import boto3

        return boto3.Session(
            aws_access_key_id=access_key,
            aws_secret_access_key=access_key,
            region_name=region,
        )

    return Aws(make_session, endpoint_url)


def tool_path(tool_folder: Path) -> str:
    """The PATH of the worker processes."""
    path = [str(tool_folder), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return os.pathsep.join(path)


def _fleet_file(folder: Path) -> Path:
    path = folder / "fleet.json"
    path.write_text(_FLEET, encoding="utf-8")
    return path
