"""CellProfiler, run by the job files of Distributed-CellProfiler as they are.

A job has pipeline, data_file (the CSV of LoadData), input, output and perhaps output_structure; its Metadata
says which rows of the CSV are its own. The local input folder is laid out as the bucket is.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
from pathlib import Path

from worker.api import Filled, Job, Source, fill_command, safe_name

# Where paths in the CSV begin: the bucket was mounted there.
BUCKET = "/home/ubuntu/bucket"
# What is downloaded only if a row of the job names it.
IMAGE = re.compile(r"\.(tiff?|png|jpe?g|bmp|dib|gif|c01|flex|nd2|czi|lif|lsm|stk|dv)$", re.IGNORECASE)


def name(job: Job) -> str:
    return "-".join(metadata(job).values())


def inputs(job: Job) -> list[Source]:
    """The pipeline, the CSV, the images of the job's rows, and what is no image in the folder `input`."""
    table, folder = place(job, "data_file"), default_input(job)
    _, rows = chosen(job, job.source.read(table).decode("utf-8-sig"))
    keys = [place(job, "pipeline"), table, *(key for row in rows for key in images(row))]
    if folder:
        keys += [key for key in job.source.keys(folder + "/") if not IMAGE.search(key)]
    return [Source(key, key) for key in dict.fromkeys(keys)]


def command(job: Job) -> Filled:
    """COMMAND and its arguments. The CSV gets local paths, and keeps its rows: they number the images."""
    bucket, scratch = Path(job.input), Path(job.scratch)
    text = (bucket / place(job, "data_file")).read_text(encoding="utf-8-sig")
    group, _ = chosen(job, text)
    table = scratch / "load_data.csv"
    table.write_text(text.replace(BUCKET, job.input), encoding="utf-8")
    folder = bucket / default_input(job) if default_input(job) else scratch / "empty"
    folder.mkdir(parents=True, exist_ok=True)
    argv, environ = fill_command(job.environment.command, job.values)
    argv += ["-p", str(bucket / place(job, "pipeline")), "-i", str(folder), "-o", job.output]
    argv += ["-d", str(done_file(job)), "--data-file", str(table)]
    argv += ["-g", ",".join(f"{key}={value}" for key, value in group.items())]
    # From the root folder, where many images start, Bio-Formats fails to open a TIFF.
    return Filled(["sh", "-c", 'cd "$0" && exec "$@"', job.scratch, *argv], environ)


def output(job: Job) -> str:
    """In `output`, the folder output_structure: its Metadata_Plate (or Plate, alone) is the job's plate."""
    values = metadata(job)
    structure = job.message.get("output_structure") or "-".join(values)
    if not any(key in structure for key in values):
        values = {key.replace("Metadata_", "", 1): value for key, value in values.items()}
    keys = "|".join(re.escape(key) for key in sorted(values, key=len, reverse=True))
    folder = re.sub(keys, lambda found: values[found.group()], structure)
    return posixpath.join(place(job, "output"), folder)


def failure(job: Job) -> str:
    """What CellProfiler's done file does not call Complete has failed, whatever the exit code."""
    told = done_file(job).read_text().strip() if done_file(job).exists() else "nothing"
    return "" if told == "Complete" else f"CellProfiler's done file says {told!r}, not 'Complete'"


def done_file(job: Job) -> Path:
    return Path(job.scratch, "cp.is.done")


def place(job: Job, key: str) -> str:
    """The place in the bucket that the job file gives for pipeline, data_file or output."""
    if not job.message.get(key):
        raise ValueError(f"the job file has no {key!r}; it is a path in the bucket")
    return safe_name(str(job.message[key]).strip("/"))


def default_input(job: Job) -> str:
    """The folder `input`, which may be left out."""
    return place(job, "input") if job.message.get("input") else ""


def metadata(job: Job) -> dict[str, str]:
    """{name: value} of 'A=1,B=2', an object, an entry of `cellprofiler --print-groups`, or all the group."""
    given = job.message["group"].get("Metadata", job.message["group"])
    if isinstance(given, list) and given:
        given = given[0] if isinstance(given[0], dict) else ",".join(map(str, given))
    if isinstance(given, str):
        pairs = [pair.split("=", 1) for pair in given.split(",")]
        given = dict(pairs) if all(len(pair) == 2 for pair in pairs) else {}
    if not isinstance(given, dict) or not given:
        raise ValueError(f"{job.message['group']}: Metadata is written 'Metadata_Plate=P1,Metadata_Well=A01'")
    return {key.strip(): str(value).strip() for key, value in given.items()}


def chosen(job: Job, text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The job's Metadata with the values as CellProfiler reads them from the CSV, and the job's rows."""
    group, table, wanted = {}, place(job, "data_file"), metadata(job)
    rows = every = list(csv.DictReader(io.StringIO(text), restval=""))
    for key, value in wanted.items():
        if every and key not in every[0]:
            raise ValueError(f"{table} has no column {key!r}; it has {', '.join(filter(None, every[0]))}")
        cells = [row[key] for row in every]
        read = dict(zip(cells, as_read(key, cells)))
        group[key] = read.get(value, value)
        rows = [row for row in rows if read[row[key]] == group[key]]
    if not rows:
        raise ValueError(f"{table} has no row with {' and '.join('='.join(pair) for pair in wanted.items())}")
    return group, rows


def as_read(column: str, cells: list[str]) -> list[str]:
    """The cells as LoadData reads them: 002 is 2 where all are numbers, but for a well's column."""
    for kind in () if re.fullmatch("(?i)metadata_(well)?col(umn)?", column) else (int, float):
        try:
            return [str(kind(cell)) for cell in cells]
        except ValueError:
            pass
    return cells


def images(row: dict[str, str]) -> list[str]:
    """The keys of the images that a row names."""
    columns = [column for column in row if column and "FileName_" in column and row[column]]
    paths = [posixpath.join(row.get(one.replace("FileName_", "PathName_"), ""), row[one]) for one in columns]
    for path in paths:
        if not path.startswith(BUCKET + "/"):
            raise ValueError(f"the image {path} of data_file is not in {BUCKET}/, the bucket's place")
    return [posixpath.normpath(path[len(BUCKET) + 1 :]) for path in paths]
