"""The command line: what it imports, its help, its exit codes, and one sentence for each wrong input."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from distributed_something import cli
from distributed_something.commands import submit_job

CHECKOUT = Path(__file__).resolve().parents[2]
COMMANDS = list(cli.COMMANDS)
CONFIG = "APP_NAME = 'App'\nDOCKERHUB_TAG = 'me/tool:1'\nAWS_BUCKET = 'my-bucket'\nSSH_KEY_NAME = ''\n"
NO_CREDENTIALS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture
def type_in(tmp_path, monkeypatch, capsys):
    """Type a command line in a folder with files of this content; returns (exit code, what was printed)."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in NO_CREDENTIALS.items():
        monkeypatch.setenv(name, value)

    def type_in(*arguments, config=CONFIG, **files):
        for name, content in {"config.py": config, **files}.items():
            if content is not None:
                (tmp_path / name).write_text(content)
        code = cli.main(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return type_in


def test_help_imports_neither_boto3_nor_any_extra_nor_a_command():
    code = (
        "import sys\nfrom distributed_something.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "late = {'boto3', 'botocore', 'moto', 'tqdm', 'docker', 'jinja2', 'logging'}\n"
        "print([name for name in sys.modules if name in late or 'something.commands.' in name])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=str(CHECKOUT), stdout=subprocess.PIPE, text=True)
    assert told.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"example:\n  python run.py {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["submitjob", "x"], "there is no command 'submitjob'; did you mean submitJob?"),
        (["qwerty"], "they are: setup, submitJob, startCluster, monitor, "),
        ([], "COMMAND"),
        (["submitJob"], "JOBFILE"),
        (["submitJob", "no.json"], "no.json"),
        (["--config", "other.py", "setup"], "other.py"),
        (["setup"], "No AWS credentials were found. Run `aws configure`"),
        (["submitJob", "job.json", "--from", "x"], "--from"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_sentence_and_exit_2(type_in, arguments, told):
    code, printed = type_in(*arguments, **{"job.json": '{"groups": [{"a": 1}]}'})
    assert code == 2
    assert told in printed
    assert "Traceback" not in printed
    assert len(printed.splitlines()) <= 2


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("APP_NAME = 'App\n", "config.py"),
        (CONFIG.replace("App", "your app"), "APP_NAME"),
        (CONFIG.replace("my-bucket", "your-bucket-name"), "AWS_BUCKET still holds the example's value"),
        (CONFIG + "AWS_REGION = ''\n", "AWS_REGION"),
        (CONFIG + "CLUSTER_MACHINE = 3\n", "CLUSTER_MACHINES"),
        (CONFIG + "MEMORY = 'much'\n", "MEMORY"),
        (CONFIG + "AWS_PROFILE = 'nobody'\n", "AWS_PROFILE of config.py names it"),
        (None, "config.py"),
    ],
)
def test_a_wrong_config_is_told_and_exit_2(type_in, config, told):
    code, printed = type_in("setup", config=config)
    assert code == 2
    assert told in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ('{"groups": [', "line 1"),
        ("{}", "there is no 'groups'"),
        ('{"groups": []}', "groups"),
        ('{"groups": [1]}', "group 1"),
        ('{"groups": [{"a": "%s"}]}' % ("x" * 1100000), "SQS takes 1,046,016"),
    ],
    ids=["no JSON", "no groups", "empty", "no object", "too large"],
)
def test_a_wrong_job_file_is_told_before_aws_is_asked(type_in, job, told):
    """Without credentials: any call of AWS would be told of instead."""
    code, printed = type_in("submitJob", "job.json", **{"job.json": job})
    assert (code, told in printed) == (2, True), printed[:500]


@pytest.mark.parametrize(
    ("fleet", "told"),
    [
        ('{"LaunchSpecifications": [{"SubnetId": "subnet-XXXX"}]}', "SubnetId"),
        ('{"IamFleetRole": "r"}', "LaunchSpecifications"),
        ("[", "line 1"),
    ],
)
def test_a_wrong_fleet_file_is_told_before_aws_is_asked(type_in, fleet, told):
    code, printed = type_in("startCluster", "fleet.json", **{"fleet.json": fleet})
    assert (code, told in printed) == (2, True), printed


def test_a_region_that_does_not_exist_is_told(type_in, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    code, printed = type_in("setup", config=CONFIG + "AWS_REGION = 'moon-1'\n")
    assert code == 2
    assert "AWS_REGION" in printed


def test_an_example_left_in_config_py_is_no_hindrance_to_a_rehearsal(type_in):
    code, printed = type_in("local", "no.json", config=CONFIG.replace("my-bucket", "your-bucket-name"))
    assert "still holds" not in printed
    assert (code, "no.json" in printed) == (2, True)


def readme_commands():
    text = (CHECKOUT / "README.md").read_text()
    lines = [line.strip().split("#")[0].strip() for line in text.splitlines()]
    return [line.split()[2:] for line in lines if line.startswith("python run.py ")]


@pytest.mark.parametrize("arguments", readme_commands(), ids=" ".join)
def test_what_the_readme_says_to_type_is_understood(arguments):
    assert arguments[0] in COMMANDS
    parsed = cli.parser().parse_args(arguments)
    for path in (getattr(parsed, "jobfile", None), getattr(parsed, "fleetfile", None)):
        assert path is None or (CHECKOUT / path).is_file()


def test_a_defect_of_ours_is_one_line_with_how_to_report_it_and_exit_70(type_in, monkeypatch):
    monkeypatch.setattr(submit_job, "submit", lambda *arguments: {}["no such key"])
    code, printed = type_in("submitJob", "job.json", **{"job.json": '{"groups": [{"a": 1}]}'})
    assert code == 70
    assert "defect of Distributed-Something (KeyError in test_cli.py, line " in printed
    assert "--debug" in printed
    assert "Traceback" not in printed
