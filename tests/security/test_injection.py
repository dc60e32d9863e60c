"""A value of a job file is data: from submitJob through a queue and a real worker into a tool's arguments, a
shell's script, folders, log streams and a dashboard, it never becomes anything else.
"""

import json
import shlex
import sys

import pytest

from distributed_something.commands.local import emulated_aws
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.errors import UserError
from tests.functional.commands.conftest import Bench
from tests.security.workers import both_pythons
from worker.aws.cloudwatch_logs import stream_name
from worker.protocol.command_checks import check_command, check_job
from worker.protocol.command_line import fill_command
from worker.protocol.placeholders import PlaceholderError

# Each makes a file of this name, wherever it is taken for more than data.
CANARY = "canary"
PAYLOADS = [
    f"; touch {CANARY}",
    f"& touch {CANARY} &",
    f"&& touch {CANARY}",
    f"|| touch {CANARY}",
    f"| touch {CANARY}",
    f"\ntouch {CANARY}\n",
    f"\r\ntouch {CANARY}",
    f"$(touch {CANARY})",
    f"`touch {CANARY}`",
    f"$((`touch {CANARY}`))",
    f"${{x:-$(touch {CANARY})}}",
    f"<(touch {CANARY})",
    f">{CANARY}",
    f"x > {CANARY}",
    f"'; touch {CANARY}; '",
    f'"; touch {CANARY}; "',
    f"'\"; touch {CANARY}; \"'",
    f"\\'; touch {CANARY}; #",
    f'\\"; touch {CANARY}; #',
    f"'$(touch {CANARY})'",
    f"}}; touch {CANARY}; {{",
    f"); touch {CANARY}; (",
    f"*; touch {CANARY}",
    f"{{a,$(touch {CANARY})}}",
    f"a[$(touch {CANARY})]",
    f"%s; touch {CANARY}",
    f"-c 'touch {CANARY}'",
    f"--output={CANARY}",
    f"-o{CANARY}",
    f"{{output}} {{x}} {{0.__class__}} {{{{}}}} ; touch {CANARY}",
    f"$IFS;touch$IFS{CANARY}",
    f"\u2028touch {CANARY}\u2029",
    f"｀touch {CANARY}｀",
    f"__import__('os').system('touch {CANARY}')",
    f"$DS_VALUE_1; touch {CANARY}",
    f"${{DS_VALUE_1}}$(touch {CANARY})",
    f"!touch {CANARY}",
    f"~; touch {CANARY}",
    f"\\\ntouch {CANARY}",
    f"# \ntouch {CANARY}",
    "x" * 2000 + f"; touch {CANARY}",
    "",
    " ",
    "-",
    "--",
    "{",
    "}}",
    "%",
    "\\",
    "\x01\x02\x1b[31m",
]
# All of them are values of one job.
VALUES = {f"v{n}": payload for n, payload in enumerate(PAYLOADS)}
# A tool that writes down what it was started with, and does nothing else: OUTPUT NAME ARGUMENTS.
WITNESS = """
import json, os, sys
with open(os.path.join(sys.argv[1], sys.argv[2]), "w") as out:
    json.dump(sys.argv[3:], out)
"""
# Places in a shell's script; every value stands in each of them, and arrives as the second column says.
PLACES = {
    "bare": ("{%s!q}", "{}"),
    "glued": ("a{%s!q}b", "a{}b"),
    "in double quotes": ('"<{%s!q}>"', "<{}>"),
    "after single quotes": ("'it'{%s!q}", "it{}"),
    "in a substitution": ('"$(printf %%s. {%s!q})"', "{}."),
    "in the quotes of a substitution": ('"$(printf "%%s." {%s!q})"', "{}."),
}


@pytest.fixture
def tool(tmp_path_factory):
    """How the witness is started."""
    path = tmp_path_factory.mktemp("tool") / "witness.py"
    path.write_text(WITNESS)
    return f"{sys.executable} {path} {{output}}"


@pytest.fixture
def type_in(rig, tmp_path_factory):
    """A function that submits jobs as a user does, with this config.py, and lets a real worker do them."""

    def type_in(groups, **config):
        made = Bench(
            emulated_aws(rig.server.endpoint_url, "us-east-1"), tmp_path_factory.mktemp("user"), rig.name
        )
        context = made.context(SQS_QUEUE_NAME=rig.name + "Queue", **config)
        submit(context, made.write("job.json", {"groups": groups}))
        rig.work(config.pop("COMMAND"), **config)

    return type_in


def witnessed(rig):
    """{name: arguments} of what the witness saw."""
    return {key.split("/")[-1]: json.loads(text) for key, text in rig.results().items()}


def no_canary(rig):
    return not [path for path in rig.folder.rglob("*") if CANARY in path.name]


@both_pythons
def test_every_argument_is_exactly_the_value(rig, type_in, tool):
    """Without a shell: alone, behind an option, in the middle of a word."""
    words = " ".join(f"{{{name}}} --in={{{name}}} 'a {{{name}}} b'" for name in VALUES)
    type_in([VALUES], COMMAND=f"{tool} plain {words}", JOB_NAME="job")
    wanted = [word for x in PAYLOADS for word in (x, f"--in={x}", f"a {x} b")]
    assert witnessed(rig) == {"plain": wanted}
    assert no_canary(rig)


@both_pythons
def test_every_word_of_a_shell_s_script_is_exactly_the_value(rig, type_in, tool):
    lines = [
        f"{tool} '{place}' " + " ".join(word % name for name in VALUES) for place, (word, _) in PLACES.items()
    ]
    everything = " ".join(f"{{{name}!q}}" for name in VALUES)
    lines.append(f'set --; for v in {everything}; do set -- "$@" "$v"; done; {tool} \'loop\' "$@"')
    lines.append(f"f() {{{{ {tool} 'function' \"$@\"; }}}}; f {everything}")
    lines += [f"{name}={{{name}!q}}" for name in VALUES]
    lines.append(f"{tool} 'assigned' " + " ".join(f'"${name}"' for name in VALUES))
    script = "\n".join(lines)
    type_in([VALUES], COMMAND=f"sh -c {shlex.quote(script)}", JOB_NAME="job")
    wanted = {place: [shown.replace("{}", x) for x in PAYLOADS] for place, (_, shown) in PLACES.items()}
    wanted.update(dict.fromkeys(("loop", "function", "assigned"), PAYLOADS))
    assert witnessed(rig) == wanted
    assert no_canary(rig)


def as_names():
    """The payloads that may name a job; submitJob refuses the others."""
    for payload in PAYLOADS:
        try:
            yield check_job({"group": {"x": payload}}, "", [], "results/{x}", "{x}"), payload
        except PlaceholderError:
            continue


@both_pythons
def test_names_of_jobs_results_inputs_and_logs_are_exactly_the_value(rig, type_in):
    names = dict(list(as_names())[::3])
    assert len(names) > 10
    groups = [{"x": payload} for payload in names.values()]
    for payload in names.values():
        rig.put(f"in/{payload}", payload.encode())
    type_in(
        groups,
        COMMAND="sh -c 'cp {input!q}/* {output!q}/got'",
        JOB_NAME="{x}",
        INPUT="in/{x}",
        OUTPUT="results/{x}",
    )
    assert rig.results() == {f"results/{payload}/got": payload for payload in names.values()}
    assert {entry["job"] for entry in rig.ledger()} == set(names)
    for name in names:
        assert any("SUCCESS" in line for line in rig.job_log(stream_name(name)))
    assert no_canary(rig)


def test_what_can_name_nothing_is_refused_before_it_is_sent(bench):
    context = bench.context(JOB_NAME="{x}", OUTPUT="results/{x}")
    refused = set(PAYLOADS) - {payload for _, payload in as_names()}
    assert len(refused) > 8
    for payload in refused:
        with pytest.raises(UserError, match="group 1: "):
            submit(context, bench.write("job.json", {"groups": [{"x": payload}]}))


LEAVING = ["../../../etc/passwd", "..", "a/../../b", "../", "./../x"]
PATHS = [
    "cat {input}/{x}",
    "tool --in={input}/sub/{x}",
    "tool a,{input}/{y}{x}",
    "sh -c 'cat {input}/{x!q}'",
    "sh -c 'cat \"{output}/{x!q}\" > /dev/null'",
]


@pytest.mark.parametrize("command", PATHS)
@pytest.mark.parametrize("value", LEAVING)
def test_a_value_behind_a_job_s_folder_does_not_leave_it(command, value):
    """Refused by submitJob, and by the worker should it come there in another way."""
    with pytest.raises(PlaceholderError, match="would leave the folder"):
        check_job({"group": {"x": value, "y": "y"}}, command, [], "results/{job}", "job")
    values = {"x": value, "y": "y", "input": "/w/in", "output": "/w/out"}
    with pytest.raises(PlaceholderError, match="would leave the folder"):
        fill_command(command, values)


@pytest.mark.parametrize(
    "command", ["tool {x}", "tool {input} {x}", "tool {input}:{x}", "sh -c 'cd {input}; ls {x!q}'"]
)
def test_a_value_that_stands_by_itself_may_be_any_path(command):
    fill_command(command, {"x": "../x", "input": "/w/in"})
    check_job({"group": {"x": "a..b/c"}}, "tool {input}/{x}", [], "results/{job}", "job")


SCRIPTS = [
    "sh -c 'echo {x}'",
    "bash -eEuc 'echo {x}'",
    "bash -Eeuo pipefail -c 'echo {x}'",
    "bash -c -e 'echo {x}'",
    "bash -c +x -o pipefail 'echo {x}'",
    "bash -co pipefail 'echo {x}'",
    "sh -c -- 'echo {x}'",
    "sh -c -e -- 'echo {x}'",
    "nice -n 5 timeout 10 /bin/dash -c 'echo {x}'",
    "conda run -n env bash -lc 'echo {x}'",
    "env A=1 sh -x -c 'echo {x}'",
    "xargs sh -c 'echo {x}'",
    "su -c 'echo {x}' nobody",
    "flock lock -c 'echo {x}'",
]
CODE = [
    "python3 -c 'print({x})'",
    "python3 -c'print({x})'",
    "python3 -W ignore -Bc 'print({x})'",
    "perl -ne 'print' -e 'print {x}'",
    "perl -e'print {x}'",
    "Rscript -e 'a' -e 'f({x})'",
    "Rscript --vanilla -e 'f({x})'",
    "node --eval='f({x})'",
    "node -r module -p 'f({x})'",
    "php -r 'f({x});'",
    "octave --eval 'f({x})'",
    "matlab -batch 'f({x})'",
    "ImageJ-linux64 --headless -eval 'run({x})'",
    "env -S 'sh -c {x}'",
]


@pytest.mark.parametrize("command", SCRIPTS)
def test_no_spelling_of_a_shell_hides_its_script(command):
    with pytest.raises(PlaceholderError, match="inside a shell's script"):
        check_command(command)
    with pytest.raises(PlaceholderError, match="inside a shell's script"):
        fill_command(command, {"x": "x"})


@pytest.mark.parametrize("command", CODE)
def test_no_spelling_of_an_interpreter_hides_its_code(command):
    with pytest.raises(PlaceholderError, match="inside code"):
        check_command(command)


@pytest.mark.parametrize(
    "command",
    [
        "python3 tool.py -image {x} -c {x} -e{x}",
        "python3 -u tool.py -c {x}",
        "Rscript analyse.R --type {x} -e {x}",
        "sh -c 'tool \"$1\"' sh {x}",
        "perl -e 'print @ARGV' {x}",
        "python3 -c 'import sys' {x}",
    ],
)
def test_a_program_s_own_arguments_take_values(command):
    check_command(command)


HOSTILE_NAMES = ["a'b", 'a"b', "a|b", "a b", "a\nb", "a$b", "a`b", "a;b", "a{b", "a\x1b", "a\n"]


@pytest.mark.parametrize(
    "variable", ["APP_NAME", "ECS_CLUSTER", "LOG_GROUP_NAME", "SQS_QUEUE_NAME", "AWS_BUCKET"]
)
@pytest.mark.parametrize("value", HOSTILE_NAMES)
def test_no_name_of_config_py_can_break_out_of_a_query_a_script_or_a_key(variable, value):
    """Of these the dashboard's queries, the machines' start script and keys in the bucket are made."""
    variables = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "bucket", variable: value}
    with pytest.raises(UserError, match=variable):
        loader.settings_from(variables, "config.py")
