"""COMMAND -> arguments: a value is one argument, also inside a script of a real shell."""

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.protocol.command_checks import check_command, check_job
from worker.protocol.command_line import fill_command
from worker.protocol.placeholders import PlaceholderError

HOSTILE = [
    "; rm -rf ~",
    "$(id)",
    "`id`",
    "a b  c",
    "it's",
    'say "hi"',
    "${HOME}",
    "$HOME",
    "\\",
    "a\nb",
    "*",
    "~",
    "-rf",
    "!!",
    "&& id",
    "{x}",
    "é\u2028",
    "",
]
SHELLS = [shell for shell in ("sh", "bash", "dash", "busybox") if shutil.which(shell)]
# Every place in a script where a value may stand, and what printf makes of it there.
CONTEXTS = {
    "bare": ("printf %s {x!q}", "{}"),
    "glued": ("printf %s pre{x!q}post", "pre{}post"),
    "in double quotes": ('printf %s "in: {x!q}."', "in: {}."),
    "after single quotes": ("printf %s 'it'{x!q}", "it{}"),
    "after an escaped quote": ('printf %s \\"{x!q}', '"{}'),
    "in a substitution": ('printf %s "$(printf %s. {x!q})"', "{}."),
    "in a substitution's quotes": ('printf %s "$(printf "%s." {x!q})"', "{}."),
    "after a substitution": ('printf %s/ "$(echo "a")" {x!q}', "a/{}/"),
    "in a subshell": ("(printf %s {x!q})", "{}"),
    "in quotes after a bracket": ('printf %s "(" "{x!q})"', "({})"),
    "twice": ("printf %s/%s {x!q} {x!q}", "{0}/{0}"),
    "assigned": ('v={x!q}; printf %s "$v"', "{}"),
}


def run_script(script, value, shell="sh"):
    """What the script printed, filled in by us and run by a real shell."""
    words = ["busybox", "sh"] if shell == "busybox" else [shell]
    command = " ".join([*words, "-c", "'" + script.replace("'", "'\\''") + "'"])
    filled = fill_command(command, {"x": value})
    run = subprocess.run(
        filled.argv, env={**os.environ, **filled.environ}, stdout=subprocess.PIPE, check=True
    )
    return run.stdout.decode()


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_one_argument_as_it_is(value):
    filled = fill_command("tool --in {x} 'a {x} b' --y={x}", {"x": value})
    assert filled.argv == ["tool", "--in", value, f"a {value} b", f"--y={value}"]
    assert filled.environ == {}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("place", CONTEXTS)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_in_a_script_arrives_as_it_is(value, place, shell):
    script, expected = CONTEXTS[place]
    told = run_script(script, value, shell)
    assert told == expected.replace("{0}", "{}").replace("{}", value)


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.sampled_from(list(CONTEXTS)),
)
def test_no_value_is_ever_parsed_by_a_shell(value, place):
    script, expected = CONTEXTS[place]
    told = run_script(script, value)
    expected = expected.replace("{0}", "{}").replace("{}", value)
    if place.startswith("in a substitution"):
        assert told.rstrip("\n") == expected.rstrip("\n")
    else:
        assert told == expected


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("", "is empty"),
        ("tool 'x", "is never closed"),
        ("tool {x!q}", "outside a shell's script; write {x}"),
        ("sh -c 'echo {x}'", "inside a shell's script; write {x!q}"),
        ("/bin/bash -ec 'echo {x}'", "inside a shell's script"),
        ("env A=1 sh -x -c 'echo {x}'", "inside a shell's script"),
        ("""sh -c "echo '{x!q}'" """, "inside single quotes"),
        ("sh -c 'echo `echo {x!q}`'", "inside backticks .* write"),
        ('sh -c \'echo "a `echo "{x!q}"`"\'', "inside backticks"),
        ("python3 -c 'print({x})'", "inside code"),
        ("perl -e 'print {x}'", "inside code"),
        ("Rscript -e 'f({x})'", "inside code"),
        ("sh -c 'echo ${HOME}'", "has no key|is no placeholder|inside a shell's script"),
    ],
)
def test_a_mistake_of_command_is_told_before_any_job(command, told):
    with pytest.raises(PlaceholderError, match=told):
        check_command(command)


@pytest.mark.parametrize(
    "command", ["sh -c 'cat {input}/a > {output}/b'", "sh -c 'echo ${{HOME}} {x!q}'", "sh run.sh {x}"]
)
def test_what_is_right_is_taken(command):
    check_command(command)


def test_an_own_value_that_could_be_script_is_refused():
    with pytest.raises(PlaceholderError, match="cannot stand in a shell's script"):
        fill_command("sh -c 'ls {input}'", {"input": "/work/a b"})


def test_a_job_is_checked_against_all_templates_at_once():
    message = {"plate": "P", "group": {"w": "A1"}}
    assert check_job(message, "t {w} {plate}", ["in/{plate}/"], "out/{job}", "{w}") == "A1"
    for templates in (("t {z}", [], "o"), ("t", ["{z}"], "o"), ("t", [], "{z}")):
        with pytest.raises(PlaceholderError, match="no key 'z'"):
            check_job(message, *templates, "{w}")
