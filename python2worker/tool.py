# -*- coding: utf-8 -*-
"""What is particular about a tool: the functions of worker/tool.py, in the one file to edit here.

Each gets the job: ``job.values`` (its group and the shared keys), ``job.message``, ``job.settings``.
A ValueError says that the job can never be done; its text becomes the reason.
"""

from __future__ import division, print_function, unicode_literals

from python2worker import filling
from python2worker.inputs import pattern


def name(job):
    """The job's name: of its log, and of its place in the bucket."""
    return filling.job_name(job.settings.job_name, job.message)


def inputs(job):
    """What is downloaded: keys, folders (ending in '/') or patterns (with '*') of SOURCE_BUCKET."""
    return [pattern(template, job.values) for template in job.settings.inputs]


def command(job):
    """What runs: the arguments, and additions to the environment."""
    return filling.fill_command(job.settings.command, job.values)


def output(job):
    """Where in DESTINATION_BUCKET the content of the output folder goes."""
    return filling.fill(job.settings.output, job.values)


def is_done(job, objects):
    """Whether these results, as (name, size in bytes), are all that the job should have."""
    wanted = job.settings
    enough = [
        name
        for name, size in objects
        if size >= wanted.min_file_size and wanted.necessary_string in name
    ]
    return len(enough) >= wanted.expected_number_files
