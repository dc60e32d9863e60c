"""A value where a program takes code is refused, or does nothing: tried with the programs that are here."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.protocol.command_checks import check_command
from worker.protocol.command_line import fill_command
from worker.protocol.placeholders import PlaceholderError

MARK = "MARK"
PLANTED = [
    f"$(touch {MARK})",
    f";touch {MARK}",
    f"`touch {MARK}`",
    f"touch {MARK}",
    f"touch {MARK} |",
    f"x; touch {MARK} #",
    f"|| touch {MARK}",
    f"a[$(touch {MARK})]",
    f"$(shell touch {MARK})",
    f'"; touch {MARK}; "',
    f"'; touch {MARK}; '",
    f"\ntouch {MARK}\n",
    f'system("touch {MARK}")',
    f'BEGIN{{system("touch {MARK}")}}',
    f"1e touch {MARK}",
    f"s/.*/touch {MARK}/e",
    f"__import__('os').system('touch {MARK}')",
    f"require('child_process').execSync('touch {MARK}')",
    f".shell touch {MARK}",
    f"!touch {MARK}",
    f"w {MARK}",
]
LIKE_OPTIONS = [
    f"-es/.*/touch {MARK}/e",
    f"-esystem('touch {MARK}')",
    f"-ctouch {MARK}",
    f"--eval=$(shell touch {MARK})",
    f"--to-command=touch {MARK}",
    f"+!touch {MARK}",
]

# Where programs take code; the value is {x}, or {x!q} in a shell's script.
REFUSED = [
    *("{x}", "{x} a", "{input}/{x}", "{x}/tool", "A=1 {x}"),
    *(
        "sh {x}",
        "bash -x {x}",
        "dash {input}/{x}",
        "python3 {x}",
        "python3 -u {x}.py",
        "perl {x}",
        "node {x}",
    ),
    *(
        "sh -c {x}",
        "sh -c {x!q}",
        "bash -ic {x}",
        "bash -lc {x!q}",
        "bash -c -- {x!q}",
        "bash --rcfile {x} -i",
    ),
    *("busybox sh -c {x}", "busybox {x}", "busybox ash -c {x!q}", "busybox awk {x}"),
    *(
        "env -S bash -c {x}",
        "env -S 'bash -c' {x}",
        "env -Sbash -c {x}",
        "env -iS bash -c {x!q}",
        "env -S {x}",
    ),
    *(
        "env --split-string='bash -c' {x}",
        "env {x}",
        "env A=1 {x}",
        "env -u A {x}",
        "env BASH_ENV={x} bash -c :",
    ),
    *("env 'PS4={x}' bash -xc :", "env A=1 bash -c {x!q}"),
    *("tcsh -c {x}", "csh -c 'echo {x}'", "fish -c {x}", "pwsh -c {x}", "pwsh -Command {x}", "nu -c {x}"),
    *(
        "script -c {x} log",
        "script -qec {x!q} log",
        "script -c true log -c {x}",
        "busybox ash --init-file -xc {x}",
        "vim -es -ec {x}",
        "watch {x}",
        "watch -n 1 echo {x}",
        "parallel echo {x} ::: a",
    ),
    *("xargs sh -c {x}", "xargs -I{{}} sh -c 'echo {x}'", "xargs {x}", "xargs -n 1 bash -c {x!q}"),
    *("awk {x}", "gawk 'BEGIN{{print {x}}}'", "mawk -f {x}", "awk -v a=1 {x} f", "awk -f{x}", "gawk -e {x}"),
    *(
        "sed {x} f",
        "sed -e {x} f",
        "sed -ne {x} f",
        "sed -n -f {x} f",
        "sed s/a/{x}/ f",
        "sed -E --expression={x}",
    ),
    *(
        "perl -e {x}",
        "perl -ne {x} f",
        "perl -le'print {x}'",
        "perl -Mstrict -e {x}",
        "ruby -e {x}",
        "ruby -ne {x}",
    ),
    *(
        "python3 -c {x}",
        "python3 -Bc 'f({x})'",
        "python3 -m timeit {x}",
        "python3 -m timeit -s {x}",
        "python3 -mtimeit {x}",
    ),
    *(
        "python3 -m {x}",
        "python3 -m pdb -c {x}",
        "Rscript -e {x}",
        "node -e {x}",
        "node --eval={x}",
        "node -pe {x}",
    ),
    *(
        "find . -exec sh -c {x} \\;",
        "find . -exec {x} \\;",
        "find . -execdir bash -c {x!q} \\;",
        "find . -ok {x} ;",
    ),
    *("ssh host {x}", "ssh {x} ls", "make VAR={x}", "make -f {x}", "make {x}", "git -c alias.a={x} a"),
    *("time sh -c {x}", "nice -n 5 {x}", "nice sh -c {x}", "timeout 5 {x}", "timeout -s KILL 5 sh -c {x}"),
    *(
        "stdbuf -oL {x}",
        "stdbuf -o L sh -c {x}",
        "sudo {x}",
        "sudo -u me sh -c {x}",
        "nohup {x}",
        "setsid sh -c {x}",
    ),
    *(
        "flock lock {x}",
        "flock lock -c {x}",
        "su -c {x}",
        "su - me -c {x}",
        "chroot / {x}",
        "taskset 1 sh -c {x}",
    ),
    *(
        "conda run -n e {x}",
        "conda run -n e python -c {x}",
        "docker run image sh -c {x}",
        "singularity exec i.sif {x}",
    ),
    *(
        "tar -cf a.tar --to-command={x} .",
        "tar -I {x} -xf a",
        "sort --compress-program={x} f",
        "rsync -e {x} a b",
    ),
    *(
        "sqlite3 db {x}",
        "gdb -ex {x}",
        "vim -c {x}",
        "vim +{x} f",
        "emacs --eval {x}",
        "java -jar {x}",
        "ed {x}",
    ),
    # Within a script: what another program, or the shell itself, would take for code.
    *(
        "sh -c 'eval {x!q}'",
        "sh -c '{x!q}'",
        "sh -c 'a; {x!q} b'",
        "sh -c 'if {x!q}; then a; fi'",
        "sh -c '. {x!q}'",
    ),
    *(
        "sh -c 'bash -c {x!q}'",
        "sh -c 'bash -c \"echo {x!q}\"'",
        "sh -c 'env -S bash -c {x!q}'",
        "sh -c 'a $({x!q})'",
    ),
    *(
        "sh -c 'python3 -c {x!q}'",
        "sh -c 'f() {{ eval {x!q}; }}; f'",
        "sh -c 'a | sh -c {x!q}'",
        "sh -c 'trap {x!q} 0'",
    ),
    *(
        "bash -c 'echo $(( {x!q} + 1 ))'",
        "bash -c '(( {x!q} ))'",
        "bash -c '[[ {x!q} -eq 1 ]]'",
        "bash -c 'let {x!q}'",
    ),
    *(
        "bash -c '[ -v {x!q} ]'",
        "sh -c 'BASH_ENV={x!q} bash -c :'",
        "sh -c 'export PATH={x!q}'",
        "sh -c 'awk {x!q} f'",
    ),
    *("sh -c 'for f in *; do sh -c {x!q}; done'", "sh -c 'timeout 5 sh -c {x!q}'", "sh -c 'sed {x!q} f'"),
]
# Where programs take data: any value arrives.
TAKEN = [
    *(
        "tool {x}",
        "tool --in={x} -o {x} 'a {x} b'",
        "tool -t {cores} {x}",
        "samtools sort -o {x} {input}/{x}",
    ),
    *(
        "bwa mem -t {x} a b",
        "fastp -c -i {x}",
        "blastn -evalue {x}",
        "ffmpeg -c:v {x} -i {x}",
        "grep -f {x} {x}",
    ),
    *("find {x} -name {x}", "find . -name {x} -exec tool {x} \\;", "sort -t {x} {x}", "tar -xf {x} -C {x}"),
    *("python3 tool.py {x} -i {x}", "python3 -m tool {x}", "python3 -c 'import sys' {x}", "python3 - {x}"),
    *(
        "Rscript analyse.R {x} --type {x}",
        "node tool.js {x}",
        "java -Xmx4g -jar tool.jar {x}",
        "sh run.sh {x}",
    ),
    *(
        "awk -v a={x} '{{print a}}' {x}",
        "sed -n 1p {x}",
        "timeout {x} sleep 1",
        "nice -n 5 tool {x}",
        "env A=1 tool {x}",
    ),
    *(
        "xargs -a {x} tool {x}",
        "conda run -n e tool {x}",
        "mpirun -n 4 tool {x}",
        "xvfb-run -a tool {x}",
    ),
    *(
        "sh -c 'tool \"$1\"' sh {x}",
        "sh -c 'tool {x!q}'",
        "sh -c 'v={x!q}; tool \"$v\" > {x!q}'",
        "tool --mode make {x}",
    ),
    *("sh -c 'bash run.sh {x!q}'", "sh -c 'test {x!q} = 1 && tool {x!q}'", "sh -c 'export V={x!q}; tool'"),
    *(
        "bash -c '[[ {x!q} == a* ]] && tool'",
        "sh -c 'awk -v v={x!q} 1 f'",
        "sh -c 'for f in {x!q}; do tool; done'",
    ),
    *("sh -c 'echo {x!q} | tool'", "sh -c 'tool -c {x!q}'", "sh -c 'case {x!q} in a) tool;; esac'"),
]
# Where a program that is not known may take code: only a harmless value arrives, or one that is marked.
PERHAPS = [
    *(
        "tool -e {x}",
        "tool -c {x}",
        "tool -c{x}",
        "tool -E {x}",
        "tool -S {x}",
        "tool -x {x}",
        "tool -lc {x}",
    ),
    *("tool --eval {x}", "tool --command={x}", "tool --expression {x}", "tool --exec {x}", "tool -exec {x}"),
    *(
        "tool --script={x}",
        "samtools -c {x}",
        "samtools view -e {x}",
        "convert -e {x}",
        "python3 tool.py -c {x}",
    ),
    *(
        "env A={x} tool",
        "perl -ne 1 {x}",
        "docker run image python3 {x}",
        "wrapper awk {x}",
        "bash run.sh -c {x}",
    ),
]


@pytest.mark.parametrize("command", REFUSED)
def test_a_value_where_a_program_takes_code_is_refused(command):
    with pytest.raises(PlaceholderError, match=r"\{x(!q)?\}.*; (write|give) "):
        check_command(command)


@pytest.mark.parametrize("command", REFUSED)
def test_a_value_that_a_refusal_says_to_mark_is_taken_with_the_mark(command):
    with pytest.raises(PlaceholderError) as told:
        check_command(command)
    if "write {x!v}" in str(told.value) or "or {x!v}" in str(told.value):
        check_command(command.replace("{x}", "{x!v}").replace("A=1 {x!v}", "tool"))
    else:
        assert "shell's script" in str(told.value)


@pytest.mark.parametrize("command", TAKEN)
@pytest.mark.parametrize("value", [*PLANTED, "a b", "1e-5"])
def test_a_value_where_a_program_takes_data_is_taken(command, value):
    argv, environ = fill_command(command, {"x": value, "input": "/in", "cores": 1})
    assert value in "\n".join([*argv, *environ.values()])


@pytest.mark.parametrize("command", PERHAPS)
def test_a_value_that_may_be_code_is_taken_when_it_is_harmless_or_marked(command):
    check_command(command)
    for value in ("3", "1e-5", "-0.5", "chr1:1-100", "sample_1.fq.gz", "a/b", "k=v,w", "é"):
        fill_command(command, {"x": value})
    marked = command.replace("{x}", "{x!v}")
    for value in PLANTED:
        with pytest.raises(
            PlaceholderError, match=r"may be code to the program .*; write \{x!v\} in COMMAND"
        ):
            fill_command(command, {"x": value})
        assert value in "\n".join(fill_command(marked, {"x": value}).argv)


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("sed -n 1p {x}", f"-es/.*/touch {MARK}/e"),
        ("perl -e 1 {x}", f"-esystem('touch {MARK}')"),
        ("find {x}", "-exec"),
        ("vim {x}", f"+!touch {MARK}"),
        ("tar -cf a.tar {x}", f"--to-command=touch {MARK}"),
        ("sort {x}", f"--compress-program=touch {MARK}"),
        ("git {x}", f"-calias.a=!touch {MARK}"),
    ],
)
def test_a_value_does_not_become_an_option_of_a_program_that_takes_code(command, value):
    with pytest.raises(PlaceholderError, match=r"(begins like an option|may be code)"):
        fill_command(command, {"x": value})
    for other in ("-5", "+.5", "a-b", "", "file with spaces"):
        if command != "perl -e 1 {x}" or " " not in other:
            assert fill_command(command, {"x": other}).argv[-1] == other
    for marked in (command.replace("{x}", "{x!v}"), command.replace("{x}", "-- {x}")):
        if not command.startswith("perl") or "!v" in marked:
            assert fill_command(marked, {"x": value}).argv[-1] == value


def test_a_mark_does_not_open_a_shell_s_script():
    with pytest.raises(PlaceholderError, match=r"inside a shell's script; write \{x!q\}"):
        check_command("sh -c 'tool {x!v}'")


WRAPPERS = [
    *(
        "",
        "env",
        "env A=1",
        "env -S",
        "env -i PATH=/usr/bin:/bin",
        "timeout 2",
        "timeout -s KILL 2",
        "nice",
        "nice -n 1",
    ),
    *(
        "stdbuf -oL",
        "nohup",
        "setsid",
        "setsid -w",
        "xargs",
        "xargs -n 1",
        "busybox",
        "time",
        "flock lock",
        "sh -c",
        "exec",
    ),
    *(
        "find . -maxdepth 0 -exec",
        "script -qc",
        "ionice -c 3",
        "strace -f",
        "unknown-wrapper",
        "taskset 1",
        "sudo",
        "bash -c",
    ),
]
PROGRAMS = [
    *("sh", "bash", "dash", "busybox sh", "busybox ash", "env", "awk", "mawk", "busybox awk", "perl", "node"),
    *(
        "python3",
        sys.executable,
        "find .",
        "xargs",
        "sed",
        "make",
        "sqlite3 :memory:",
        "ed",
        "gdb -batch",
        "m4",
        "bc",
    ),
    *(
        "git",
        "tar -cf a.tar .",
        "sort",
        "echo",
        "printf",
        "cat",
        "grep",
        "vim -es",
        "jq -n",
        "eval",
        "watch",
        "script",
    ),
]
OPTIONS = [
    *(
        "",
        "-c",
        "-ec",
        "-lc",
        "-xc",
        "-e",
        "-E",
        "-S",
        "-ne",
        "-pe",
        "-f",
        "-s",
        "-x",
        "-p",
        "-m",
        "-m timeit",
        "-M",
    ),
    *(
        "-c -e",
        "-c --",
        "--",
        "-o pipefail -c",
        "--rcfile",
        "--eval",
        "--command",
        "-exec",
        "-exec sh -c",
        "-ex",
        "-r",
    ),
    *(
        "--eval=",
        "-v a=",
        "-I",
        "VAR=",
        "--to-command=",
        "-n 1",
        "-u",
        "run.sh",
        "-print -exec",
        "+",
        "-c 'true' x",
    ),
    *("'BEGIN{{print 1}}'", "1p", "-l", "-i", "-D", "--init-file", "-C"),
]
VALUES = [
    "{x}",
    "'echo {x}'",
    "a{x}",
    "{x!q}",
    "'echo {x!q}'",
    "'print({x})'",
    "'\"{x!q}\"'",
    "{x} {x}",
    "'sh -c {x!q}'",
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(WRAPPERS),
    st.sampled_from(PROGRAMS),
    st.sampled_from(OPTIONS),
    st.sampled_from(VALUES),
    st.sampled_from(["", " ;", " a", " \\;"]),
    st.sampled_from(PLANTED + LIKE_OPTIONS),
)
def test_no_planted_value_is_run_by_any_program(
    tmp_path_factory, wrapper, program, option, value, end, planted
):
    glue = "" if option.endswith("=") else " "
    command = f"{wrapper} {program} {option}{glue}{value}{end}".strip()
    nothing_is_run(command, planted, tmp_path_factory)


@pytest.mark.parametrize("command", [*REFUSED, *TAKEN, *PERHAPS])
def test_no_planted_value_is_run_by_any_command_above(tmp_path_factory, command):
    for planted in PLANTED + LIKE_OPTIONS:
        nothing_is_run(command, planted, tmp_path_factory)


def nothing_is_run(command, planted, tmp_path_factory):
    """Refused, or really run without making the file."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "f").write_text("line\n")
    (folder / "run.sh").write_text('echo "$@"\n')
    try:
        argv, environ = fill_command(command, {"x": planted, "input": str(folder), "cores": 1})
    except PlaceholderError:
        shutil.rmtree(str(folder))
        return
    if shutil.which(argv[0]):
        environment = {**os.environ, "HOME": str(folder), **environ}
        run = subprocess.Popen(
            argv,
            cwd=str(folder),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            run.wait(timeout=3)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, 9)
            run.wait()
    assert not list(folder.rglob(MARK)), f"{command!r} ran {planted!r}: {shlex.join(argv)}"
    shutil.rmtree(str(folder))
