"""What the benchmarks make of their measurements; how long anything takes is no matter of a test."""

from tests.benchmarks.measure import Finding, Samples, in_turn, ratio
from tests.benchmarks.page import page, renewed


def samples(name, *values, unit="s"):
    return Samples(name, f"run {name}", unit, values)


def test_a_ratio_is_taken_round_by_round():
    # A machine that became ten times slower in the last round.
    assert ratio(samples("ours", 1, 1, 10), samples("theirs", 2, 2, 20)) == 0.5
    assert ratio(samples("ours", 3), samples("theirs", 1, 2, 3)) == 1.5


def test_what_is_compared_runs_in_turn():
    order = []
    found = in_turn(
        2,
        {
            "ours": ("run ours", lambda: order.append("ours") or 1.0),
            "theirs": ("run theirs", lambda: order.append("theirs") or 2.0),
        },
        "s",
    )
    assert order == ["ours", "theirs"] * 2
    assert found["theirs"] == Samples("theirs", "run theirs", "s", (2.0, 2.0))


def test_the_page_tells_figures_ratios_and_aims_that_do_not_hold():
    finding = Finding(
        "A title",
        (samples("ours", 1, 2, 3), samples("theirs", 4, 4, 4), samples("memory", 1200, unit="MB")),
        (("fast (it is)", True), ("small (it is not)", False)),
        limit="physics.",
    )
    text = page([finding])
    assert "| ours | `run ours` | 2.00 s | 1.00 - 3.00 | 3 |  |" in text
    assert "| theirs | `run theirs` | 4.00 s | 4.00 - 4.00 | 3 | 0.50 |" in text
    assert "| memory | `run memory` | 1,200 MB |  | 1 |  |" in text
    assert "- Target met: fast (it is)" in text
    assert "- **Target missed**: small (it is not)" in text
    assert "What limits it: physics." in text


def test_a_row_measured_again_replaces_its_section_and_no_other():
    one, two = Finding("One", (samples("a", 1),)), Finding("Two", (samples("b", 2),))
    before = page([one, two])
    again = Finding("One", (samples("a", 7),))
    assert renewed(before, [one, two]) == before
    assert renewed(before, [again]) == page([again, two])
    assert renewed(page([one]), [two]) == before


def test_the_summary_names_our_figure_and_those_of_others():
    title = "Upload: one file of 256 MiB"
    peers = [samples(name, 2) for name in ("AWS CLI", "s5cmd", "rclone")]
    text = page([Finding(title, (samples("the worker", 1), *peers))])
    told = "| upload one file of 256 MiB | 1.00 s; AWS CLI: 2.00 s; s5cmd: 2.00 s; rclone: 2.00 s |"
    assert told in text
    faster = Finding(title, (samples("the worker", 0.5), *peers))
    other = Finding("`run.py --help`", (samples("run.py --help", 0.03),))
    assert told.replace("1.00", "0.500") in renewed(text, [faster])
    both = renewed(text, [other])
    assert told in both and "| start `run.py --help` | 0.030 s |" in both
