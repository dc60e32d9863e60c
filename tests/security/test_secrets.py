"""A launcher's keys and passwords are nowhere but where the launcher keeps them, whatever runs."""

import io
import json
import os

import pytest

from distributed_something.aws.session import Aws
from distributed_something.checks.all_checks import findings
from distributed_something.commands import report, setup_aws, status
from distributed_something.commands.context import Context
from distributed_something.commands.failed_jobs import failed, told
from distributed_something.commands.local import tool_path
from distributed_something.commands.logs import failed as failed_logs
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.config.secrets import looks_secret
from distributed_something.errors import UserError
from distributed_something.local.containers import process_starter
from distributed_something.local.emulator import Emulator
from distributed_something.local.machines import Machines
from distributed_something.local.orphan_reaper import OrphanReaper
from distributed_something.monitor.scaling_policy import Patience
from distributed_something.terminal.console import Console
from tests.security import planted
from tests.security.everything import everything
from tests.waiting import wait_until

# Not secret, and in every place that is looked at: what shows that the search can find something.
MARKER = "zebra"
CONFIG = f"""
APP_NAME = 'Searched'
DOCKERHUB_TAG = 'me/tool:1'
AWS_BUCKET = 'searched-bucket'
AWS_PROFILE = 'lab'
SSH_KEY_NAME = ''
DOCKER_CORES = 1
SECONDS_TO_START = 0
CLUSTER_MACHINES = 1
JOB_RETRIES = 2
OF_THE_TOOL = '{MARKER}'
JOB_NAME = '{MARKER}-{{n}}'
COMMAND = "sh -c 'env; env > {{output}}/variables; [ {{n!q}} != 2 ] || {{{{ echo {MARKER}; exit 3; }}}}'"
"""
JOBS = {"groups": [{"n": 1}, {"n": 2}]}


@pytest.fixture
def home(tmp_path):
    planted.write_credentials(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path):
    """A user's three files."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "config.py").write_text(CONFIG)
    (folder / "job.json").write_text(json.dumps(JOBS))
    (folder / "fleet.json").write_text(json.dumps({"LaunchSpecifications": [{}]}))
    return folder


def job_counts(context, run_file):
    seen = status.look(context, run_file)
    return seen.done, seen.dead


def places_of(found):
    return {place for place, _ in found}


def test_a_rehearsal_leaves_no_secret_in_folder_report_logs_or_terminal(shell, home, project, tmp_path):
    """The tool prints and publishes all of its environment, which on AWS is a container's."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        del shell.environment[name]
    shell.environment.update(planted.ENVIRONMENT, HOME=str(home), TMPDIR=str(scratch))
    printed = shell.run(
        *("--config", project / "config.py", "local", project / "job.json", "--bucket", tmp_path / "bucket"),
        code=3,
    )
    assert f"failed: {MARKER}-2" in printed
    places = [*planted.files_below(tmp_path / "bucket", project, scratch), ("terminal", printed.encode())]
    assert planted.found_in(places) == []
    marked = places_of(planted.found_in(places, [MARKER]))
    for kind in ("variables", "report.html", "task-definition.json", "config.py", "terminal"):
        assert [place for place in marked if place.endswith(kind)], kind
    assert [place for place in marked if "exportedlogs" in place]


class Account:
    """The commands as functions, with the keys of profile `lab`, and the emulated account to look into."""

    def __init__(self, project):
        self.settings = loader.load(project / "config.py")
        self.aws = Aws.of(self.settings)
        self.out = io.StringIO()
        self.context = Context(
            self.settings,
            self.aws,
            Console(self.out, self.out),
            files=project / "files",
            config=project / "config.py",
        )
        self._project = project

    def everything(self):
        """What the account holds, what lies on this computer, and what the terminal showed."""
        held = list(everything(self.aws))
        shown = ("terminal", self.out.getvalue().encode())
        return [*held, *planted.files_below(self._project), shown]


@pytest.fixture
def account(project, home, monkeypatch):
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in planted.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(home))
    # On AWS a container has keys of its role, which the tool sees; here the emulator takes one key alone.
    config = (project / "config.py").read_text()
    (project / "config.py").write_text(config.replace("env", "env -u AWS_ACCESS_KEY_ID"))
    with Emulator(planted.LAB_KEY) as emulator:
        monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint_url)
        made = Account(project)
        made.emulator = emulator
        yield made


@pytest.fixture
def machines(account, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    around = {
        **account.emulator.environment(),
        "AWS_SECRET_ACCESS_KEY": "of the role",
        "POLL_SECONDS": "1",
        "RETRY_DELAY": "0",
        "PATH": tool_path(tmp_path),
    }
    with OrphanReaper(scratch) as guard:
        made = Machines(account.aws, account.settings, scratch, around, process_starter(guard), 1, print)
        made.start()
        yield made
        made.stop()


def test_a_run_leaves_no_secret_in_any_service(account, machines, project):
    """setupAWS, the four commands and those that look, with real workers: searched when the jobs are done
    and the run still stands, and when it has ended.
    """
    context = account.context
    account.aws.s3.create_bucket(Bucket=account.settings.aws_bucket)
    setup_aws.set_up(context)
    setup(context)
    submit(context, project / "job.json")
    start(context, project / "fleet.json")
    run_file = find_run(context, None)
    wait_until(lambda: job_counts(context, run_file) == (1, 1), "one job is done, and one failed for good")
    for one in failed(context, project / "again.json"):
        context.console.result(told(one))
    failed_logs(context)
    standing = account.everything()
    monitor(context, run_file, cheapest=False, pace=Pace(1.0, Patience(readings=2, seconds=1.0)))
    (project / "report.html").write_text(report.render_page(report.look(context, report.last_run(context))))
    ended = account.everything()

    print(f"{len(standing)} places searched while the run stood, {len(ended)} when it had ended")
    assert planted.found_in([*standing, *ended]) == []
    marked = " ".join(places_of(planted.found_in(standing, [MARKER])))
    kinds = (
        "task definition",
        "log Searched/",
        "log Searched_jobs/",
        "messages of",
        "terminal",
        "again.json",
    )
    assert [kind for kind in kinds if kind not in marked] == []
    marked = " ".join(places_of(planted.found_in(ended, [MARKER])))
    for kind in ("exportedlogs/", "_summary/", "reports/Searched/", "task-definition.json", "terminal"):
        assert kind in marked
    searched = " ".join(place for place, _ in standing)
    kinds = (
        "user data",
        "fleet requests",
        "roles and policies",
        "zip of the function",
        "SpotFleetRequestId.json",
    )
    assert [kind for kind in kinds if kind not in searched] == []


def test_debug_shows_calls_without_the_session_token(shell, moto, home, project):
    """What `--debug` prints is copied into mails and issues."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        del shell.environment[name]
    key = planted.CREDENTIALS["lab"][0]
    credentials = home / ".aws" / "credentials"
    credentials.write_text(credentials.read_text().replace(key, moto.access_key))
    shell.environment.update(HOME=str(home), AWS_ENDPOINT_URL=moto.endpoint_url)
    printed = shell.run("--config", project / "config.py", "--debug", "cleanup")
    assert "X-Amz-Security-Token" in printed
    assert planted.found_in([("terminal", printed.encode())]) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("AWS_SECRET_ACCESS_KEY = 'x'", "AWS_SECRET_ACCESS_KEY does not belong here"),
        ("COMMAND = 'tool --key AKIAIOSFODNN7EXAMPLE'", "line 14: an AWS access key does not belong here"),
        ("# ASIAIOSFODNN7EXAMPLE", "line 14: an AWS access key does not belong here"),
        ("mine = 'AKIAIOSFODNN7EXAMPLE'", "line 14: an AWS access key does not belong here"),
    ],
)
def test_a_config_file_with_a_key_of_aws_is_refused(project, line, told):
    """The file itself is kept beside the results; its variables stand in the task definition."""
    with (project / "config.py").open("a") as config:
        config.write(line + "\n")
    with pytest.raises(UserError, match=told):
        loader.load(project / "config.py")


@pytest.mark.parametrize("name", ["DB_PASSWORD", "GITHUB_TOKEN", "MY_API_KEY", "api_key_2", "CLIENT_SECRET"])
def test_names_of_secrets_are_known(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["PWD", "KEYBOARD", "SSH_KEY_NAME", "TOKENIZER", "MONKEY", "PATH", "COMPASS", "KEY_COLUMN"]
)
def test_other_names_are_left_alone(name):
    assert not looks_secret(name)


def test_check_says_that_a_secret_of_the_tool_would_be_readable(bench):
    """It is not refused: a tool may need its licence, and there is no other way to hand it over."""
    context = bench.context(DB_PASSWORD="x", OF_THE_TOOL="y")
    notes = [one.line() for one in findings(context.aws, context.settings, None)]
    (note,) = [one for one in notes if "DB_PASSWORD" in one]
    assert note.startswith("note:")
    assert "OF_THE_TOOL" not in note
