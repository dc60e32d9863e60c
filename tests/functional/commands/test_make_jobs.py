"""makeJobs: a job file from the bucket's files, a table or a plate's layout; what is odd or wrong is told."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from distributed_something import cli
from distributed_something.commands import make_jobs
from distributed_something.commands.setup import setup
from distributed_something.commands.submit_job import submit
from distributed_something.errors import UserError
from distributed_something.jobs.job_file import load_jobs

COMMAND = "tool {Plate}/{Well}"


@pytest.fixture
def maker(bench, monkeypatch):
    """Type makeJobs in the bench's folder. Returns what was printed."""
    monkeypatch.chdir(bench.folder)

    def make(*arguments, **variables):
        parsed = cli.parser().parse_args(["makeJobs", *arguments])
        make_jobs.run(parsed, bench.context(**{"COMMAND": COMMAND, **variables}))
        printed = bench.out.getvalue()
        bench.out.seek(0)
        bench.out.truncate()
        return printed

    make.bench = bench
    return make


def put(bench, keys, bucket=None):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: bench.aws.s3.put_object(Bucket=bucket or bench.name, Key=key), keys))


def groups(path):
    return [group for _, group in load_jobs(path).groups()]


def test_every_page_of_the_bucket_is_listed_and_channels_are_one_job(maker):
    bench = maker.bench
    wells = [f"{row}{column:02}" for row in "ABCDEFGH" for column in range(1, 13)]
    images = [
        f"images/P{plate}/{well}_s{site}_w{channel}.tif"
        for plate in (1, 2)
        for well in wells
        for site in (1, 2)
        for channel in (1, 2, 3)
    ]
    others = ["images/", "images/P1/", "images/P1/notes.txt", "images/P2/Thumbs.db", "other/P1/A01_s1_w1.tif"]
    images.remove("images/P2/C05_s2_w3.tif")
    put(bench, [*images, *others])
    command = ("--bucket-folder", "images", "--pattern", "{Plate}/{Well}_s{Site}_*.tif", "--set", "run=x y")

    printed = maker(*command, "--dry-run")
    assert printed.splitlines() == [
        "384 jobs",
        'first: {"Plate": "P1", "Well": "A01", "Site": "1"}',
        'last:  {"Plate": "P2", "Well": "H12", "Site": "2"}',
    ]
    assert not (bench.folder / "files").exists()
    said = bench.said()
    assert "2 files there do not fit the pattern; the nearest: 'P1/notes.txt', 'P2/Thumbs.db'" in said
    assert 'most jobs have 3 files each, but 1 has 2; for example {"Plate": "P2", "Well": "C05"' in said
    assert "INPUT = 'images/{Plate}/{Well}_s{Site}_*.tif'" in said
    assert "Nothing was written" in said

    assert maker(*command) == printed
    path = bench.folder / "files" / "jobs.json"
    assert load_jobs(path).shared == {"run": "x y"}
    assert groups(path) == [
        {"Plate": plate, "Well": well, "Site": site}
        for plate in ("P1", "P2")
        for well in wells
        for site in ("1", "2")
    ]
    assert bench.said().endswith("Next:  python run.py submitJob files/jobs.json\n")
    setup(bench.context())
    assert submit(bench.context(COMMAND=COMMAND), path) == 384


def test_by_makes_one_job_of_the_files_that_differ_in_the_rest(maker):
    put(maker.bench, [f"P1/A0{well}_{site}.tif" for well in (2, 1) for site in (1, 2)])
    printed = maker("--pattern", "{Plate}/{Well}_{Site}.tif", "--by", "Well", "Plate")
    assert printed.startswith("2 jobs\n")
    assert groups(maker.bench.folder / "files" / "jobs.json") == [
        {"Well": "A01", "Plate": "P1"},
        {"Well": "A02", "Plate": "P1"},
    ]
    assert "INPUT = '{Plate}/{Well}_*.tif'" in maker.bench.said()


def test_very_many_jobs_go_into_a_table_that_streams(maker, monkeypatch):
    monkeypatch.setattr(make_jobs.job_file_writer, "MOST_INSIDE", 10)
    put(maker.bench, [f"P1/A{well:02}.tif" for well in range(1, 13)])
    maker("--pattern", "{Plate}/{Well}.tif", "--save", "all.json")
    assert json.loads((maker.bench.folder / "all.json").read_text()) == {"groups": "all.csv"}
    assert groups(maker.bench.folder / "all.json")[11] == {"Plate": "P1", "Well": "A12"}
    assert "all.json: 12 jobs, one a line in all.csv" in maker.bench.said()


def test_another_source_bucket_is_listed(maker, unique):
    maker.bench.aws.s3.create_bucket(Bucket=unique + "-source")
    put(maker.bench, ["x/P1/A01.tif"], unique + "-source")
    pattern = ("--pattern", "{Plate}/{Well}.tif")
    source = {"SOURCE_BUCKET": unique + "-source"}
    assert "1 job\n" in maker("--bucket-folder", f"s3://{unique}-source/x/", *pattern, "--dry-run", **source)
    with pytest.raises(UserError, match=f"SOURCE_BUCKET of config.py is {unique}$"):
        maker("--bucket-folder", f"s3://{unique}-source/x/", *pattern)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--pattern", "{Plate}/{Well}.tiff"),
            "No file of .* the nearest: 'P1/A01.tif', 'P1/A02.tif', 'P2/B01",
        ),
        (("--pattern", "p1/{Well}.tif"), "the nearest: 'P1/A01.tif', .*capitals count"),
        (
            ("--bucket-folder", "P3", "--pattern", "{Well}.tif"),
            "There is no file in s3://.*/P3/; look at the fol",
        ),
        (("--bucket-folder", "a/../b", "--pattern", "{Well}.tif"), "write it without '.', '..' and '//'"),
        (
            ("--pattern", "{Plate}/{Well}.tif", "--by", "Wel"),
            "no placeholder 'Wel' for --by; there are: Plate, W",
        ),
        (("--folder", "none", "--pattern", "{Well}.tif"), "none: there is no such folder"),
        (("--pattern", "{Plate}/{Well}.tif", "--set", "Well=1"), "each job has its own Well"),
        (("--pattern", "{Plate}/{Well}.tif", "--set", "Well"), "write KEY=VALUE"),
        (("--pattern", "{Plate}/{Well}.tif", "--set", "groups=1"), "the key 'groups' is taken"),
        (("--pattern", "{Plate}/{Well}.tif", "--save", "jobs.txt"), "a job file's name ends in .json"),
        ((), "Say what to make jobs of, by one of: --pattern"),
        (("--wells", "96", "--table", "x.csv"), "by one of: --pattern"),
        (("--wells", "96", "--folder", "x"), "--folder and --bucket-folder go with --pattern"),
        (("--wells", "96", "--by", "Well"), "--by goes with --pattern or --table"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_with_its_mend_and_nothing_is_written(maker, arguments, told):
    put(maker.bench, ["P1/A01.tif", "P1/A02.tif", "P2/B01.tif"])
    with pytest.raises(UserError, match=told):
        maker(*arguments)
    assert list(maker.bench.folder.rglob("*.json")) == []


def test_a_bucket_that_is_not_there_is_told(maker):
    with pytest.raises(UserError, match="There is no bucket no-such-bucket; mend SOURCE_BUCKET"):
        maker("--pattern", "{Well}.tif", SOURCE_BUCKET="no-such-bucket")
    with pytest.raises(UserError, match="still holds the example's value"):
        maker("--pattern", "{Well}.tif", SOURCE_BUCKET="your-bucket-name")


def test_what_submitjob_would_refuse_is_told_before_it_is_typed(maker):
    printed = maker("--wells", "A01-A03", "--sites", "1-2")
    assert printed.startswith("6 jobs\n")
    said = maker.bench.said()
    assert "Note: files/jobs.json, combination 1: the job has no key 'Plate' for {Plate}; it has: S" in said
    assert "5 more jobs have mistakes" in said
    assert said.endswith("Next:  python run.py check files/jobs.json\n")


def test_a_file_that_is_there_is_replaced_with_force_only(maker):
    plates = ("--plates", "P1", "--wells")
    maker(*plates, "96")
    with pytest.raises(UserError, match="files/jobs.json is there already"):
        maker(*plates, "384")
    path = maker.bench.folder / "files" / "jobs.json"
    assert len(groups(path)) == 96
    maker(*plates, "384", "--force")
    assert len(groups(path)) == 384
    assert set(json.loads(path.read_text())["groups"]) == {"matrix"}


def test_plates_wells_and_sites_are_a_matrix(maker):
    maker("--plates", "P1,P 2", "--wells", "A01-B02", "--sites", "01-02", "--set", "a=b=c")
    document = json.loads((maker.bench.folder / "files" / "jobs.json").read_text())
    assert document == {
        "a": "b=c",
        "groups": {
            "matrix": {"Plate": ["P1", "P 2"], "Well": ["A01", "A02", "B01", "B02"], "Site": ["01", "02"]}
        },
    }


def test_a_table_is_one_job_for_each_combination_of_its_columns(maker):
    maker.bench.write("load_data.csv", "Plate,Well,Site,File\nP1,A01,1,a\nP1,A01,2,b\nP1,A02,1,c\n")
    printed = maker("--table", "load_data.csv", "--by", "Plate", "Well")
    assert printed.startswith("2 jobs\n")
    path = maker.bench.folder / "files" / "jobs.json"
    assert groups(path) == [{"Plate": "P1", "Well": "A01"}, {"Plate": "P1", "Well": "A02"}]
    assert "most jobs have 2 rows each, but 1 has 1" in maker.bench.said()
    maker("--table", "load_data.csv", "--force", JOB_NAME="{File}")
    assert len(groups(path)) == 3
    assert groups(path)[2] == {"Plate": "P1", "Well": "A02", "Site": "1", "File": "c"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "Plate\n", "a.csv: holds no row"),
        ("a.csv", "Well;Site\nA01;1\n", "no column 'Plate' for --by; there are: Well, Site"),
        ("a.jsonl", '{"Plate": 1}\n{"plate": 1}\n', "a.jsonl, line 2: there is no column 'Plate'"),
        ("a.xlsx", "", "--table names 'a.xlsx', which is a spreadsheet; save it as CSV"),
        ("a.txt", "", "--table names 'a.txt'; it must end in .csv, .tsv or .jsonl"),
        ("b.csv", "", "a.csv: cannot be read"),
    ],
)
def test_a_table_s_mistake_is_told(maker, name, content, told):
    maker.bench.write(name, content)
    with pytest.raises(UserError, match=told):
        maker("--table", name.replace("b", "a"), "--by", "Plate")


def test_a_folder_of_this_computer_stands_for_the_bucket(maker):
    for name in ("P1/A01.tif", "P1/.DS_Store", "P1/notes", "P1/\udcff.tif"):
        path = maker.bench.folder / "data" / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    maker("--folder", "data", "--bucket-folder", "images", "--pattern", "{Plate}/{Well}.tif")
    assert groups(maker.bench.folder / "files" / "jobs.json") == [{"Plate": "P1", "Well": "A01"}]
    said = maker.bench.said()
    assert "1 file there does not fit the pattern; the nearest: 'P1/notes'" in said
    assert "2 entries of data/images are not in the bucket that it stands for: " in said
    assert r"'P1/\udcff.tif' (its name is not UTF-8); 'P1/.DS_Store' (of the operating system)" in said
    assert said.endswith("Next:  python run.py local files/jobs.json --bucket data\n")


def test_a_name_that_can_be_read_in_two_ways_stops_it(maker):
    put(maker.bench, ["my_plate_A01.tif"])
    with pytest.raises(UserError, match="can be read in more than one way"):
        maker("--pattern", "{Plate}_{Well}.tif")
    assert "1 job\n" in maker("--pattern", "{Plate}_{Well:well}.tif", "--dry-run")
