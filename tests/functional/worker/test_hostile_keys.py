"""Objects and results with names that somebody else has chosen: they stay in their folder, or are told."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError

KEYS = [
    "a b",
    "-rf",
    "$(touch pwned)",
    "`touch pwned`",
    "'\"",
    "*",
    "?x=1&y#z%41+",
    "\\",
    "new\nline",
    "tab\there",
    "é💥\u2028",
    "x" * 255,
    "/".join("y" * 200),
    # These leave the folder, or no file system takes them.
    "../out",
    "a/../../out",
    "..",
    "/etc/passwd",
    "a//b",
    "./a",
    "nul\0byte",
    "x" * 1000,
]
TAKEN = KEYS[:13]


def test_a_key_stays_in_the_input_folder_or_is_told(rig):
    """A job for each: the same object comes back under the same name, or nothing is written anywhere."""
    sent = []
    for number, key in enumerate(KEYS):
        try:
            rig.put(f"in{number}/{key}", b"content")
        except (ClientError, BotoCoreError, ValueError):
            continue  # what no bucket takes need not be taken from one
        sent.append((number, key))
        rig.send({"n": number})
    assert set(TAKEN) - {key for _, key in sent} <= {"new\nline"}  # which moto has no way to keep
    around = {path for path in rig.folder.parent.rglob("*") if path.is_file()}
    printed = rig.work("cp -r {input}/. {output}", INPUT="in{n}/", OUTPUT="results/{n}", LC_ALL="C")
    assert "Traceback" not in printed
    last = {entry["job"]: entry for entry in rig.ledger()}
    results = rig.results()
    for number, key in sent:
        if key in TAKEN:
            assert last[str(number)]["outcome"] == "SUCCESS", (key, last[str(number)])
            assert results.pop(f"results/{number}/{key}") == "content"
        else:
            assert last[str(number)]["outcome"] == "INPUT_PROBLEM", key
            told = ("would leave the input folder", "could not be written")
            assert any(reason in last[str(number)]["reason"] for reason in told)
    assert results == {}
    assert rig.leftovers() == []
    assert {path for path in rig.folder.parent.rglob("*") if path.is_file()} == around
    assert rig.counts() == (0, 0)


@pytest.mark.parametrize("name", ["caf\\303\\251", "caf\\351"], ids=["UTF-8", "Latin-1"])
def test_a_result_s_name_is_utf_8_or_told(rig, name):
    rig.send({"n": 1})
    rig.work(f'sh -c \'cd {{output}} && touch "$(printf "{name}")"\'', LC_ALL="C")
    (last,) = {entry["reason"] for entry in rig.ledger()}
    if name.endswith("251"):
        assert set(rig.results()) == {"results/1/café"}
        assert last == ""
    else:
        assert "has a name that is no UTF-8; S3 takes no other" in last
        assert set(rig.outcomes()) == {"OUTPUT_PROBLEM"}
    assert rig.leftovers() == []


def test_a_job_s_name_of_any_characters_is_written_and_told(rig):
    """One that UTF-8 cannot write is hopeless, and no other job waits for it."""
    rig.send({"n": "é💥\u2028"})
    rig.send_body('{"group": {"n": "\\ud800"}}')
    rig.send_body('{"group": {"n": 1e999}}')
    rig.send_body('{"group": {"n": ' + "[" * 500 + "]" * 500 + "}}")
    rig.send({"m": "x" * 300, **{f"k{number}": "v" * 50 for number in range(5)}})
    printed = rig.work("sh -c 'echo {n!q} > {output}/x'", LC_ALL="C", JOB_NAME="{n}")
    assert "Traceback" not in printed
    assert rig.results() == {"results/é💥\u2028/x": "é💥\u2028\n"}
    reasons = sorted(entry["reason"] for entry in rig.ledger() if entry["outcome"] == "INPUT_PROBLEM")
    assert len(reasons) == 4
    for expected in ("half a character", "1e999", "nested too deeply", "no key 'n'"):
        assert any(expected in reason for reason in reasons), (expected, reasons)
    assert rig.counts() == (0, 0)
    assert len(rig.dead()) == 4
