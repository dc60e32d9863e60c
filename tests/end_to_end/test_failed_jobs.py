"""21 of 200 jobs fail, are saved, and after the mend submitted again: 200 done, none twice."""

import io
import json
from collections import Counter

from distributed_something.aws import logs, queue
from distributed_something.commands.context import Context
from distributed_something.commands.failed_jobs import failed
from distributed_something.commands.local import emulated_aws, tool_path
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.local.containers import process_starter
from distributed_something.local.emulator import Emulator
from distributed_something.local.machines import Machines
from distributed_something.local.orphan_reaper import OrphanReaper
from distributed_something.monitor.scaling_policy import Patience
from distributed_something.outcomes import attempt_log
from distributed_something.terminal.console import Console

APP, BUCKET = "Mended", "mended-bucket"
JOBS, BROKEN = 200, 21
PACE = Pace(1.0, Patience(readings=2, seconds=1.0))


def test_failed_jobs_are_saved_mended_and_done(tmp_path):
    mend = tmp_path / "mended"
    config = {
        "APP_NAME": APP,
        "DOCKERHUB_TAG": "me/tool:1",
        "AWS_BUCKET": BUCKET,
        "SSH_KEY_NAME": "",
        "DOCKER_CORES": 2,
        "SECONDS_TO_START": 0,
        "CLUSTER_MACHINES": 2,
        "JOB_RETRIES": 2,
        "AUTO_MONITOR": False,
        "JOB_NAME": "well-{n}",
        "COMMAND": "sh -c '[ {n!q} -ge %d ] || [ -e %s ] || {{ echo lens {n!q} is dirty; exit 3; }}; "
        "echo {n!q} > {output}/n.txt'" % (BROKEN, mend),
    }
    settings = loader.settings_from(config, "config.py")
    jobs = {"groups": [{"n": n} for n in range(JOBS)]}
    (tmp_path / "job.json").write_text(json.dumps(jobs))
    (tmp_path / "fleet.json").write_text(json.dumps({"LaunchSpecifications": [{}]}))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Emulator() as emulator, OrphanReaper(scratch) as guard:
        aws = emulated_aws(emulator.endpoint_url, "us-east-1")
        aws.s3.create_bucket(Bucket=BUCKET)
        out, err = io.StringIO(), io.StringIO()
        context = Context(settings, aws, Console(out, err), files=tmp_path / "files")
        around = {
            **emulator.environment(),
            "POLL_SECONDS": "1",
            "RETRY_DELAY": "0",
            "PATH": tool_path(tmp_path),
        }
        machines = Machines(aws, settings, scratch, around, process_starter(guard), 2, print)
        machines.start()

        def whole_run(job_file):
            setup(context)
            submit(context, job_file)
            start(context, tmp_path / "fleet.json")
            return monitor(context, find_run(context, None), cheapest=False, pace=PACE)

        try:
            first = whole_run(tmp_path / "job.json")
            assert (first.done, first.failed) == (JOBS - BROKEN, BROKEN)
            again = tmp_path / "again.json"
            found = failed(context, again, remove=True)
            assert len(found) == BROKEN
            assert found[0].reason.startswith("exit 3: lens 0 is dirty")
            lines = list(logs.events(aws, APP + "_jobs", 0))
            short = [one.name for one in found if one.attempts != 2]
            assert not short, [line for line in lines if json.loads(line)["job"] in short]
            mend.touch()
            second = whole_run(again)
        finally:
            machines.stop()
        assert (second.done, second.failed) == (BROKEN, 0)
        attempts = attempt_log.attempts(logs.events(aws, settings.ledger_log_group, 0))
        done = Counter(one.job for one in attempts if one.outcome == attempt_log.DONE)
        assert (len(done), set(done.values())) == (JOBS, {1})
        pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="results/")
        assert sum(len(page["Contents"]) for page in pages) == JOBS
        # Nothing is left in the dead-letter queue either: it is gone.
        assert queue.find_url(aws, settings.sqs_dead_letter_queue) is None
