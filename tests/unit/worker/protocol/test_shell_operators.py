"""Operators of a shell in a COMMAND without one: refused, with the COMMAND that does what was meant."""

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.protocol.command_checks import check_command, command_notes
from worker.protocol.command_line import fill_command
from worker.protocol.placeholders import PlaceholderError


def refusal(command):
    with pytest.raises(PlaceholderError) as told:
        check_command(command)
    return str(told.value)


def advised(told):
    """The COMMAND that a refusal says to write, as Python reads it; '' without one."""
    found = re.search(
        r"write (COMMAND = .*?)(?:, or put it in single quotes if the tool itself.*)?\Z", told, re.S
    )
    if not found:
        return ""
    config = {}
    exec(found.group(1), config)
    return config["COMMAND"]


@pytest.mark.parametrize(
    ("command", "operator", "wanted"),
    [
        ("stats {input}/{x}.bam > {output}/{x}", ">", "sh -c 'stats {input}/{x!q}.bam > {output}/{x!q}'"),
        ("tool {job}>>{output}/log", ">>", "sh -c 'tool {job!q}>>{output}/log'"),
        ("tool < {input}/a", "<", "sh -c 'tool < {input}/a'"),
        ("tool 2>&1", "2>&1", "sh -c 'tool 2>&1'"),
        ("bwa {x} | sort -o {output}/a", "|", "bash -o pipefail -c 'bwa {x!q} | sort -o {output}/a'"),
        ("a || b", "||", "sh -c 'a || b'"),
        ("a && b", "&&", "sh -c 'a && b'"),
        ("(cd {output} && tool {x})", "&&", "sh -c '(cd {output} && tool {x!q})'"),
        ("a; b", ";", "sh -c 'a; b'"),
        ("tool {input}/*.tif", "*", "sh -c 'tool {input}/*.tif'"),
        ("tool {input}/?.tif", "?", "sh -c 'tool {input}/?.tif'"),
        ("tool $HOME/db", "$HOME", "sh -c 'tool $HOME/db'"),
        ("tool ${{HOME}}/db", "${{HOME}}", "sh -c 'tool ${{HOME}}/db'"),
        ("tool ${HOME}/db", "${HOME}", "sh -c 'tool ${{HOME}}/db'"),
        ("tool ${sample}.fq", "${sample}", "sh -c 'tool {sample!q}.fq'"),
        ('tool "$HOME/a b"', "$HOME", """sh -c 'tool "$HOME/a b"'"""),
        ("tool $(date +%s)", "$(", "sh -c 'tool $(date +%s)'"),
        ("tool `date`", "`", "sh -c 'tool `date`'"),
        ("~/bin/tool {x}", "~", "sh -c '~/bin/tool {x!q}'"),
        ("tool --db=~/db", "~", """sh -c 'tool --db="$HOME"/db'"""),
        ("grep 'a|b' '{x} y' > f", ">", """sh -c 'grep "a|b" {x!q}" y" > f'"""),
        ("sh -c 'tool {x!q}' > {output}/y", ">", "sh -c '(tool {x!q}) > {output}/y'"),
        ("A=1 tool > f", ">", "sh -c 'A=1 tool > f'"),
    ],
)
def test_an_operator_is_refused_with_the_command_to_write(command, operator, wanted):
    told = refusal(command)
    assert f"has {operator!r}, which only a shell understands" in told
    assert advised(told) == wanted
    check_command(wanted)
    assert not command_notes(wanted)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("OMP_NUM_THREADS=4 tool {x}", 'only a shell sets; write COMMAND = "env OMP_NUM_THREADS=4 tool {x}"'),
        ("cd {output}", "a shell's own command; write COMMAND = \"sh -c 'cd {output}'\""),
        ("source activate", "write COMMAND = \"bash -c 'source activate'\""),
        ("tool {x} &", "ends with '&'; leave it out: a job lasts as long as its tool runs"),
        ("curl http://a/b?c=1&d=2", "has an address with '&'; write it in single quotes"),
        ("sh -c 'tool' sh {x} > f", "write it inside the quotes of the shell's script"),
    ],
)
def test_what_else_needs_a_shell_has_its_own_advice(command, told):
    assert told in refusal(command)


@pytest.mark.parametrize(
    "command",
    [
        "tool 'a|b' '>' '*' '$HOME' '`' '~' ';'",
        r"tool a\|b \*.tif \$HOME \~ {x}\;",
        'tool "a|b" "*.tif" "a > b" "x; y"',
        "awk '{{print $1}}' {input}/a",
        'awk "{{print $1, $NF}}" {input}/a',
        'Rscript -e "df$column"',
        'perl -ne "print $x"',
        "grep -E 'a|b' {input}/{x}",
        "convert -filter '*' {input}/{x}",
        "find {input} -name '*.tif' -exec tool {{}} \\;",
        "find {input} -exec tool {{}} ;",
        "samtools view -e 'mapq >= 30 && rname =~ \"chr\"' {input}/{x}",
        "tool a=~b x^2 file.tif[0] 100x100+0+0 -r chr1:1-100 50% a@b #1 !x cost$ (a)",
        "sh -c 'a | b > c; d'",
        "sh -c 'tool \"$1\"' sh {x}",
        "\n  tool --a\n  --b {x}\n",
    ],
)
def test_what_is_quoted_or_no_operator_is_the_tool_s_own(command):
    check_command(command)


PIECES = [
    *(
        "a",
        "'b|c'",
        '"d e"',
        "*",
        "~",
        "> out",
        ">>out",
        "|",
        "cat",
        "&&",
        "echo",
        ";",
        "2>&1",
        "$HOME",
        "$(echo hi)",
    ),
    *(
        "`echo x`",
        "\\*",
        "'$HOME'",
        "$HOME'x'",
        '"$HOME y"',
        "?",
        "< in",
        "|| echo z",
        "(echo q)",
        "'#d'",
        "x'*'*",
    ),
    *("a=1", '""', "''", "'~/x'", "'('", "é", "'it'\\''s'", "'a\"b'", "2> err", "&"),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.sampled_from(["echo", "printf '%s\\n'"]))
def test_the_advised_command_does_what_was_meant(tmp_path_factory, pieces, program):
    """A shell that reads the line, and the worker that runs the advice, leave the same."""
    command = " ".join([program, *pieces])
    try:
        check_command(command)
        return
    except PlaceholderError as problem:
        advice = advised(str(problem))
    if not advice:
        assert command.endswith("&")
        return
    assert not command_notes(advice)
    shell = ["bash", "-o", "pipefail"] if advice.startswith("bash") else ["sh"]
    folder = tmp_path_factory.mktemp("runs")
    meant = left_by([*shell, "-c", command], folder / "meant")
    assert left_by(fill_command(advice, {}).argv, folder / "advised") == meant


def left_by(argv, folder):
    """Output, success, and the files of a run in a folder with some files."""
    folder.mkdir()
    (folder / "in").write_text("in\n")
    (folder / "x*f").touch()
    environment = {**os.environ, "HOME": "/home/a b"}
    done = subprocess.run(
        argv, cwd=str(folder), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "err"}
    shutil.rmtree(str(folder))
    return done.stdout, done.returncode == 0, files


PIPE, SHELL = "A pipe in COMMAND hides failures", "pipefail in COMMAND is not known to the "


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("sh -c 'bwa {x!q} | samtools sort'", PIPE),
        ("bash -ec 'a\n  b |\n c'", PIPE),
        ("sh -c 'x=$(a | b); c'", PIPE),
        ("sh -c 'c \"$(a | b)\"'", PIPE),
        ("sh -c 'a |& b'", PIPE),
        ("sh -c '# set -o pipefail\na | b'", PIPE),
        ("bash -c 'set +e; a | b'", PIPE),
        ("sh -o pipefail -c 'a | b'", SHELL),
        ("dash -c 'set -o pipefail; a | b'", SHELL),
        ("bash -o pipefail -c 'a | b'", ""),
        ("bash -euo pipefail -c 'a | b'", ""),
        ("/bin/bash -c 'set -euo pipefail\na | b'", ""),
        ("bash -c 'if x; then set -o pipefail; fi; a | b'", ""),
        ("sh -c 'a || b'", ""),
        ("sh -c 'a > f && b f'", ""),
        ("sh -c 'grep \"a|b\" f'", ""),
        ("sh -c 'grep a\\|b f'", ""),
        ("sh -c 'case {x!q} in a|b) c;; d|e) f;; esac'", ""),
        ("sh -c 'a >| f'", ""),
        ("sh -c '# a | b\nc'", ""),
        ("grep -E 'a|b' f", ""),
        ("", ""),
    ],
)
def test_a_pipe_that_hides_failures_is_noted(command, told):
    notes = command_notes(command)
    assert len(notes) == bool(told)
    assert told in "".join(notes)
