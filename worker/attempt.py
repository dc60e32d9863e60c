"""One attempt of one job: from the done check to the upload, and what to record of it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator

from worker import attempt_record, inputs, process_table, tool_process
from worker.attempt_record import AttemptRecord, JobProblem
from worker.aws.cloudwatch_logs import CloudWatchLogs, stream_name
from worker.interruption import Stop
from worker.job import Job, parse
from worker.protocol.placeholders import safe_prefix
from worker.settings import Environment
from worker.transfer import Transfer, result_files
from worker.visibility import MessageVisibility

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Services:
    """What all attempts of a worker share."""

    environment: Environment
    s3: S3Client
    transfer: Transfer
    logs: CloudWatchLogs
    stop: Stop
    say: Callable[[str], None]
    tool: Any  # the functions of tool.py, see tool_loader.py


class Attempt:
    """Runs one job, as far as it gets. Whatever goes wrong is in the record; nothing is raised."""

    def __init__(
        self, services: Services, visibility: MessageVisibility, message_id: str, body: str, number: int
    ) -> None:
        self._services = services
        self._visibility = visibility
        self._body = body
        self.record = AttemptRecord(
            job=message_id,
            attempt=number,
            message_id=message_id,
            instance=services.environment.instance,
            start=time.time(),
        )

    def run(self) -> AttemptRecord:
        record = self.record
        try:
            record.outcome = self._steps()
            if record.outcome == attempt_record.SUCCESS:
                record.exit_code = 0
        except JobProblem as problem:
            record.outcome, record.reason = problem.outcome, problem.reason
            record.exit_code, record.hopeless = problem.exit_code, problem.hopeless
        except Exception as error:
            record.outcome, record.reason = self._stage_problem(), f"{type(error).__name__}: {error}"
            self._log(traceback.format_exc())
        record.end = time.time()
        reason = f" ({record.reason})" if record.reason else ""
        self._log(f"Attempt {record.attempt}: {record.outcome}{reason}")
        return record

    def _steps(self) -> str:
        """The attempt, in order. Returns SUCCESS or ALREADY_DONE; raises JobProblem."""
        services, environment, tool = self._services, self._services.environment, self._services.tool
        source = inputs.SourceBucket(services.s3, environment.source_bucket)
        job = parse(self._body, self.record.attempt, environment, source)
        job.place(job=_asked(tool.name, job))
        self.record.job = job.name
        self._log(f"Attempt {job.attempt} on {environment.instance}")
        prefix = _asked(lambda: safe_prefix(tool.output(job)))
        bucket = environment.destination_bucket
        if environment.check_if_done and tool.is_done(job, services.transfer.listed(bucket, prefix)):
            return attempt_record.ALREADY_DONE
        with folders(Path(environment.work_folder)) as (input_folder, output_folder, scratch):
            job.place(input=str(input_folder), output=str(output_folder))
            job.scratch = str(scratch)
            with self._timed("download"):
                self._download(job, input_folder)
            with self._timed("tool"):
                self._run_tool(job)
            with self._timed("upload"):
                self._upload(job, output_folder, bucket, prefix)
        return attempt_record.SUCCESS

    def _download(self, job: Job, folder: Path) -> None:
        environment = self._services.environment
        wanted = _asked(self._services.tool.inputs, job)
        if not environment.download_files:
            job.place(input=os.path.join(environment.bucket_folder, inputs.mounted(wanted)))
            return
        found = inputs.sources(job.source, wanted)
        self.record.download_bytes = self._services.transfer.download(
            environment.source_bucket, found, folder, self._stopped
        )

    def _run_tool(self, job: Job) -> None:
        argv, additions = _asked(self._services.tool.command, job)
        self._log(f"Runs {argv}")
        tool_process.run(
            argv,
            {**os.environ, "TMPDIR": job.scratch, **additions},
            self._log,
            tool_process.Limits(*self._deadline(), self._stopped, self._give_back),
        )
        failed = _asked(self._services.tool.failure, job)
        if failed:
            raise JobProblem(attempt_record.TOOL_FAILED, failed, exit_code=0)

    def _deadline(self) -> tuple[float, JobProblem]:
        """When the tool must have ended, on time.monotonic(), and what it is if it has not."""
        limit = self._services.environment.job_timeout
        at = time.monotonic() + limit
        if limit and at < self._visibility.must_end:
            return at, JobProblem(attempt_record.TIMEOUT, f"the tool ran longer than JOB_TIMEOUT = {limit} s")
        # Beyond it another worker would get the message too; another attempt would only cost as much again.
        return self._visibility.must_end, JobProblem(
            attempt_record.TIMEOUT,
            "SQS hides a message for 12 hours at most; the job took longer. Make smaller jobs of it",
            hopeless=True,
        )

    def _upload(self, job: Job, folder: Path, bucket: str, prefix: str) -> None:
        environment, record = self._services.environment, self.record
        files = result_files(folder)
        sizes = ((one.name, one.size) for one in files)
        if environment.check_if_done and not self._services.tool.is_done(job, sizes):
            raise JobProblem(
                attempt_record.OUTPUT_PROBLEM,
                f"the tool left {len(files)} files, not the {environment.expected_number_files} of at least "
                f"{environment.min_file_size} bytes that EXPECTED_NUMBER_FILES asks for",
                exit_code=0,
            )
        record.files = len(files)
        record.upload_bytes = self._services.transfer.upload(
            files, bucket, prefix, environment.upload_args, self._stopped
        )
        if self._stopped():
            raise JobProblem(attempt_record.INTERRUPTED, self._stopped())

    def _stopped(self) -> str:
        """Why this attempt must stop; '' while it may go on."""
        return self._services.stop.reason or self._visibility.lost()

    def _give_back(self) -> None:
        """The message goes first, the tool is ended after it: others need not wait for that."""
        if not self._visibility.lost():
            self._visibility.give_back()

    def _stage_problem(self) -> str:
        """What an unexpected error is counted as: by how far the attempt had come."""
        if "upload" in self.record.seconds:
            return attempt_record.OUTPUT_PROBLEM
        return attempt_record.TOOL_FAILED if "tool" in self.record.seconds else attempt_record.INPUT_PROBLEM

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        begun = time.monotonic()
        self.record.seconds[stage] = 0.0
        try:
            yield
        finally:
            self.record.seconds[stage] = time.monotonic() - begun

    def _log(self, text: str) -> None:
        """To the job's own log, and to the container's output."""
        for line in text.splitlines() or [""]:
            self._services.say(f"[{self.record.job}] {line}")
            self._services.logs.write(
                self._services.environment.log_group, stream_name(self.record.job), line
            )


def _asked(function: Callable[..., Any], *arguments: Any) -> Any:
    """One of the tool's functions; its ValueError says that this job can never be done. Raises JobProblem."""
    try:
        return function(*arguments)
    except ValueError as error:
        raise JobProblem(attempt_record.INPUT_PROBLEM, str(error), hopeless=True) from None


_FOLDERS = ("local_input", "local_output", "local_scratch")


@contextmanager
def folders(root: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Fresh input, output and scratch folders, as paths without links; gone afterwards whatever happened."""
    made: list[Path] = []
    try:
        for name in _FOLDERS:
            if (root / name).is_symlink():
                (root / name).unlink()  # a tool of an earlier job has put it there
            (root / name).mkdir(parents=True, exist_ok=True)
            made.append(Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=str(root / name))).resolve())
        yield made[0], made[1], made[2]
    finally:
        for folder in made:
            _remove(folder)


def remove_left_behind(root: Path) -> None:
    """Remove the folders of workers that were killed; to be called before the first attempt."""
    for name in _FOLDERS:
        there = [] if (root / name).is_symlink() else (root / name).glob("*-*")
        for folder in there:
            owner = folder.name.split("-")[0]
            if owner.isdigit() and (int(owner) == os.getpid() or not process_table.lives(int(owner))):
                _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, also what a tool made unwritable; of a link that it put there, the link."""
    if folder.is_symlink():
        folder.unlink()
        return

    def make_writable(function: Any, path: str, error: Any) -> None:
        for one in (os.path.dirname(path), path):
            if not os.path.islink(one):
                os.chmod(one, stat.S_IRWXU)
        function(path)

    try:
        shutil.rmtree(str(folder), onerror=make_writable)
    except OSError:
        shutil.rmtree(str(folder), ignore_errors=True)
