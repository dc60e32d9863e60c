"""The judge of the chaos scenarios finds what is wrong, and the seed decides what goes wrong."""

from dataclasses import replace

import pytest

from tests.chaos.faults import KINDS, Call, Seeded, refusal
from tests.chaos.page import _BEGIN, _END, Row, with_rows
from tests.chaos.stage import Played
from tests.chaos.verdict import Facts, content, judge


def line(job, outcome="SUCCESS", reason=""):
    return {"job": job, "outcome": outcome, "reason": reason}


GOOD = Facts(
    jobs=["a", "b", "bad"],
    files=1,
    failing=frozenset(["bad"]),
    runs=["a", "b", "bad", "bad"],
    excused=set(),
    objects={"results/a/0.txt": content("a", 0), "results/b/0.txt": content("b", 0)},
    ledger=[line("a"), line("b"), line("bad", "TOOL_FAILED", "exit 3"), line("bad", "TOOL_FAILED", "exit 3")],
    dead=["bad"],
)


def test_a_run_as_it_should_be():
    verdict = judge(GOOD)
    assert verdict.kept
    assert (verdict.jobs, verdict.forced) == (3, 0)


@pytest.mark.parametrize(
    ("change", "found", "what"),
    [
        ({"objects": {"results/a/0.txt": content("a", 0)}}, "lost", ["b (SUCCESS: )"]),
        ({"objects": {**GOOD.objects, "results/b/0.txt": "half a fi"}}, "lost", ["b (SUCCESS: )"]),
        ({"dead": []}, "lost", ["bad (TOOL_FAILED: exit 3)"]),
        ({"ledger": GOOD.ledger[:2]}, "lost", ["bad"]),
        ({"runs": [*GOOD.runs, "a"]}, "doubled", ["a"]),
        ({"ledger": GOOD.ledger[1:]}, "disagree", ["a"]),
        ({"ledger": [*GOOD.ledger, line("bad")]}, "disagree", ["bad"]),
        ({"left": ["1 messages"]}, "left", ["1 messages"]),
        ({"objects": {**GOOD.objects, "results/c/0.txt": ""}}, "left", ["the object results/c/0.txt"]),
    ],
)
def test_what_is_wrong_is_found(change, found, what):
    verdict = judge(replace(GOOD, **change))
    assert not verdict.kept
    assert getattr(verdict, found) == what


def test_a_run_again_is_excused_by_a_fault_and_counted():
    verdict = judge(replace(GOOD, runs=[*GOOD.runs, "a", "a"], excused={"a"}))
    assert verdict.kept
    assert verdict.forced == 2


def test_the_seed_decides():
    call = Call("sqs", "ReceiveMessage", "json")
    drawn = [Seeded(7, 0.5, twice=0.1).draw(call, number) for number in range(500)]
    assert drawn == [Seeded(7, 0.5, twice=0.1).draw(call, number) for number in range(500)]
    assert drawn != [Seeded(8, 0.5, twice=0.1).draw(call, number) for number in range(500)]
    assert set(drawn) >= set(KINDS) - {"silent"} | {"", "delivered twice"}
    assert not any(Seeded(7, 0).draw(call, number) for number in range(500))


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (Call("sqs", "SendMessage", "json"), 400, b'"__type": "RequestThrottled"'),
        (Call("s3", "PUT object", "s3"), 503, b"<Code>SlowDown</Code>"),
        (Call("ec2", "DescribeInstances", "query"), 503, b"<Code>RequestLimitExceeded</Code>"),
    ],
)
def test_each_service_refuses_in_its_own_words(call, status, said):
    found, _, body = refusal(call, "throttled")
    assert found == status
    assert said in body


def test_the_page_gets_new_rows_and_keeps_the_others():
    from collections import Counter

    verdict = judge(GOOD)
    page = f"before {_BEGIN}\n{_END} after"
    for name, calls in (("load", 1), ("full-disk", 2), ("load", 3)):
        page = with_rows(page, [Row(name, "says", 1, Played(verdict, Counter(reset=2), calls, 4.0))])
    assert page.startswith("before ") and page.endswith(" after")
    rows = [one for one in page.splitlines() if one.startswith("| **")]
    assert [one.split("|")[3].strip() for one in rows] == ["3", "2"]
