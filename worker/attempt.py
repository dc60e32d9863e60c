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
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator

from worker import attempt_record, hook_results, inputs, process_table, tool_process, tool_shim
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
        services, environment = self._services, self._services.environment
        source = inputs.SourceBucket(services.s3, environment.source_bucket)
        job = parse(self._body, self.record.attempt, environment, source)
        job.limits = self._limits
        job.place(job=self._asked("name", job))
        self.record.job = job.name
        self._log(f"Attempt {job.attempt} on {environment.instance}")
        prefix = self._asked("output", job)
        bucket = environment.destination_bucket
        if environment.check_if_done:
            there = _listing(services.transfer.listed(bucket, prefix))
            if self._asked("is_done", job, there):
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
        wanted = self._asked("inputs", job)
        if not environment.download_files:
            job.place(input=os.path.join(environment.bucket_folder, inputs.mounted(wanted)))
            return
        found = inputs.sources(job.source, wanted)
        self.record.download_bytes = self._services.transfer.download(
            environment.source_bucket, found, folder, self._stopped
        )

    def _run_tool(self, job: Job) -> None:
        argv, additions = self._asked("command", job)
        self._log(f"Runs {argv}")
        tool_process.run(
            argv,
            {**os.environ, "TMPDIR": job.scratch, **additions},
            self._log,
            self._limits("the tool"),
        )
        failed = self._asked("failure", job)
        if failed:
            raise JobProblem(attempt_record.TOOL_FAILED, failed, exit_code=0)

    def _asked(self, name: str, job: Job, *arguments: Any) -> Any:
        """What a function of the tool returns; its ValueError says that this job can never be done.

        Raises JobProblem.
        """
        try:
            found = hook_results.checked(name, getattr(self._services.tool, name)(job, *arguments))
            return safe_prefix(found) if name == "output" else found
        except (ValueError, hook_results.WrongResult) as error:
            raise JobProblem(attempt_record.INPUT_PROBLEM, str(error), hopeless=True) from None
        except tool_shim.FunctionFailed as failed:
            if failed.trace:
                self._log(failed.trace)
            raise JobProblem(self._stage_problem(), str(failed)) from None
        except tool_shim.ToolProblem as problem:
            raise JobProblem(self._stage_problem(), str(problem)) from None
        except SystemExit as end:  # it would end the worker
            raise JobProblem(self._stage_problem(), f"SystemExit: {end}") from None

    def _limits(self, what: str) -> tool_process.Limits:
        """Until when the tool, or a function of tool.py in its own process, may run."""
        return tool_process.Limits(*self._deadline(what), self._stopped, self._give_back)

    def _deadline(self, what: str) -> tuple[float, JobProblem]:
        """When it must have ended, on time.monotonic(), and what it is if it has not."""
        limit = self._services.environment.job_timeout
        at = time.monotonic() + limit
        if limit and at < self._visibility.must_end:
            return at, JobProblem(attempt_record.TIMEOUT, f"{what} ran longer than JOB_TIMEOUT = {limit} s")
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
        if environment.check_if_done and not self._asked("is_done", job, sizes):
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


def _listing(objects: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The same; a ValueError of a broken connection must not be taken for one of the tool's function."""
    try:
        yield from objects
    except ValueError as error:
        raise OSError(f"the results could not be listed: {error}") from error


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
