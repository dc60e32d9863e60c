"""config.py -> Settings: defaults, kinds of values, and what is told of each mistake."""

from pathlib import Path

import pytest

from distributed_something.config import loader
from distributed_something.errors import UserError

LEAST = "APP_NAME = 'App'\nDOCKERHUB_TAG = 'me/tool:1'\nAWS_BUCKET = 'my-bucket'\n"
TOP = Path(__file__).resolve().parents[3]


def load(tmp_path, text, least=LEAST):
    path = tmp_path / "config.py"
    path.write_text(least + text, encoding="utf-8")
    return loader.load(path)


def mistake(tmp_path, text, least=LEAST):
    with pytest.raises(UserError) as told:
        load(tmp_path, text, least)
    return str(told.value).replace(str(tmp_path) + "/", "")


def test_what_is_missing_takes_the_classic_default(tmp_path):
    found = load(tmp_path, "")
    assert (found.log_group_name, found.sqs_queue_name) == ("App", "AppQueue")
    assert (found.source_bucket, found.workspace_bucket) == ("my-bucket", "my-bucket")
    assert (found.cluster_machines, found.tasks_per_machine, found.desired_tasks) == (3, 1, 3)
    assert (found.machine_type, found.machine_price, found.ebs_vol_size) == (("m5.xlarge",), 0.2, 30)
    assert (found.docker_cores, found.cpu_shares, found.memory) == (4, 4096, 15_000)
    assert (found.seconds_to_start, found.sqs_message_visibility, found.job_retries) == (180, 60, 10)
    assert (found.sqs_dead_letter_queue, found.ecs_cluster) == ("user_DeadMessages", "default")
    assert (found.auto_monitor, found.check_if_done_bool, found.assign_ip) == (True, False, False)
    assert (found.expected_number_files, found.min_file_size_bytes, found.necessary_string) == (7, 1, "")


def test_a_default_follows_the_variable_it_is_made_of(tmp_path):
    found = load(tmp_path, "DOCKER_CORES = 2\nSOURCE_BUCKET = 'other'\n")
    assert (found.cpu_shares, found.workspace_bucket, found.destination_bucket) == (
        2048,
        "other",
        "my-bucket",
    )


@pytest.mark.parametrize("written", ["True", "'True'", "'true'"])
def test_booleans_may_be_written_as_text(tmp_path, written):
    assert load(tmp_path, f"CHECK_IF_DONE_BOOL = {written}").check_if_done_bool is True


def test_numbers_may_be_written_as_text(tmp_path):
    found = load(tmp_path, "MACHINE_PRICE = '0.35'\nEBS_VOL_SIZE = '40'\nMACHINE_TYPE = 'm5.large'")
    assert (found.machine_price, found.ebs_vol_size, found.machine_type) == (0.35, 40, ("m5.large",))


def test_any_other_capital_name_is_the_tool_s_own(tmp_path):
    found = load(tmp_path, "PLUGINS = 'all'\nTHREADS = 3\nCHANNELS = ['a', 'b']\nlower = 1\n_PRIVATE = 2\n")
    assert found.environment == {"PLUGINS": "all", "THREADS": "3", "CHANNELS": '["a", "b"]'}


def test_python_may_be_used_to_compute_values(tmp_path):
    assert load(tmp_path, "import os\nMEMORY = 2 * 1024").memory == 2048


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("MEMORY = = 1", "config.py, line 4: this is no Python: invalid syntax: MEMORY = = 1"),
        ("MEMORY = 1/0", "config.py, line 4: ZeroDivisionError: division by zero"),
        ("raise SystemExit", "config.py, line 4: SystemExit"),
        ("MACHINE_PRCE = 1", "config.py, line 4: MACHINE_PRCE is not known; did you mean MACHINE_PRICE?"),
        ("OUTPUTS = 'x'", "did you mean OUTPUT?"),
        ("MACHINE_PRICE = 0", "line 4: MACHINE_PRICE = 0 is out of range; write dollars an hour"),
        ("MACHINE_PRICE = 'cheap'", "MACHINE_PRICE = 'cheap' is no price"),
        ("EBS_VOL_SIZE = 8", "EBS_VOL_SIZE = 8 is out of range; write GB from 22 to 16,384"),
        ("MEMORY = 1.5", "MEMORY = 1.5 is no whole number"),
        ("MEMORY = float('nan')", "MEMORY = nan is no whole number"),
        ("MEMORY = None", "MEMORY = None is no whole number"),
        ("DOCKER_CORES = True", "DOCKER_CORES = True is no whole number"),
        ("ASSIGN_IP = 'yes'", "ASSIGN_IP = 'yes' is neither 'True' nor 'False'"),
        ("AWS_REGION = ''", "AWS_REGION = '' is empty: write the region, for example us-east-1"),
        ("AWS_REGION = 'Virginia'", "AWS_REGION = 'Virginia' is not allowed: write the region"),
        ("SQS_QUEUE_NAME = 'a b'", "SQS_QUEUE_NAME = 'a b' is not allowed: a queue's name has"),
        ("AWS_BUCKET = 'My_Bucket'", "AWS_BUCKET = 'My_Bucket' is not allowed: a bucket's name"),
        ("MACHINE_TYPE = []", "MACHINE_TYPE = [] is no list of instance types"),
        ("MACHINE_TYPE = ['m5']", "MACHINE_TYPE = ['m5'] holds 'm5', which is no instance type"),
        ("JOB_TIMEOUT = 50000", "JOB_TIMEOUT = 50000 is out of range"),
        ("AWS_SECRET_ACCESS_KEY = 'x'", "AWS_SECRET_ACCESS_KEY does not belong here"),
        ("SQS_QUEUE_URL = 'x'", "SQS_QUEUE_URL is set by the toolkit itself"),
        ("TOOL = object()", "TOOL cannot be passed to the tool"),
        ('COMMAND = "tool \'{Plate}"', "has a quote (') that is never closed"),
        ("COMMAND = 'tool {Plate'", "a '{' in '{Plate' is no placeholder"),
        ("COMMAND = \"sh -c 'echo {Plate}'\"", "has {Plate} inside a shell's script; write {Plate!q}"),
        ("COMMAND = 'tool {Plate!q}'", "has {Plate!q} outside a shell's script"),
        ("UPLOAD_FLAGS = '--acll x'", "UPLOAD_FLAGS = '--acll x' has '--acll', which is not known"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_mend(tmp_path, text, told):
    assert told in mistake(tmp_path, text)


def test_every_mistake_is_told_at_once(tmp_path):
    told = mistake(tmp_path, "MEMORY = 0\nMACHINE_PRCE = 1\n", least="APP_NAME = 'App'\n").splitlines()
    assert len(told) == 4
    assert "config.py: DOCKERHUB_TAG is missing; it has no default" in told


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(UserError, match="there is no such file.*--config FILE"):
        loader.load(tmp_path / "config.py")


@pytest.mark.parametrize(
    "path", sorted([TOP / "config.py", *TOP.glob("files/examples/*/config.py")]), ids=str
)
def test_the_config_files_we_ship_are_right(path):
    assert loader.load(path).unedited() == ["DOCKERHUB_TAG", "SSH_KEY_NAME", "AWS_BUCKET"]
