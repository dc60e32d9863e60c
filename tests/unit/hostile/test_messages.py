"""Any message, COMMAND, flag and key: a problem with its reason, or what was written and no more."""

import json
import re
import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.hostile.test_job_files import SETTINGS, environment
from tests.unit.hostile.values import AWKWARD, documents, hostile, nested, scalars, texts, written
from worker import default_tool, inputs, job
from worker.attempt_record import AttemptRecord, JobProblem
from worker.protocol import command_checks, command_line, placeholders, upload_flags
from worker.protocol.placeholders import PlaceholderError
from worker.protocol.shell_quoting import BACKTICK, BARE, DOUBLE, SINGLE, Quoting

bodies = st.one_of(
    st.text(),
    documents.map(written),
    st.builds(
        lambda shared, group: written({**shared, "group": group}),
        st.dictionaries(texts, documents, max_size=2),
        st.dictionaries(st.one_of(st.sampled_from("ab"), texts), documents, max_size=4),
    ),
)


@hostile
@given(bodies, st.sampled_from(SETTINGS))
def test_any_body_is_a_job_or_a_problem_with_its_reason(body, settings):
    try:
        found = job.parse(body, 1, environment(settings), None)
        found.place(job=default_tool.name(found), input="/in", output="/out")
        prefix = placeholders.safe_prefix(default_tool.output(found))
        patterns = default_tool.inputs(found)
        argv, environ = default_tool.command(found)
    except (JobProblem, PlaceholderError) as problem:
        assert str(problem).strip()
        return
    assert not {"", ".", ".."} & set(prefix[:-1].split("/")) or prefix == ""
    assert all(".." not in str(one).split("/") for one in patterns)
    template = shlex.split(settings.command)
    assert len(argv) == len(template)
    assert set(environ) <= {"DS_VALUE_1", "DS_VALUE_2"}
    if settings is SETTINGS[1]:
        plain = [placeholders.value_of(name, found.values) for name in "ab"]
        assert argv == ["tool", plain[0], "--b=" + plain[1]]


@pytest.mark.parametrize("text", [nested(500), nested(100_000), "9" * 5000, '{"group": {"a": 1e999}}'])
def test_what_no_worker_can_read_is_hopeless(text):
    with pytest.raises(JobProblem) as told:
        job.parse(text, 1, environment(SETTINGS[0]), None)
    assert told.value.hopeless
    assert told.value.reason.startswith("the message is no ")


def test_a_reason_of_any_length_makes_a_line_of_the_ledger():
    """A job of a megabyte of keys is told by the first of them."""
    values = {"k" * 200 + str(number): 1 for number in range(5000)}
    with pytest.raises(PlaceholderError) as told:
        placeholders.value_of("x", values)
    line = AttemptRecord("job", 1, "id", "machine", 0.0, reason=str(told.value) + "y" * 10**6).to_json()
    assert len(line) < 10_000
    assert json.loads(line)["reason"].startswith("the job has no key 'x'")


words = st.lists(
    st.one_of(
        st.sampled_from(
            ["tool", "sh", "bash", "-c", "-ec", "-Cc", "python3", "-e", "{x}", "{x!q}", "{input}", "'{x!q}'"]
            + ['"echo {x!q}"', "'echo \"{x!q}\"'", "'$({x!q})'", "{{}}", "#", "\\", "a b", '"', "'"]
        ),
        texts,
    ),
    max_size=6,
).map(" ".join)
values = st.fixed_dictionaries({"x": scalars, "input": st.sampled_from(["/in", "/in $(id)", "/a b"])})


@hostile
@given(st.one_of(words, texts), values)
def test_any_command_has_the_arguments_that_were_written_and_no_more(command, values):
    try:
        command_checks.check_command(command)
        argv, environ = command_line.fill_command(command, values)
    except PlaceholderError as problem:
        assert str(problem).strip()
        return
    written = shlex.split(command)
    assert len(argv) == len(written)
    for argument, template in zip(argv, written):
        if "{" not in template and "}" not in template:
            assert argument == template
    assert all("\0" not in text for text in [*argv, *environ.values()])
    assert set(environ) <= {f"DS_VALUE_{number}" for number in range(1, 99)}


operators = st.lists(
    st.sampled_from(
        ["tool", "{x}", "'{x} y'", '"', "'", ">", "|", "&&", "*", "$A", "${x}", "$(", ")", "`", "~", "\\"]
    )
    | st.sampled_from(
        ["sh -c", "'a {x!q}'", "-e", "env", "awk", "find", "-exec", ";", "#", "{{", "}}", "a=1", "é", ""]
    )
    | texts,
    max_size=6,
).map(" ".join)


@hostile
@given(operators)
def test_any_command_is_taken_or_refused_with_a_command_that_is_taken(command):
    try:
        command_checks.check_command(command)
        command_checks.command_notes(command)
    except PlaceholderError as problem:
        told = re.search(
            r"write (COMMAND = .*?)(, or put it in single quotes if the tool.*)?\Z", str(problem), re.S
        )
        if told:
            config = {}
            exec(told.group(1), config)
            assert not refusal(config["COMMAND"]).startswith("has '"), (command, config["COMMAND"])


def refusal(command):
    """'' for a command that is taken; its second mistake may still be refused, without a word of shells."""
    try:
        command_checks.check_command(command)
    except PlaceholderError as problem:
        return str(problem)
    return ""


scripts = st.lists(
    st.sampled_from(
        ["echo ", "{x!q}", '"', "'", "`", "$(", "(", ")", "\\", " ", "a", "$", "{{", "}}", "\n", "#"]
    ),
    max_size=12,
).map("".join)


@hostile
@given(scripts, texts, texts)
def test_a_shell_s_script_is_the_same_whatever_the_value(script, one, other):
    """So no value is ever a part of it."""
    command = shlex.join(["sh", "-c", script])
    try:
        made = [command_line.fill_command(command, {"x": value}) for value in (one, other)]
    except PlaceholderError as problem:
        assert str(problem).strip()
        return
    assert made[0].argv == made[1].argv
    assert set(made[0].environ.values()) <= {one}


@hostile
@given(st.lists(texts, max_size=5))
def test_any_script_can_be_read_for_its_quotes(stretches):
    whole, piecewise = Quoting(), Quoting()
    whole.read("".join(stretches))
    for stretch in stretches:
        piecewise.read(stretch)
    assert whole.here == piecewise.here
    assert whole.here in (BARE, DOUBLE, SINGLE, BACKTICK)


flags = st.lists(
    st.one_of(st.sampled_from([*upload_flags._KNOWN, "=", "private", "AES256", "STANDARD", '"', "'"]), texts),
    max_size=5,
).map(" ".join)


@hostile
@given(flags)
def test_any_upload_flags_are_read_or_refused_with_a_sentence(text):
    try:
        found = upload_flags.extra_args(text)
    except ValueError as error:
        assert str(error).startswith(("has ", "is "))
        return
    assert set(found) <= set(upload_flags._KNOWN.values())
    assert all(value and value.isprintable() for value in found.values())


class Listing:
    """S3 with these keys."""

    def __init__(self, keys):
        self.keys = keys

    def get_paginator(self, name):
        return self

    def paginate(self, Bucket, Prefix):
        yield {"Contents": [{"Key": key} for key in self.keys if key.startswith(Prefix)]}


keys = st.one_of(texts, texts.map("in/".__add__))
templates = st.one_of(
    texts, st.sampled_from(["in/{x}", "in/{x}/", "{x}", "{x}*", "in/*{x}.tif", "*", "", "in/", "{x}/../{x}"])
)


@hostile
@given(st.lists(templates, max_size=3), texts, st.lists(keys, max_size=6))
def test_any_key_stays_in_the_input_folder(templates, value, keys):
    try:
        patterns = [inputs.pattern(template, {"x": value}) for template in templates]
        found = inputs.sources(inputs.SourceBucket(Listing(keys), "bucket"), patterns)
    except (JobProblem, PlaceholderError) as problem:
        assert str(problem).strip()
        return
    names = [source.name for source in found]
    assert len(set(names)) == len(names)
    for name in names:
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\0" not in name
        assert not any(other.startswith(name + "/") for other in names)


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_is_no_wildcard(value):
    """'*' of a job is an ordinary character; '*' of config.py is one."""
    try:
        made = inputs.pattern("in/{x}-*", {"x": value})
    except PlaceholderError:
        return
    assert len(made.parts) == 2
    assert made.parts[0] == f"in/{value}-"


@pytest.mark.parametrize("template", ["{x}", "in/{x}", "in/{x}{x}"])
def test_an_empty_value_does_not_mean_the_whole_folder(template):
    with pytest.raises(PlaceholderError, match="is empty for this job; it would mean the whole folder"):
        inputs.pattern(template, {"x": ""})
    assert inputs.pattern("in/{x}/", {"x": "P1"}).is_folder


@hostile
@given(st.text("ab/", max_size=8), st.text("ab*", min_size=1, max_size=8).filter(lambda text: "*" in text))
def test_a_wildcard_stands_for_anything(key, template):
    made = inputs.pattern(template, {})
    assert made.matches(key) == bool(re.fullmatch(template.replace("*", ".*"), key))


def test_a_malicious_key_takes_no_long_time():
    """Found by fuzzing: a regular expression would try every way to share the key among the wildcards."""
    made = inputs.pattern("*a" * 20 + "b", {})
    begun = time.process_time()
    assert not made.matches("a" * 1024)
    assert time.process_time() - begun < 5
