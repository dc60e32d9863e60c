"""What the guide says to type is typed, page after page, and prints what the guide says that it prints."""

import json
import re
from collections import Counter

import pytest

from distributed_something.aws.ami import Volume
from distributed_something.config import loader
from distributed_something.config.settings import EXAMPLE_VALUES
from distributed_something.fleet.fleet_file import load_fleet
from distributed_something.fleet.fleet_request import Surroundings, build_request
from distributed_something.jobs import job_file
from tests.guide import pages
from tests.guide.walk import Walk

# How many blocks of each page cannot be run here; each says in its source why.
NOT_RUN = {
    "documentation/step_0_account.md": 2,
    "documentation/step_1_config.md": 1,
    "documentation/step_2_jobs.md": 1,
    "documentation/wrapping.md": 1,
    "documentation/the_image.md": 4,
    "documentation/tool_py.md": 2,
    "documentation/sizing.md": 1,
    "documentation/scaling.md": 1,
}
# What is another in each run; the amounts of the emulated AWS are not those of AWS.
_CHANGING = (
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "(time)"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "(date)"),
    (re.compile(r"\b(sfr|ami|subnet|sg|i)-[0-9a-f]{8,}\b"), r"\1-(id)"),
    (re.compile(r"\b1[78]\d{8}\b"), "(seconds)"),
    (re.compile(r"\$\d[\d.,]*\d"), "$(amount)"),
)
PAGES = pages.of_the_guide()


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    with Walk(tmp_path_factory.mktemp("walk")) as made:
        yield made


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_does_what_it_says(walk, path):
    for block in pages.blocks(path):
        if block.mark == "not run":
            continue
        if block.mark in ("same as", "printed by"):
            there = (pages.CHECKOUT / block.argument).read_text(encoding="utf-8")
            assert block.mark == "printed by" or there == block.text, block.where
            continue
        if block.mark == "save as":
            walk.save(block)
        elif block.mark == "change":
            walk.change(block)
        if block.language == "shell":
            walk.shell(block)
        elif block.language == "text" and block.mark != "save as":
            assert shown(block.text).search(stable(walk.printed)), (
                f"{block.where} says:\n{block.text}\nand it printed:\n{walk.printed}"
            )
        elif block.language == "python" and not block.argument.startswith("worker/"):
            load_config(walk, block)
        elif block.language == "json":
            check_json(walk, block)
        else:
            assert block.mark or block.language == "text", f"{block.where}: nobody runs {block.language!r}"


def test_no_more_blocks_than_these_are_not_run():
    left = [block for path in PAGES for block in pages.blocks(path) if block.mark == "not run"]
    assert Counter(block.page for block in left) == NOT_RUN
    for block in left:
        assert len(block.argument.split()) > 3, f"{block.where}: say why it is not run"


def stable(text):
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def shown(text):
    """What a block of output stands for: `...` is anything, a line of it any number of lines."""
    lines = [
        "(.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*?") + "\n"
        for line in stable(text).splitlines()
    ]
    return re.compile("".join(lines)[:-1])


def load_config(walk, block):
    """A part of config.py goes through the real loader, on top of what cannot be left out."""
    scope = {"APP_NAME": "Guide", **EXAMPLE_VALUES}
    if block.mark:
        scope.update(walk.variables(block.argument))
    exec(compile(block.text, block.where, "exec"), scope)
    loader.settings_from(scope, block.where)


def check_json(walk, block):
    """A job file, a fleet file, a message or a policy, by what is in it; each by the code that reads it."""
    document = json.loads(block.text)
    path = walk.clone / "files" / "shown.json"
    path.write_text(block.text, encoding="utf-8")
    if "groups" in document:
        if block.mark == "save as":
            path = walk.clone / block.argument
        job_file.check_jobs(job_file.load_jobs(path), anything())
    elif "LaunchSpecifications" in document:
        volumes = {"ami-1": Volume("/dev/xvda", 30)}
        images = dict.fromkeys(anything().machine_type, "ami-1")
        build_request(load_fleet(path), anything(), Surroundings("role", "profile", images, volumes, "token"))
    elif "group" in document:
        name = next(iter(document))
        assert name != "group" and isinstance(document["group"], dict)
    else:
        assert_policy(document)


def anything():
    """Settings that no job file contradicts."""
    return loader.settings_from({"APP_NAME": "Guide", **EXAMPLE_VALUES}, "config.py")


def assert_policy(document):
    import parliament

    text = json.dumps(document)
    findings = parliament.analyze_policy_string(text, ignore_private_auditors=True).findings
    # It knows policies of users and roles; those of a bucket say besides whose permission it is.
    assert [str(one) for one in findings if "Principal" not in str(one)] == []
