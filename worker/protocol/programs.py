"""Programs that take code or start other programs: in which options, and in which of their operands.

A table, and not complete: a program that is not in it is judged by the names of its options (GENERAL_OPTION).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Pattern

# What an operand is: data, code, a file that is run, or a program (whose own operands follow).
DATA, CODE, FILE, PROGRAM = "D", "C", "F", "P"
# Every word: the program makes a line of a shell or of its own language of them.
ALL = "*"

_NEVER = re.compile(r"(?!)")


class Program(NamedTuple):
    """``operands``: one of the letters above for each, in order; those after the last are plain data."""

    names: Pattern[str]
    operands: str = ""
    anywhere: bool = False  # recognized behind programs that are not in the table, too
    value: Pattern[str] = _NEVER  # options whose value is the next word, and data
    script: Pattern[str] = _NEVER  # the option that brings a shell's script
    code: Pattern[str] = _NEVER  # options that bring code, in the next word or in the same
    starts: Pattern[str] = _NEVER  # options behind which a program is named
    splits: Pattern[str] = _NEVER  # options whose value is itself a command line
    sets_variables: bool = False  # NAME=VALUE may stand before the program
    code_is_last: bool = False  # what follows code are its arguments, and no more options
    runs_names: bool = False  # opens the file 'command |' by running it

    @property
    def takes_code(self) -> bool:
        """Whether an option brings code or names a program."""
        return not {self.script, self.code, self.starts, self.splits} <= {_NEVER}


def _program(names: str, operands: str, value: str = "", anywhere: bool = False, **options: str) -> Program:
    return Program(
        re.compile(rf"({names})\Z"),
        operands,
        anywhere,
        re.compile(f"({value})" if value else "(?!)"),
        sets_variables=names in ("env", "sudo|doas"),
        code_is_last=names.startswith("(python"),
        runs_names=names.startswith("perl"),
        **{name: re.compile(f"({option})") for name, option in options.items()},
    )


_POSIX_SHELLS = "r?bash|sh|dash|ash|zsh|r?ksh(93)?|mksh|yash"
_SCRIPT = r"-[a-zA-Z]*c[a-zA-Z]*\Z|--command\Z"

PROGRAMS = (
    # Shells in whose scripts a value may stand as {key!q}, since they know "${NAME}".
    _program(_POSIX_SHELLS, FILE, "[-+][a-zA-Z]*[oO]", True, script=_SCRIPT, code=r"--(rcfile|init-file)\b"),
    _program("su|runuser", DATA + DATA, "-[a-zA-Z]*[gGswT]", True, script=_SCRIPT),
    _program("flock", DATA + PROGRAM, "-[a-zA-Z]*[wE]", True, script=_SCRIPT),
    _program("script", DATA, "-[a-zA-Z]*[IOBTmEo]", script=_SCRIPT),
    # Other shells.
    _program("t?csh|fish|xonsh|elvish", FILE, "", True, code="-[a-zA-Z]*[cC]|--(init-)?command"),
    _program("nu|rc|es|osh|ysh|ion|posh", FILE, code="-[a-zA-Z]*c|--commands?"),
    _program("pwsh|powershell(.exe)?", CODE, "", True, code=r"(?i:-+(c|com\w*|e|ec|en\w*|f|file)\b)"),
    # Interpreters.
    _program(
        r"(python|pypy)[\d.]*|ipython\d*",
        FILE,
        "-[a-zA-Z]*[WX]",
        True,
        code="-[bBdEiIOPqsSuvVx]*c",
        starts="-[bBdEiIOPqsSuvVx]*m",
    ),
    _program("i?pdb|c?[pP]rofile|trace", FILE, "-[os]", code="-c", starts="-m"),
    _program(r"perl[\d.]*", FILE, "-I", True, code="-[a-zA-Z0-9]*[eE]"),
    _program(r"j?ruby[\d.]*", FILE, "-[rIC]", True, code="-[a-zA-Z0-9]*[eE]"),
    _program(r"(Rscript|R|lua|luajit|julia)[\d.]*", FILE, "-[JLlptgdf]", True, code="-[eE]|--eval|--print"),
    _program("node|nodejs|bun|deno", FILE, "-[rC]", True, code="-[cipe]*[ep]|--eval|--print"),
    _program(
        r"php[\d.]*", FILE, "-[cdz]", True, code="-[rBREF]|--(run|process-begin|process-code|process-end)"
    ),
    _program("octave(-cli)?", FILE, "-p", True, code="--eval"),
    _program("matlab", "", "-(sd|logfile)", True, code="-r|-batch"),
    _program("(ImageJ|fiji).*", "", "", True, code="--?eval"),
    _program(
        "tclsh.*|wish.*|guile|groovy|scala|elixir|iex|ghci?|runghc|swipl|sbcl|clisp|cloju?re?|expect|gnuplot|maxima"
        "|sage|gap|osascript|erl|racket|emacs",
        FILE,
        code="--?(eval|execute|batch-string|load)|-[a-zA-Z]?[ceEgl]",
    ),
    _program("gdb|lldb", "", code="--?(ex|iex|eval-command|x|command|ix|one-line|source|o|s)"),
    _program("vim?|nvim|ex|view", "", code=r"-[a-zA-Z]*[csSuU]|--cmd|\+"),
    _program("dc|bc|ed|m4", FILE, code="-[ef]|--expression|--file"),
    _program(
        "[gmn]?awk",
        CODE,
        "-[vF]|--assign|--field-separator",
        True,
        code="-[feEil]|--(file|source|exec|include|load)",
    ),
    _program("g?sed", CODE, "-l|--line-length", code="-[nErsuz]*[ef]|--(expression|file)"),
    _program("sqlite3|duckdb", DATA + 9 * CODE, code="--?(cmd|init|c|s)"),
    # Programs that make a shell's line, or code, of all their operands; and the shell's own.
    _program("ssh|parallel", ALL, anywhere=True),
    _program("rsh|watch|sem|g?make|timeit|hyperfine|tmux|screen", ALL),
    _program("eval|source|[.]|trap|alias|let|unset|read", ALL),
    # Programs that start another.
    _program("env", PROGRAM, "-[uCa]|--unset|--chdir", True, splits="-[iv0]*S|--split-string"),
    _program("sudo|doas", PROGRAM, "-[ughpCTrtDUR]"),
    _program("timeout", DATA + PROGRAM, "-[ks]|--signal|--kill-after"),
    _program("nice|ionice", PROGRAM, "-[ncp]|--adjustment|--class|--classdata"),
    _program("time|gtime", PROGRAM, "-[fo]|--(format|output)"),
    _program("stdbuf", PROGRAM, "-[ioe]|--(input|output|error)"),
    _program("strace|ltrace", PROGRAM, "-[eopsaPEIOSXu]"),
    _program(
        "nohup|setsid|unbuffer|tini|dumb-init|catchsegv|eatmydata|fakeroot|setpriv|unshare|valgrind", PROGRAM
    ),
    _program("exec|command|builtin", PROGRAM, "-a"),
    _program("busybox|toybox", PROGRAM, anywhere=True),
    _program(
        "numactl|xvfb-run|prlimit|mpirun|mpiexec|srun|entr", PROGRAM, "-(np?|[cNCmpHtJsfew]|host|hostfile)"
    ),
    _program("chrt|taskset|chroot|gosu|su-exec|faketime|perf", DATA + PROGRAM, "-[TPDp]"),
    _program("g?xargs", PROGRAM, "-[InPLsEda]", True),
    _program("conda|mamba|micromamba|uv|poetry|pixi|pipx|bundle", DATA + PROGRAM, "-[np]|--name|--prefix"),
    _program("singularity|apptainer", DATA + DATA + PROGRAM, "-[BHW]|--(bind|home|pwd)"),
    # Programs with options that start another.
    _program("g?find|bfs|fd|fdfind", "", starts=r"-(exec|execdir|ok|okdir|x|X)\Z|--exec(-batch)?\Z"),
    _program(
        "g?tar|bsdtar",
        "",
        code="-I|-F|--(to-command|use-compress-program|checkpoint-action|info-script|new-volume-script|rsh-command)",
    ),
    _program("git", "", code="-c|--(exec|upload-pack|receive-pack|config-env)"),
    _program("rsync", "", code="-[a-zA-Z]*e|--(rsh|rsync-path)"),
    _program("scp|sftp", "", code="-[So]"),
    _program("sort", "", code="--compress-program"),
    _program("tcpdump|man|zip", "", code="-z|-P|-TT|--(pager|unzip-command)"),
    _program("java", FILE, "-(cp|classpath|p)", code="-javaagent|-agentpath|-XX:On", starts=r"-jar\Z"),
)

# Options that are named as those by which programs take code, and the same with the value in one word.
_LONG = (
    "c|cmd|code|commands?|eval|evaluate|ex|exec|execdir|execute|expr|expressions?|init-command|init-file|ok|okdir"
    "|prexec|rcfile|rsh|run|script|shell|split-string|to-command|use-compress-program|wrap"
)
GENERAL_OPTION = re.compile(rf"-[a-zA-Z]{{0,2}}[ceESx]\Z|-r\Z|--?(?i:{_LONG})\Z")
GENERAL_GLUED = re.compile(rf"-[a-zA-Z]?[ceESxr]=?\{{|--?(?i:{_LONG})=")

# Variables whose values a shell or an interpreter takes for code, or for the place of it.
CODE_VARIABLE = re.compile(
    r"(BASH_ENV|BASH_FUNC_.*|ENV|PS\d|IFS|SHELL|PAGER|EDITOR|LESSOPEN|LESSCLOSE|PERL5\w*|RUBY(OPT|LIB)|NODE_OPTIONS"
    r"|PYTHON(PATH|STARTUP|HOME)|R_PROFILE.*|PATH|LD_.*|\w+_(COMMAND|PAGER|EDITOR|OPTIONS))=",
)


def known_program(word: str) -> Program | None:
    """The program that a word is the name or the path of."""
    name = word.rsplit("/", 1)[-1]
    return next((one for one in PROGRAMS if one.names.match(name)), None)


def is_posix_shell(word: str) -> bool:
    return PROGRAMS[0].names.match(word.rsplit("/", 1)[-1]) is not None
