"""A job's way through the worker: what it does with messages, inputs, results, logs and ledger."""

import json
import sys

import pytest

SHELL = "sh -c '{}'"


def python(code):
    """A COMMAND that runs Python code with the job's values as arguments after it."""
    return f'{sys.executable} -c "{code}"'


def test_a_job_is_done_recorded_and_gone(rig):
    rig.put("images/a.txt", b"hello")
    rig.send({"Plate": "P1", "Well": "A01"}, kind="txt")
    printed = rig.work("cp {input}/a.{kind} {output}/{Plate}.txt", INPUT="images/a.txt")
    assert rig.results() == {"results/P1-A01/P1.txt": "hello"}
    assert rig.counts() == (0, 0)
    assert rig.leftovers() == []
    assert "the queue is empty" in printed
    (entry,) = rig.ledger()
    assert (entry["job"], entry["outcome"], entry["attempt"]) == ("P1-A01", "SUCCESS", 1)
    assert (entry["exit_code"], entry["files"]) == (0, 1)
    assert (entry["download_bytes"], entry["upload_bytes"]) == (5, 5)


def test_the_tool_s_output_is_in_the_job_s_own_log_line_by_line(rig):
    rig.send({"Name": "talker"})
    rig.work(SHELL.format("echo one; echo two >&2; printf three"))
    log = rig.job_log("talker")
    assert [line for line in log if line in ("one", "two", "three")] == ["one", "two", "three"]
    assert "SUCCESS" in log[-1]


def test_many_jobs_are_done_once_each(rig):
    for number in range(12):
        rig.send({"n": number})
    rig.work("touch {output}/{n}")
    assert set(rig.results()) == {f"results/{n}/{n}" for n in range(12)}
    assert rig.outcomes() == ["SUCCESS"] * 12


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("in/one.tif", ["one.tif"]),
        ("in/deep/", ["a/b.tif", "two.tif"]),
        ("in/*.tif", ["b.tif", "one.tif", "two.tif"]),
        (["in/one.tif", "in/deep/"], ["a/b.tif", "one.tif", "two.tif"]),
    ],
    ids=["key", "folder", "pattern", "list"],
)
def test_inputs_are_keys_folders_and_patterns(rig, wanted, names):
    for key in ("in/", "in/one.tif", "in/deep/two.tif", "in/deep/a/b.tif", "in/one.csv.gz"):
        rig.put(key)
    rig.send({"n": 1})
    rig.work(
        "sh -c 'cd {input!q} && find . -type f | sort > {output}/names'",
        INPUT=wanted if isinstance(wanted, str) else json.dumps(wanted),
    )
    assert rig.results()["results/1/names"].split() == [f"./{name}" for name in names]


def test_a_star_in_a_job_s_value_is_no_wildcard(rig):
    rig.put("in/secret.tif")
    rig.send({"file": "*"})
    rig.work("true", INPUT="in/{file}", JOB_NAME="job")
    assert rig.outcomes() == ["INPUT_PROBLEM"] * 3


def test_two_inputs_of_one_name_are_a_problem(rig):
    rig.put("a/x.tif")
    rig.put("b/x.tif")
    rig.send({"n": 1})
    rig.work("true", INPUT=json.dumps(["a/x.tif", "b/x.tif"]))
    entry = rig.ledger()[0]
    assert entry["outcome"] == "INPUT_PROBLEM"
    assert "a/x.tif and b/x.tif would both become x.tif" in entry["reason"]


def test_a_missing_input_is_named(rig):
    rig.send({"n": 1})
    rig.work("true", INPUT="nowhere/{n}.tif")
    assert f"there is no s3://{rig.name}/nowhere/1.tif" in rig.ledger()[0]["reason"]
    assert len(rig.dead()) == 1


def test_a_mounted_bucket_is_used_in_place(rig):
    mounted = rig.folder / "bucket" / "in"
    mounted.mkdir(parents=True)
    (mounted / "a.txt").write_text("mounted")
    rig.send({"n": 1})
    rig.work("cp {input}/a.txt {output}/b.txt", INPUT="in/", DOWNLOAD_FILES="False")
    assert rig.results() == {"results/1/b.txt": "mounted"}


@pytest.mark.parametrize(
    "value",
    [
        "; rm -rf ~",
        "$(id)",
        "`id`",
        "two words",
        'it\'s "quoted"',
        "-n",
        "",
        "line\nline",
        "ünïcödé",
        "&& touch pwned",
    ],
)
def test_a_hostile_value_reaches_the_tool_as_one_plain_argument(rig, value):
    rig.send({"value": value})
    rig.work(
        python("import sys; open(sys.argv[2] + '/got', 'w').write(repr(sys.argv[1]))") + " {value} {output}",
        JOB_NAME="job",
    )
    assert rig.results() == {"results/job/got": repr(value)}


def test_a_hostile_value_in_a_shell_s_script_arrives_quoted(rig):
    value = "a; touch pwned $(touch pwned) `touch pwned` ' \" b"
    rig.send({"value": value})
    rig.work("sh -c 'printf %s {value!q} > {output}/got'", JOB_NAME="job")
    assert rig.results() == {"results/job/got": value}
    assert not (rig.folder / "pwned").exists()


@pytest.mark.parametrize(
    "script",
    [
        'printf %s "$(printf %s {value!q})"',
        'printf %s "{value!q}"',
        '(printf %s "$(echo "a")"{value!q}) | tail -c +2',
    ],
    ids=["in a substitution", "in double quotes", "after a substitution"],
)
def test_a_value_in_a_shell_s_script_stays_one_word(rig, script):
    value = "two  words * $HOME"
    rig.send({"value": value})
    rig.work(f"sh -c '{script} > {{output}}/got'", JOB_NAME="job")
    assert rig.results() == {"results/job/got": value}


@pytest.mark.parametrize("setting", ["INPUT", "OUTPUT", "JOB_NAME"])
@pytest.mark.parametrize("value", ["../../etc/passwd", "/etc/passwd", "a/../../b"])
def test_a_place_that_leaves_its_folder_is_refused(rig, setting, value):
    rig.send({"value": value})
    rig.work("touch {output}/x", **{"JOB_NAME": "job", setting: "{value}"})
    assert rig.results() == {}
    (entry,) = rig.ledger()
    assert entry["outcome"] == "INPUT_PROBLEM"
    assert "would leave" in entry["reason"]
    assert len(rig.dead()) == 1


def test_a_result_that_links_outside_is_not_published(rig):
    rig.send({"n": 1})
    rig.work("ln -s /etc/hostname {output}/stolen")
    assert rig.results() == {}
    assert "is a link" in rig.ledger()[0]["reason"]


def test_links_inside_the_results_become_files(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'cd {output} && echo x > a && ln -s a b'")
    assert rig.results() == {"results/1/a": "x\n", "results/1/b": "x\n"}


def test_a_job_that_is_done_is_skipped(rig):
    rig.put("results/1/a.csv", b"12345")
    rig.send({"n": 1})
    rig.work("false", CHECK_IF_DONE_BOOL="True", EXPECTED_NUMBER_FILES=1, NECESSARY_STRING=".csv")
    assert rig.outcomes() == ["ALREADY_DONE"]
    assert rig.counts() == (0, 0)


@pytest.mark.parametrize(
    "setting",
    [{"EXPECTED_NUMBER_FILES": 2}, {"MIN_FILE_SIZE_BYTES": 6}, {"NECESSARY_STRING": ".png"}],
    ids=["too few", "too small", "other name"],
)
def test_a_job_that_is_only_partly_done_is_done_again(rig, setting):
    rig.put("results/1/a.csv", b"12345")
    rig.send({"n": 1})
    wanted = {"CHECK_IF_DONE_BOOL": "True", "EXPECTED_NUMBER_FILES": 1, **setting}
    rig.work("sh -c 'echo long enough > {output}/b.png; echo long enough > {output}/c.png'", **wanted)
    assert rig.outcomes() == ["SUCCESS"]


def test_too_few_results_are_a_problem_and_are_not_uploaded(rig):
    rig.send({"n": 1})
    rig.work("touch {output}/a", CHECK_IF_DONE_BOOL="True", EXPECTED_NUMBER_FILES=2, MIN_FILE_SIZE_BYTES=0)
    assert rig.results() == {}
    assert rig.outcomes() == ["OUTPUT_PROBLEM"] * 3


def test_local_folders_are_gone_even_if_the_tool_locked_them(rig):
    rig.send({"n": 1})
    rig.work("sh -c 'mkdir {output}/d && touch {output}/d/f && chmod 500 {output}/d && mktemp'")
    assert rig.leftovers() == []
    assert set(rig.results()) == {"results/1/d/f"}


def test_a_large_result_arrives_whole(rig):
    rig.send({"n": 1})
    rig.work("truncate -s 40M {output}/large")
    head = rig.s3.head_object(Bucket=rig.name, Key="results/1/large")
    assert head["ContentLength"] == 40 * 1024 * 1024
    assert rig.open_uploads() == []


def test_the_unfinished_upload_of_a_killed_attempt_is_aborted_and_no_other(rig):
    for key in ("results/1/large", "results/1/large2"):
        rig.s3.create_multipart_upload(Bucket=rig.name, Key=key)
    rig.send({"n": 1})
    rig.work("truncate -s 40M {output}/large")
    assert [one["Key"] for one in rig.open_uploads()] == ["results/1/large2"]
