"""Tables that people really have: read where there is one reading, else refused with file, line and fix."""

import codecs
import csv
import io
import os
import resource
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from distributed_something.errors import UserError
from distributed_something.jobs.generate.job_file_writer import write_job_file
from distributed_something.jobs.groups import group_source
from distributed_something.jobs.table_file import table_rows
from tests.unit.hostile.values import folder, hostile

PLAIN = "Plate,Well\r\nP1,A01\r\nP2,A02\r\n"
ROWS = [{"Plate": "P1", "Well": "A01"}, {"Plate": "P2", "Well": "A02"}]
LETTERS = "Größe,Färbung\r\nµm,Jod·é\r\n"


def read(content, name="wells.csv"):
    """The rows of a file of these bytes, or of this text in UTF-8."""
    with folder() as here:
        path = here / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for _, row in table_rows(path)]


def refused(content, name="wells.csv"):
    """The sentence, without the folder."""
    with folder() as here:
        path = here / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(UserError) as told:
            list(table_rows(path))
        return str(told.value).replace(f"{here}{os.sep}", "")


@pytest.mark.parametrize("name", ["wells.csv", "wells.CSV", "wells.tsv", "wells.Tsv"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_says_what_separates_the_columns(separator, name):
    assert read(PLAIN.replace(",", separator), name) == ROWS


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.TSV", "a.JSONL"])
def test_the_end_of_a_name_may_be_in_capitals(tmp_path, name):
    text = '{"Plate": "P1"}\n' if name.endswith("L") else "Plate\nP1\n"
    (tmp_path / name).write_text(text)
    assert [row for _, row in group_source(name, tmp_path / "job.json")()] == [{"Plate": "P1"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [PLAIN, LETTERS, "日本,語\n東京,都\n", "ĀĠ,Ȁ\n\u3000Ā,Ā\n"])
def test_every_encoding_that_names_itself_is_read(encoding, text):
    assert read(text.encode(encoding)) == read(text)


def test_big_endian_with_its_mark_is_read():
    assert read(codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be")) == ROWS


def test_an_encoding_that_depends_on_the_country_is_refused_with_the_line():
    told = refused("Plate;Size\r\nP1;small\r\nP2;Größe\r\n".encode("cp1252"))
    assert told.startswith(
        "wells.csv, line 3: the letters near 'P2;Größe' are not in UTF-8; save it in UTF-8"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(end):
    assert read(PLAIN.replace("\r\n", end)) == ROWS
    far = "Plate\n" + "P1\n" * 700_000 + "\xff"
    assert "line 700002: " in refused(far.replace("\n", end).encode("latin-1"))


@pytest.mark.parametrize(
    "text",
    [
        ",\r\n,,\r\n" + PLAIN + ",\r\n,,,,\r\n",
        "\n\n" + PLAIN.replace("\r\n", "\r\n\r\n") + "   \n",
        PLAIN.replace("\r\n", ",,\r\n"),
        "Plate,,Well,\nP1,,A01\nP2,,A02,\n",
        " Plate , Well\u00a0\nP1 ,A01\n P2,\tA02 \n",
        "sep=,\n" + PLAIN,
        "\ufeff" + PLAIN,
        "sep=;\r\n" + PLAIN.replace(",", ";"),
        '"sep=;"\r\n' + PLAIN.replace(",", ";"),
        "sep=:\r\n" + PLAIN.replace(",", ":"),
        '"Plate","Well"\n"P1","A01"\n"P2","A02"\n',
        'Plate;Well\nP1;"A01"\nP2;A02',
    ],
)
def test_what_spreadsheets_add_changes_nothing(text):
    assert read(text) == ROWS


def test_cells_stay_text_as_it_is_written():
    assert read("Dose;Plate;Note\n1,5;007;\n1e3;TRUE;-\n") == [
        {"Dose": "1,5", "Plate": "007", "Note": ""},
        {"Dose": "1e3", "Plate": "TRUE", "Note": "-"},
    ]


def test_spaces_in_quotes_are_meant():
    assert read('a,b\n" x ", y \n') == [{"a": " x ", "b": "y"}]


def test_a_line_break_in_quotes_is_part_of_the_cell_and_lines_are_counted_right():
    assert read('a,b\r\n"1\r\n2",3\r\n') == [{"a": "1\r\n2", "b": "3"}]
    assert refused('a,b\n"1\n2",3\n"4\n5"\n').startswith("wells.csv, line 4: has 1 cell")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Dose, mg;Plate\n1;P1\n", {"Dose, mg": "1", "Plate": "P1"}),
        ('Plate,"Dose; mg"\nP1,1\n', {"Plate": "P1", "Dose; mg": "1"}),
        ('"Dose; mg",Plate\n1;2,P1\n', {"Dose; mg": "1;2", "Plate": "P1"}),
        ("Plate\nP1;P2\n", {"Plate": "P1;P2"}),
    ],
)
def test_the_rows_decide_where_the_header_has_two_readings(text, row):
    assert read(text) == [row]


def test_two_readings_of_a_table_are_refused():
    told = refused("Dose, mg;Plate\n1,5;P1\n")
    assert told.startswith("wells.csv: its columns may be separated by ',' or by ';'; write sep=, or sep=;")
    assert read("sep=;\nDose, mg;Plate\n1,5;P1\n") == [{"Dose, mg": "1,5", "Plate": "P1"}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "wells.csv: is empty; its first line must name the columns"),
        (";;\n;;\n", "wells.csv: is empty; its first line must name the columns"),
        ("sep=;\n", "wells.csv: is empty"),
        ("\n\nPlate;Well\n;\n", "wells.csv: holds no row below its header"),
        ("\n\ufeff,\nP1,A01\n", "wells.csv, line 2: names no column; the first line must name the columns"),
        ("\nPlate;Plate\nP1;P1\n", "wells.csv, line 2: the column 'Plate' stands twice; rename or remove"),
        (",Plate\n0,P1\n", "wells.csv, line 2: '0' stands in column 1, which has no name; name the column"),
        ("Plate,group\nP1,x\n", "line 1: the name 'group' holds the whole row in a job's message; rename"),
        ("Plate,_comment\nP1,x\n", "line 1: the name '_comment' marks a comment in a job file; rename"),
        ("Plate;Well\nP1;A01\nP2\n", "wells.csv, line 3: has 1 cell, but the header has 2 (Plate, Well)"),
        ("Dose\n1,5\n", "wells.csv, line 2: has 2 cells, but the header has 1 (Dose); put the cell"),
        ('Plate\nP1\n"P2\nP3\n', "wells.csv, line 3: a quotation mark is opened and never closed"),
        ('Plate\n"5" long"\n', "wells.csv, line 2: text follows a closing quotation mark"),
        ('Plate\n"' + "P1\n" * 50_000, "wells.csv, line 2: a cell has more than 131,072 characters"),
        ("Plate\nP1\nP\x002\n", "wells.csv, line 3: holds a NUL character"),
        (bytes(range(256)) * 20, "wells.csv, line 1: holds a NUL"),
        (b"\x7fELF" + bytes(5000), "wells.csv, line 1: holds a NUL"),
        (b"\x1f\x8b\x08\0" + bytes(50), "wells.csv: is compressed by gzip"),
        (b"PK\x03\x04" + bytes(500), "wells.csv: is a spreadsheet or a ZIP archive and not a text file"),
        (PLAIN.encode("utf-16")[:-1], "wells.csv: begins as UTF-16, but not all of it is"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_fix(content, told):
    assert told in refused(content)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / "pipe.csv"))
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for name in ("pipe.csv", "folder.csv", "loop.csv"):
        with pytest.raises(UserError, match=name):
            list(table_rows(tmp_path / name))


def test_a_line_without_end_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "zeros.csv"
    with path.open("wb") as out:
        for _ in range(200):
            out.write(b"0" * (1 << 20))
    code = (
        "import sys; from pathlib import Path; from distributed_something.jobs.table_file import table_rows\n"
        "try: list(table_rows(Path(sys.argv[1])))\nexcept Exception as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (150 << 20, 150 << 20)),
    )
    assert "zeros.csv, line 1: is longer than 16 million characters" in ended.stdout


names = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters=',;|"'), min_size=1, max_size=8
).filter(lambda name: "_comment" not in name)
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    }
)
shapes = st.integers(2, 4).flatmap(
    lambda width: st.tuples(
        st.lists(names, min_size=width, max_size=width, unique=True),
        st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5),
    )
)


@hostile
@given(
    shapes,
    dialects,
    st.sampled_from(["a.csv", "A.CSV", "a.tsv"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_a_table_that_python_writes_in_any_dialect_reads_back_the_same(shape, dialect, name, encoding):
    header, rows = shape
    assume("group" not in header)
    assume(any(cell.strip() for row in rows for cell in row))
    if dialect["quoting"] == csv.QUOTE_MINIMAL:
        # Before Python 3.13 the line ends of other systems are not quoted, and nobody can read them back.
        ends = {ord(end): None for end in "\r\n" if end not in dialect["lineterminator"]}
        rows = [[cell.translate(ends) for cell in row] for row in rows]
    out = io.StringIO(newline="")
    writer = csv.writer(out, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    text = out.getvalue()
    if dialect["quoting"] == csv.QUOTE_MINIMAL:  # spaces alone are not quoted, and so not meant
        special = set(dialect["delimiter"] + dialect["lineterminator"] + '"')
        rows = [[cell if special & set(cell) else cell.strip() for cell in row] for row in rows]
    expected = [dict(zip(header, row)) for row in rows if any(row)]
    assert read(text.encode(encoding), name) == expected


@hostile
@given(shapes)
def test_a_table_of_makejobs_reads_back_the_same(shape):
    header, rows = shape
    groups = [dict(zip(header, row)) for row in rows]
    with folder() as here:
        path = here / "jobs.json"
        written = write_job_file(path, {}, groups, 1_000_000, False)
        assert [row for _, row in group_source(written[1].name, path)()] == groups
