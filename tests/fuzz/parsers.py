"""What is fuzzed, with what it begins: each parser's property, and how it gets its arguments from bytes."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from tests.unit.hostile import test_fleet_files, test_job_files, test_messages, test_settings
from tests.unit.hostile.test_job_files import SETTINGS
from tests.unit.jobs.generate import test_file_name_pattern

# How often `make fuzz` tries the properties whose values hypothesis makes, which is slower.
_STRUCTURED = 0.1


class Parser(NamedTuple):
    """``try_bytes`` raises when the property does not hold. ``share``: of the number of runs asked for."""

    try_bytes: Callable[[bytes], Any]
    seeds: tuple[bytes, ...] = ()
    share: float = 1.0


def _text(data: bytes) -> str:
    """Any text; bytes that are no UTF-8 become half characters."""
    return data.decode("utf-8", "surrogateescape")


def _on_text(test: Any, arguments: Callable[[str], tuple[Any, ...]], *seeds: str) -> Parser:
    """The property of a hypothesis test, with arguments made of text."""
    holds = test.hypothesis.inner_test
    return Parser(lambda data: holds(*arguments(_text(data))), tuple(seed.encode() for seed in seeds))


def _structured(test: Any) -> Parser:
    """The same with values that hypothesis makes of the bytes; its documentation: "External fuzzers"."""
    return Parser(test.hypothesis.fuzz_one_input, (bytes(1000), bytes(range(250)) * 8), _STRUCTURED)


def _fields(text: str) -> list[str]:
    """Several texts in one, apart by a character that none of the parsers knows."""
    return text.split("\x1e")


def _inputs(text: str) -> tuple[list[str], str, list[str]]:
    template, value, *keys = [*_fields(text), "", ""]
    return [template], value, keys[:8]


def _pair(text: str) -> tuple[str, str]:
    first, second = [*_fields(text), ""][:2]
    return first, second


_MESSAGE = '{"shared": 1, "group": {"a": "x", "b": [1.5, null, true, {"c": "\\u00e9"}]}}'

PARSERS = {
    "job file": _structured(test_job_files.test_any_json),
    "table of groups": _structured(test_job_files.test_any_table),
    "fleet file": _structured(test_fleet_files.test_any_json),
    "settings": _structured(test_settings.test_any_values),
    "JSON of a job file": Parser(
        test_job_files.test_any_bytes.hypothesis.inner_test,
        (
            b'{"_comment": "x", "input": "in", "groups": [{"a": "1", "b": 2}]}',
            b'{"groups": {"matrix": {"a": [1, 2], "b": ["\\ud83d\\ude00"]}}}',
            b'\xef\xbb\xbf{"groups": "x.csv"}',
        ),
    ),
    "message": _on_text(
        test_messages.test_any_body_is_a_job_or_a_problem_with_its_reason,
        lambda text: (text, SETTINGS[len(text) % len(SETTINGS)]),
        _MESSAGE,
        _MESSAGE + " ",
        _MESSAGE + "  ",
    ),
    "command line": _on_text(
        test_messages.test_any_command_has_the_arguments_that_were_written_and_no_more,
        lambda text: (text, {"x": "$(id) ' \"", "input": "/in"}),
        "tool --in {input}/{x} '{x} {{y}}' \"a\\ b\"",
        "env A=1 bash -ec 'echo \"{x!q}\" {x!q} $(cat {input})'",
        "python3 -c 'print(1)' {x}",
    ),
    "shell script": _on_text(
        test_messages.test_a_shell_s_script_is_the_same_whatever_the_value,
        lambda text: (text, "a b", "$(id) ' \" `"),
        "echo \"$(printf '%s' {x!q})\" 'it' {x!q} \\\" (a) `b`",
    ),
    "shell quotes": _on_text(
        test_messages.test_any_script_can_be_read_for_its_quotes,
        lambda text: (_fields(text),),
        'echo "$(a \'b \x1e c\' \x1e\\")" `d \x1e e`',
    )._replace(share=0.5),
    "upload flags": _on_text(
        test_messages.test_any_upload_flags_are_read_or_refused_with_a_sentence,
        lambda text: (text,),
        "--acl bucket-owner-full-control --storage-class=STANDARD_IA --sse --content-type 'text/csv'",
    ),
    "inputs": _on_text(
        test_messages.test_any_key_stays_in_the_input_folder,
        _inputs,
        "in/{x}/\x1eP1\x1ein/P1/a.tif\x1ein/P1/b/../c",
        "in/*{x}*\x1e*\x1ein/a*b\x1ein/a/*b",
    ),
    "pattern of makeJobs": _on_text(
        test_file_name_pattern.test_any_text_is_a_pattern_or_a_sentence,
        _pair,
        "{Plate}/{Well:well}_{Site:number}*.tif\x1eP1/A01_12_w3.tif",
        "**/{Plate}_{Plate}_{w:word}\x1ea/b/x_x_é",
    ),
    "ranges and wells": _on_text(
        test_settings.test_any_range_and_layout, lambda text: (text,), "1-3,7,12-", "A01-H12,P24", "s01-s12"
    ),
    "ledger line": _on_text(
        test_settings.test_any_line_of_the_ledger_is_an_attempt_or_passed_over,
        lambda text: (text, len(text)),
        '{"job": "a", "attempt": 1, "outcome": "SUCCESS", "start": "2026-11-23T20:00:00.000Z"}',
    ),
}
