# -*- coding: utf-8 -*-
"""INPUT of config.py -> the objects to download, and the name each gets in the input folder."""

from __future__ import division, print_function, unicode_literals

from python2worker.filling import input_place
from python2worker.outcome import INPUT_PROBLEM, JobProblem

# Stands for a wildcard of config.py while a template is filled in; no value holds one (fill refuses it).
_WILDCARD = "\0"


def pattern(template, values):
    """The parts between the wildcards of one filled INPUT; a single part is a key or a folder."""
    return input_place(template, values, _WILDCARD).split(_WILDCARD)


def sources(s3, bucket, patterns):
    """{name in the folder: key} of the objects that these INPUTs name. Raises JobProblem."""
    found = {}
    for parts in patterns:
        count = 0
        for key, name in _sources_of(s3, bucket, parts):
            count += 1
            if found.get(name, key) != key:
                raise JobProblem(
                    INPUT_PROBLEM,
                    "{0} and {1} would both become {2}; INPUT must name their folder, or one of them only"
                    .format(found[name], key, name),
                )
            found[name] = key
        if not count:
            raise JobProblem(INPUT_PROBLEM, "there is nothing at s3://{0}/{1}".format(bucket, "*".join(parts)))
    for name in found:
        folders = name.split("/")[:-1]
        for depth in range(len(folders)):
            parent = "/".join(folders[: depth + 1])
            if parent in found:
                raise JobProblem(
                    INPUT_PROBLEM,
                    "{0} is a file where {1} needs a folder".format(found[parent], found[name]),
                )
    return found


def _sources_of(s3, bucket, parts):
    prefix = parts[0]
    is_folder = len(parts) == 1 and (prefix.endswith("/") or not prefix)
    if len(parts) == 1 and not is_folder:
        yield prefix, _safe_name(prefix.rsplit("/", 1)[-1])
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            key = entry["Key"]
            if key.endswith("/"):
                continue  # the marker that the console makes for a folder
            if is_folder:
                yield key, _safe_name(key[len(prefix) :])
            elif _matches(parts, key):
                yield key, _safe_name(key.rsplit("/", 1)[-1])


def _matches(parts, key):
    """Whether the key has these parts in order; in time that grows with its length alone."""
    first, between, last = parts[0], parts[1:-1], parts[-1]
    at, end = len(first), len(key) - len(last)
    if not (key.startswith(first) and key.endswith(last) and at <= end):
        return False
    for part in between:
        found = key.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _safe_name(name):
    if "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise JobProblem(INPUT_PROBLEM, "the object '{0}' would leave the input folder".format(name))
    return name
