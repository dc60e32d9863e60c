# -*- coding: utf-8 -*-
"""One attempt of one job: from the done check to the upload, and what to record of it."""

from __future__ import division, print_function, unicode_literals

import json
import os
import shutil
import stat
import tempfile
import time
import traceback
from contextlib import contextmanager

from python2worker import filling, inputs, outcome, process, strict_json, tool
from python2worker.cloudwatch_logs import stream_name
from python2worker.outcome import JobProblem, Record
from python2worker.transfer import raise_if, result_files


class Job(object):
    """One message of the queue, as the tool's functions see it."""

    def __init__(self, body, attempt, settings):
        """Raises JobProblem for what can never be a job."""
        try:
            message = strict_json.loads(body)
        except ValueError as error:
            raise JobProblem(outcome.INPUT_PROBLEM, "the message is no JSON: {0}".format(error), hopeless=True)
        if not isinstance(message, dict) or not isinstance(message.get("group"), dict):
            raise JobProblem(
                outcome.INPUT_PROBLEM, 'the message is no job: it has no object "group"', hopeless=True
            )
        self.message, self.attempt, self.settings = message, attempt, settings
        self.values = filling.job_values(message)
        self.values.update(bucket=settings.source_bucket, cores=settings.cores, attempt=attempt)


class Attempt(object):
    """Runs one job, as far as it gets. Whatever goes wrong is in the record; nothing is raised."""

    def __init__(self, services, lease, message_id, body, number):
        self._services, self._settings = services, services.settings
        self._lease, self._body = lease, body
        self.record = Record(message_id, number, self._settings.instance, time.time())

    def run(self):
        record = self.record
        try:
            record.outcome = self._steps()
            if record.outcome == outcome.SUCCESS:
                record.exit_code = 0
        except JobProblem as problem:
            record.outcome, record.reason = problem.outcome, problem.reason
            record.exit_code, record.hopeless = problem.exit_code, problem.hopeless
        except Exception as error:
            record.outcome = self._stage_problem()
            record.reason = "{0}: {1}".format(type(error).__name__, error)
            self._log(traceback.format_exc().decode("utf-8", "replace"))
        record.end = time.time()
        reason = " ({0})".format(record.reason) if record.reason else ""
        self._log("Attempt {0}: {1}{2}".format(record.attempt, record.outcome, reason))
        return record

    def _steps(self):
        settings, record, transfer = self._settings, self.record, self._services.transfer
        job = Job(self._body, record.attempt, settings)
        job.values["job"] = record.job = _asked(tool.name, job)
        self._log("Attempt {0} on {1}".format(job.attempt, settings.instance))
        prefix = _asked(lambda: filling.safe_prefix(tool.output(job)))
        bucket = settings.destination_bucket
        if settings.check_if_done and tool.is_done(job, transfer.listed(bucket, prefix)):
            return outcome.ALREADY_DONE
        with folders(settings.work_folder) as (input_folder, output_folder, scratch):
            job.values.update(input=input_folder, output=output_folder)
            with self._timed("download"):
                self._download(job, input_folder)
            with self._timed("tool"):
                self._run_tool(job, scratch)
            with self._timed("upload"):
                self._upload(job, output_folder, bucket, prefix)
        return outcome.SUCCESS

    def _download(self, job, folder):
        settings = self._settings
        wanted = _asked(tool.inputs, job)
        if not settings.download_files:
            place = wanted[0][0] if len(wanted) == 1 else ""
            job.values["input"] = os.path.join(settings.bucket_folder, place)
            return
        found = inputs.sources(self._services.s3, settings.source_bucket, wanted)
        self.record.download_bytes = self._services.transfer.download(
            settings.source_bucket, found, folder, self._stopped
        )

    def _run_tool(self, job, scratch):
        arguments, additions = _asked(tool.command, job)
        self._log("Runs {0}".format(json.dumps(arguments)))
        environment = dict(os.environ)
        environment.update(additions, TMPDIR=scratch)
        deadline, too_late = self._deadline()
        process.run(arguments, environment, self._log, deadline, too_late, self._stopped, self._give_back)

    def _deadline(self):
        """When the tool must have ended, in seconds since 1970, and what it is if it has not."""
        limit = self._settings.job_timeout
        at = time.time() + limit
        if limit and at < self._lease.must_end:
            return at, JobProblem(
                outcome.TIMEOUT, "the tool ran longer than JOB_TIMEOUT = {0} s".format(limit)
            )
        # Beyond it another worker would get the message too; another attempt would only cost as much again.
        return self._lease.must_end, JobProblem(
            outcome.TIMEOUT,
            "SQS hides a message for 12 hours at most; the job took longer. Make smaller jobs of it",
            hopeless=True,
        )

    def _upload(self, job, folder, bucket, prefix):
        settings, record = self._settings, self.record
        files = result_files(folder)
        sizes = [(name, size) for _, name, size in files]
        if settings.check_if_done and not tool.is_done(job, sizes):
            raise JobProblem(
                outcome.OUTPUT_PROBLEM,
                "the tool left {0} files, not the {1} of at least {2} bytes that EXPECTED_NUMBER_FILES asks "
                "for".format(len(files), settings.expected_number_files, settings.min_file_size),
                exit_code=0,
            )
        record.files = len(files)
        record.upload_bytes = self._services.transfer.upload(
            files, bucket, prefix, settings.upload_args, self._stopped
        )
        raise_if(self._stopped)

    def _stopped(self):
        return self._services.stop.reason or self._lease.lost()

    def _give_back(self):
        """The message goes first, the tool is ended after it: others need not wait for that."""
        if not self._lease.lost():
            self._lease.give_back()

    def _stage_problem(self):
        if "upload" in self.record.seconds:
            return outcome.OUTPUT_PROBLEM
        return outcome.TOOL_FAILED if "tool" in self.record.seconds else outcome.INPUT_PROBLEM

    @contextmanager
    def _timed(self, stage):
        begun = time.time()
        self.record.seconds[stage] = 0.0
        try:
            yield
        finally:
            self.record.seconds[stage] = time.time() - begun

    def _log(self, text):
        """To the job's own log, and to the container's output."""
        for line in text.splitlines() or [""]:
            self._services.say("[{0}] {1}".format(self.record.job, line))
            self._services.logs.write(self._settings.log_group, stream_name(self.record.job), line)


def _asked(function, *arguments):
    """One of the tool's functions; its ValueError says that this job can never be done. Raises JobProblem."""
    try:
        return function(*arguments)
    except ValueError as error:
        reason = error.args[0] if error.args else "{0!r}".format(error)
        raise JobProblem(outcome.INPUT_PROBLEM, reason, hopeless=True)


_FOLDERS = ("local_input", "local_output", "local_scratch")


@contextmanager
def folders(root):
    """Fresh input, output and scratch folders, gone afterwards whatever happened."""
    made = []
    try:
        for name in _FOLDERS:
            parent = os.path.join(root, name)
            if os.path.islink(parent):
                os.unlink(parent)  # a tool of an earlier job has put it there
            if not os.path.isdir(parent):
                try:
                    os.makedirs(parent)
                except OSError:
                    if not os.path.isdir(parent):  # another worker of this container made it
                        raise
            made.append(os.path.realpath(tempfile.mkdtemp(prefix="{0}-".format(os.getpid()), dir=parent)))
        yield made
    finally:
        for folder in made:
            _remove(folder)


def remove_left_behind(root):
    """Remove the folders of workers that were killed; to be called before the first attempt."""
    for parent in [os.path.join(root, name) for name in _FOLDERS]:
        for name in os.listdir(parent) if os.path.isdir(parent) and not os.path.islink(parent) else []:
            owner = name.split("-")[0]
            if owner.isdigit() and (int(owner) == os.getpid() or not process.lives(int(owner))):
                _remove(os.path.join(parent, name))


def _remove(folder):
    """Remove a folder, also what a tool made unwritable; of a link that it put there, the link."""
    if os.path.islink(folder):
        os.unlink(folder)
        return
    folder = folder.encode("utf-8")  # names of any bytes are removed
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
