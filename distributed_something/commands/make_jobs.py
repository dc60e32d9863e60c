"""`run.py makeJobs`: writes a job file from files in the bucket, a table, or plates x wells x sites.

Files that differ only in '*' or in placeholders that --by leaves out become one job.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable

from ..checks.job_file import check_jobs
from ..errors import Interrupted, UserError
from ..jobs import groups, job_file
from ..jobs.generate import file_name_pattern, job_file_writer, plate_layout
from ..jobs.generate.distinct_groups import DistinctGroups
from ..jobs.generate.file_name_pattern import Pattern
from ..jobs.generate.matching_files import BucketFolder, LocalFolder, collect_groups
from ..jobs.groups import Group
from .context import Context

EXAMPLE = """\
python run.py makeJobs --bucket-folder images/ --pattern '{Plate}/{Well}_{Site}.tif' --dry-run
  python run.py makeJobs --bucket-folder images/ --pattern '{Plate}/{Well}_{Site}_*.tif' --by Plate Well
  python run.py makeJobs --table load_data.csv --by Metadata_Plate Metadata_Well
  python run.py makeJobs --plates P1,P2 --wells A01-H12 --sites 1-9 --set pipeline=count.cppipe"""
MUST_BE_EDITED = ()


@dataclass(frozen=True)
class Wanted:
    """What to make jobs from (``pattern``, ``table`` or ``matrix``) and where to save them."""

    save: Path
    pattern: Pattern | None = None
    bucket_folder: str = ""
    folder: Path | None = None
    table: Path | None = None
    matrix: dict[str, list[str]] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    shared: dict[str, Any] = field(default_factory=dict)
    replace: bool = False
    dry_run: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pattern",
        help="the files' names, e.g. '{Plate}/{Well}_{Site}.tif': each placeholder becomes a key of the job; "
        "'*' stands for anything within a name, '**' for folders too; {Well:well}, {Site:number} and "
        "{Name:word} say what a placeholder looks like",
    )
    parser.add_argument(
        "--bucket-folder", metavar="PREFIX", default="", help="where in SOURCE_BUCKET the files are"
    )
    parser.add_argument(
        "--folder",
        metavar="DIR",
        type=Path,
        help="a folder of this computer instead of SOURCE_BUCKET, as `local --bucket DIR` takes it",
    )
    parser.add_argument("--table", metavar="FILE", type=Path, help="a .csv, .tsv or .jsonl: one job a row")
    parser.add_argument("--plates", metavar="P1,P2", help="plates, by name")
    parser.add_argument(
        "--wells", metavar="A01-H12", help="wells, rectangles of a plate, or 96, 384 or 1536 for a whole one"
    )
    parser.add_argument("--sites", metavar="1-9", help="sites: numbers and ranges")
    parser.add_argument(
        "--by",
        metavar="KEY",
        nargs="+",
        default=[],
        help="one job for each combination of these placeholders or columns only",
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="a key that all jobs share"
    )
    parser.add_argument(
        "--save",
        metavar="FILE",
        type=Path,
        default=Path("files/jobs.json"),
        help="(default: files/jobs.json)",
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there already")
    parser.add_argument(
        "--dry-run", action="store_true", help="show the first and the last job, write nothing"
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    try:
        make(context, wanted(arguments))
    except KeyboardInterrupt:
        raise Interrupted("Interrupted; no job file was written") from None


def wanted(arguments: argparse.Namespace) -> Wanted:
    """The parsed command line. Raises UserError."""
    matrix: dict[str, list[str]] = {}
    if arguments.plates is not None:
        matrix["Plate"] = plate_layout.well_names(arguments.plates, "--plates")
    if arguments.wells is not None:
        matrix["Well"] = plate_layout.wells(arguments.wells)
    if arguments.sites is not None:
        matrix["Site"] = plate_layout.numbers(arguments.sites, "--sites")
    if bool(arguments.pattern) + bool(arguments.table) + bool(matrix) != 1:
        raise UserError(
            "Say what to make jobs of, by one of: --pattern (files of the bucket), --table FILE, or --plates,"
            " --wells and --sites. See: run.py makeJobs --help"
        )
    if not arguments.pattern and (arguments.folder or arguments.bucket_folder):
        raise UserError(
            "--folder and --bucket-folder go with --pattern, which says what the files are called"
        )
    if matrix and arguments.by:
        raise UserError("--by goes with --pattern or --table; leave out --plates, --wells or --sites instead")
    return Wanted(
        save=_json_path(arguments.save),
        pattern=file_name_pattern.parse_pattern(arguments.pattern) if arguments.pattern else None,
        bucket_folder=arguments.bucket_folder,
        folder=arguments.folder,
        table=arguments.table,
        matrix=matrix,
        by=tuple(dict.fromkeys(arguments.by)),
        shared=_shared(arguments.set),
        replace=arguments.force,
        dry_run=arguments.dry_run,
    )


def make(context: Context, what: Wanted) -> int:
    """Find the jobs, show and check them, and write the job file. Returns the number of jobs.

    Raises UserError if there are no jobs, or if the file already exists.
    """
    console = context.console
    if not what.dry_run:
        job_file_writer.refuse_existing([what.save], what.replace)
    with ExitStack() as stack:
        if what.matrix:
            source = groups.group_source({"matrix": what.matrix}, what.save)
        else:
            found = stack.enter_context(DistinctGroups())
            _collect(context, what, found)
            source = _located(found)
        file = job_file.JobFile(what.save, what.shared, source)
        first, last, count = _ends(group for _, group in file.groups())
        _refuse_overlap(what.shared, first)
        console.result(f"{count:,} jobs" if count > 1 else "1 job")
        console.result(f"first: {job_file_writer.as_json(first)}")
        console.result(f"last:  {job_file_writer.as_json(last)}")
        if not what.matrix:
            _tell_odd_sizes(context, found, "files" if what.pattern else "rows")
        mistakes = _tell_mistakes(context, file)
        _tell_input(context, what, first)
        if what.dry_run:
            console.say(f"Nothing was written. Without --dry-run they go into {what.save}")
            return count
        if what.matrix:
            job_file_writer.write_matrix(what.save, what.shared, what.matrix, what.replace)
            written = [what.save]
        else:
            written = job_file_writer.write_job_file(what.save, what.shared, found, count, what.replace)
    console.say(f"{what.save}: {count:,} jobs" + "".join(f", one a line in {path}" for path in written[1:]))
    _tell_next(context, what, mistakes)
    return count


def _collect(context: Context, what: Wanted, found: DistinctGroups) -> None:
    if what.pattern:
        _check_by(what.by, what.pattern.names, "placeholder", f"--pattern {what.pattern.text}")
        _collect_files(context, what, what.pattern, found)
        return
    table = what.table or Path()
    rows = groups.table_source(table, f"--table names {str(table)!r}")
    with context.console.progress(None, f"Rows of {table}") as progress:
        for where, row in rows():
            _check_by(what.by, row, "column", where)
            found.add({key: row[key] for key in what.by} if what.by else row)
            progress.advance()
    if not found.count:
        raise UserError(f"{table}: holds no row; there is nothing to make jobs of")


def _collect_files(context: Context, what: Wanted, pattern: Pattern, found: DistinctGroups) -> None:
    folder = _folder(context, what)
    with context.console.progress(None, f"Files of {folder}") as progress:
        others = collect_groups(folder, pattern, what.by or pattern.names, found, progress.advance)
    if isinstance(folder, LocalFolder) and folder.left_out:
        context.console.warn(folder.left_out.sentence(Path(str(folder))))
    if others.count:
        do_not = "1 file there does" if others.count == 1 else f"{others.count:,} files there do"
        context.console.warn(f"{do_not} not fit the pattern; the nearest: {others}")


def _folder(context: Context, what: Wanted) -> BucketFolder | LocalFolder:
    if what.folder is not None:
        return LocalFolder(what.folder, what.bucket_folder)
    return BucketFolder(context.aws, context.settings.source_bucket, what.bucket_folder)


def _located(found: DistinctGroups) -> groups.Source:
    return lambda: ((f"job {number}", group) for number, group in enumerate(found, 1))


def _ends(all_groups: Iterable[Group]) -> tuple[Group, Group, int]:
    """(first, last, how many)."""
    first: Group = {}
    last: Group = {}
    count = 0
    for last in all_groups:
        first = first or last
        count += 1
    return first, last, count


def _tell_odd_sizes(context: Context, found: DistinctGroups, of_what: str) -> None:
    """Jobs of fewer or more files than the others: most often something is missing."""
    usual, *odd = found.sizes()
    for size in odd[:3]:
        have = "1 has" if size.groups == 1 else f"{size.groups:,} have"
        context.console.warn(
            f"most jobs have {usual.times:,} {of_what} each, but {have} {size.times:,}; for example "
            f"{job_file_writer.as_json(size.example)}"
        )


def _tell_mistakes(context: Context, file: job_file.JobFile) -> bool:
    """What submitJob would refuse, as warnings. Returns whether there is any."""
    with context.console.progress(None, "Checking jobs") as progress:
        mistakes = [one for one in check_jobs(file, context.settings, progress.reach, 1) if one.is_mistake]
    for one in mistakes:
        context.console.warn(f"{one.what}. {one.mend}")
    return bool(mistakes)


def _tell_input(context: Context, what: Wanted, first: Group) -> None:
    if what.pattern and not context.settings.input:
        place = _folder(context, what).inside + what.pattern.template(first)
        context.console.say(
            f"INPUT of config.py is empty. To download each job's files, write there:  INPUT = {place!r}"
        )


def _tell_next(context: Context, what: Wanted, mistakes: bool) -> None:
    if mistakes:
        context.console.say("submitJob would refuse this file as it is; mend it and look again:")
        context.console.next_command(context.command(f"check {what.save}"))
    elif what.folder is not None:
        context.console.next_command(context.command(f"local {what.save} --bucket {what.folder}"))
    else:
        context.console.next_command(context.command(f"submitJob {what.save}"))


def _check_by(by: Iterable[str], known: Iterable[str], kind: str, where: str) -> None:
    for key in by:
        if key not in known:
            raise UserError(f"{where}: there is no {kind} {key!r} for --by; there are: {', '.join(known)}")


def _json_path(path: Path) -> Path:
    if path.suffix != ".json":
        raise UserError(f"--save {path}: a job file's name ends in .json")
    return path


def _shared(pairs: list[str]) -> dict[str, Any]:
    """The keys shared by all jobs. Raises UserError."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UserError(f"--set {pair}: write KEY=VALUE, for example pipeline=count.cppipe")
        if key in found or key in ("group", "groups") or "_comment" in key:
            raise UserError(f"--set {pair}: the key {key!r} is taken; choose another")
        found[key] = value
    return found


def _refuse_overlap(shared: dict[str, Any], group: Group) -> None:
    for key in shared:
        if key in group:
            raise UserError(f"--set {key}=...: each job has its own {key}; remove one of the two")
