"""CellProfiler's tool.py: classic job files, the rows and images of a job, its arguments, its judgement."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from worker import tool_loader
from worker.attempt_record import JobProblem
from worker.inputs import Source
from worker.job import Job

FOLDER = Path(__file__).resolve().parents[3] / "files" / "examples" / "CellProfiler"
tool = tool_loader.load(str(FOLDER / "tool.py"))

SHARED = {
    "pipeline": "p/workspace/count.cppipe",
    "data_file": "p/workspace/load_data.csv",
    "input": "p/workspace/",
    "output": "p/results",
}
COLUMNS = "FileName_DNA,PathName_DNA,FileName_Illum,PathName_Illum,Metadata_Plate,Metadata_Well,Metadata_Site"
HOME = "/home/ubuntu/bucket/p"
ROWS = [
    f"{plate}_{well}_{site}.tif,{HOME}/images/{plate}/,{plate}.npy,{HOME}/illum,{plate},{well},{site}"
    for plate in ("P1", "P2")
    for well in ("A01", "A02")
    for site in ("01", "02")
]


class Bucket:
    """SOURCE_BUCKET with these objects."""

    def __init__(self, **objects):
        self.objects = objects

    def read(self, key):
        return self.objects[key]

    def keys(self, prefix):
        return [key for key in self.objects if key.startswith(prefix)]


def job_of(metadata, tmp_path=None, rows=ROWS, columns=COLUMNS, more=(), **shared):
    text = "\n".join([columns, *rows]) + "\n"
    objects = {SHARED["pipeline"]: b"", SHARED["data_file"]: text.encode(), **dict.fromkeys(more, b"")}
    message = {
        **SHARED,
        **shared,
        "group": metadata if isinstance(metadata, dict) else {"Metadata": metadata},
    }
    job = Job(message, 1, SimpleNamespace(command="cellprofiler -c -r"), Bucket(**objects))
    if tmp_path:
        for name in ("input", "output", "scratch"):
            (tmp_path / name).mkdir()
            setattr(job, name, str(tmp_path / name))
        table = tmp_path / "input" / SHARED["data_file"]
        table.parent.mkdir(parents=True)
        table.write_text(text)
    return job


def keys_of(job):
    sources = tool.inputs(job)
    assert all(source == Source(source.key, source.key) for source in sources)
    return [source.key for source in sources]


PLATE_AND_WELL = {"Metadata_Plate": "P1", "Metadata_Well": "A02"}


@pytest.mark.parametrize(
    "group",
    [
        {"Metadata": "Metadata_Plate=P1,Metadata_Well=A02"},
        {"Metadata": PLATE_AND_WELL},
        {"Metadata": [PLATE_AND_WELL, [3, 4]]},
        {"Metadata": ["Metadata_Plate=P1", "Metadata_Well=A02"]},
        PLATE_AND_WELL,
    ],
    ids=["text", "object", "print-groups", "list", "group"],
)
def test_metadata_is_text_an_object_a_list_or_the_group_itself(group, tmp_path):
    job = job_of(group, tmp_path)
    assert tool.name(job) == "P1-A02"
    assert tool.output(job) == "p/results/P1-A02"
    assert keys_of(job) == [
        "p/workspace/count.cppipe",
        "p/workspace/load_data.csv",
        "p/images/P1/P1_A02_01.tif",
        "p/illum/P1.npy",
        "p/images/P1/P1_A02_02.tif",
    ]
    assert tool.command(job).argv[-1] == "Metadata_Plate=P1,Metadata_Well=A02"


@pytest.mark.parametrize("metadata", ["A02", "Metadata_Plate=P1,A02", "", [], {}, 7, None])
def test_what_is_no_metadata_is_told(metadata):
    with pytest.raises(ValueError, match="Metadata is written 'Metadata_Plate=P1,Metadata_Well=A01'"):
        tool.name(job_of(metadata))


@pytest.mark.parametrize(
    ("structure", "folder"),
    [
        ("", "P1-A02"),
        ("Plate-Well", "P1-A02"),
        ("Metadata_Plate-Metadata_Well", "P1-A02"),
        ("Metadata_Plate/Metadata_Well", "P1/A02"),
        ("Plates/Metadata_Plate/analysis", "Plates/P1/analysis"),
        ("Well/of_Plate", "A02/of_P1"),
        ("all", "all"),
    ],
)
def test_output_structure_makes_the_folder_from_metadata(structure, folder):
    job = job_of("Metadata_Plate=P1,Metadata_Well=A02", output_structure=structure)
    assert tool.output(job) == f"p/results/{folder}"


def test_a_value_that_holds_a_name_is_left_as_it_is():
    job = job_of({"Plate": "Well", "Well": "A02", "WellRow": "B"}, output_structure="Plate-Well-WellRow")
    assert tool.output(job) == "p/results/Well-A02-B"


@pytest.mark.parametrize("site", ["02", "2", 2])
def test_numbers_are_met_as_the_csv_has_them_and_as_cellprofiler_reads_them(site, tmp_path):
    job = job_of({"Metadata_Plate": "P2", "Metadata_Site": site}, tmp_path)
    assert keys_of(job)[2:] == ["p/images/P2/P2_A01_02.tif", "p/illum/P2.npy", "p/images/P2/P2_A02_02.tif"]
    assert tool.command(job).argv[-1] == "Metadata_Plate=P2,Metadata_Site=2"


@pytest.mark.parametrize(
    ("column", "cells", "value", "group"),
    [
        ("Metadata_Dose", ["0.10", "1"], "0.10", "0.1"),
        ("Metadata_Dose", ["0.10", "none"], "0.10", "0.10"),
        ("Metadata_Col", ["01", "02"], "01", "01"),
    ],
    ids=["number", "text", "column of a well"],
)
def test_a_column_is_read_as_cellprofiler_reads_it(column, cells, value, group, tmp_path):
    rows = [f"{cell}.tif,{HOME},{cell}" for cell in cells]
    job = job_of(f"{column}={value}", tmp_path, rows, f"FileName_DNA,PathName_DNA,{column}")
    assert keys_of(job)[2:] == [f"p/{value}.tif"]
    assert tool.command(job).argv[-1] == f"{column}={group}"


def test_of_the_folder_input_everything_comes_but_images():
    more = [
        "p/workspace/rules.txt",
        "p/workspace/deep/model.h5",
        "p/workspace/preview.TIFF",
        "p/images/x.txt",
    ]
    job = job_of("Metadata_Plate=P1,Metadata_Well=A02", more=more)
    assert keys_of(job)[5:] == ["p/workspace/rules.txt", "p/workspace/deep/model.h5"]


@pytest.mark.parametrize("given", ["", None])
def test_input_may_be_left_out_and_is_an_empty_folder_then(given, tmp_path):
    job = job_of("Metadata_Plate=P1,Metadata_Well=A02", tmp_path, input=given)
    assert len(keys_of(job)) == 5
    argv = tool.command(job).argv
    assert list(Path(argv[argv.index("-i") + 1]).iterdir()) == []


def test_cellprofiler_is_given_local_folders_and_the_whole_table_with_local_paths(tmp_path):
    job = job_of("Metadata_Plate=P1,Metadata_Well=A02", tmp_path)
    argv, environ = tool.command(job)
    inputs, scratch = tmp_path / "input", tmp_path / "scratch"
    table = scratch / "load_data.csv"
    assert argv[:4] == ["sh", "-c", 'cd "$0" && exec "$@"', str(scratch)]
    assert argv[4:] == [
        *("cellprofiler", "-c", "-r", "-p", f"{inputs}/p/workspace/count.cppipe"),
        *("-i", f"{inputs}/p/workspace", "-o", str(tmp_path / "output"), "-d", f"{scratch}/cp.is.done"),
        *("--data-file", str(table), "-g", "Metadata_Plate=P1,Metadata_Well=A02"),
    ]
    assert environ == {}
    assert table.read_text().splitlines()[1:] == [
        row.replace("/home/ubuntu/bucket", str(inputs)) for row in ROWS
    ]


def test_the_program_runs_in_a_folder_of_its_own_and_its_arguments_stay_as_they_are(tmp_path):
    job = job_of(
        "Metadata_Plate=P 1;$(x)",
        tmp_path,
        rows=["P 1;$(x),a.tif," + HOME],
        columns="Metadata_Plate,FileName_D,PathName_D",
    )
    job.environment.command = "printf '%s\\n'"
    told = subprocess.check_output(tool.command(job).argv, text=True, cwd="/").splitlines()
    assert told[-1] == "Metadata_Plate=P 1;$(x)"
    (tmp_path / "scratch" / "pwd").write_text("#!/bin/sh\n/bin/pwd -P\n")
    (tmp_path / "scratch" / "pwd").chmod(0o755)
    job.environment.command = str(tmp_path / "scratch" / "pwd")
    assert subprocess.check_output(tool.command(job).argv, text=True, cwd="/").strip() == str(
        tmp_path / "scratch"
    )


def test_a_table_of_excel_is_read(tmp_path):
    job = job_of(
        "Metadata_Plate=P1", rows=["P1,a.tif," + HOME], columns="\ufeffMetadata_Plate,FileName_D,PathName_D"
    )
    assert keys_of(job)[2:] == ["p/a.tif"]


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ("Metadata_Plate=P3", "p/workspace/load_data.csv has no row with Metadata_Plate=P3"),
        ("Metadata_Plate=P1,Metadata_Well=A03", "no row with Metadata_Plate=P1 and Metadata_Well=A03"),
        (
            "Metadata_Plat=P1",
            "has no column 'Metadata_Plat'; it has FileName_DNA, PathName_DNA, FileName_Illum",
        ),
    ],
)
def test_a_group_that_the_table_has_not_is_told(metadata, told):
    with pytest.raises(ValueError, match=told):
        tool.inputs(job_of(metadata))


def test_paths_of_somebody_s_own_computer_are_told():
    rows = ["a.tif,/Users/me/Desktop,P1"]
    job = job_of("Metadata_Plate=P1", rows=rows, columns="FileName_DNA,PathName_DNA,Metadata_Plate")
    with pytest.raises(
        ValueError, match="image /Users/me/Desktop/a.tif of data_file is not in /home/ubuntu/bucket/"
    ):
        tool.inputs(job)


@pytest.mark.parametrize("key", ["pipeline", "data_file", "output"])
def test_a_key_that_is_missing_is_told(key):
    job = job_of("Metadata_Plate=P1")
    del job.message[key]
    with pytest.raises(ValueError, match=f"the job file has no '{key}'"):
        (tool.output if key == "output" else tool.inputs)(job)


@pytest.mark.parametrize("key", ["pipeline", "data_file", "input"])
@pytest.mark.parametrize("value", ["../x", "p/../../x", "p//x"])
def test_no_place_is_outside_the_input_folder(key, value, tmp_path):
    job = job_of("Metadata_Plate=P1", tmp_path, **{key: value})
    for function in (tool.inputs, tool.command):
        with pytest.raises(JobProblem, match="would leave the input folder"):
            function(job)


def test_a_slash_at_an_end_of_a_place_is_nothing():
    job = job_of(
        "Metadata_Plate=P1", input="/p/workspace/", output="/p/results/", pipeline="/p/workspace/count.cppipe"
    )
    assert keys_of(job)[0] == SHARED["pipeline"]
    assert tool.output(job) == "p/results/P1"


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        ("Complete\n", ""),
        ("Failure\n", "CellProfiler's done file says 'Failure', not 'Complete'"),
        ("", "CellProfiler's done file says '', not 'Complete'"),
        (None, "CellProfiler's done file says 'nothing', not 'Complete'"),
    ],
)
def test_only_what_the_done_file_calls_complete_has_not_failed(told, failure, tmp_path):
    job = job_of("Metadata_Plate=P1", tmp_path)
    if told is not None:
        (tmp_path / "scratch" / "cp.is.done").write_text(told)
    assert tool.failure(job) == failure


def test_the_example_s_job_file_is_a_classic_one():
    document = json.loads((FOLDER / "job.json").read_text())
    assert {key for key in document if "_comment" not in key} == {*SHARED, "output_structure", "groups"}
    assert all(set(group) == {"Metadata"} for group in document["groups"])
