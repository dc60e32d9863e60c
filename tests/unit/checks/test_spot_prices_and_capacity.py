"""What check decides without AWS: fit, money, addresses of registries."""

import pytest

from distributed_something.aws.instance_types import InstanceType
from distributed_something.checks import capacity, image, spot_prices
from distributed_something.checks.finding import Finding, mistake
from distributed_something.config import loader
from distributed_something.errors import UserError

M5 = InstanceType("m5.xlarge", 16_384, 4, "x86_64")


def settings(**changes):
    least = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "bucket", "COMMAND": "tool"}
    return loader.settings_from({**least, **changes}, "config.py")


@pytest.mark.parametrize(("total", "measured"), [(16_384, 15_576), (8192, 7680), (8192, 7624)])
def test_the_estimate_of_registered_memory_is_just_below_what_was_measured(total, measured):
    assert measured * 0.985 < capacity.registered_memory(total) <= measured


def test_a_fit_says_nothing_and_a_waste_is_a_note():
    assert list(capacity.findings(settings(MEMORY=15_000), [M5])) == []
    (note,) = capacity.findings(settings(MEMORY=2000), [M5])
    assert not note.is_mistake
    assert "smaller machines would cost less" in note.what
    (note,) = capacity.findings(settings(MEMORY=15_000, SQS_MESSAGE_VISIBILITY=7200), [M5])
    assert "a minute is enough" in note.what


def test_a_bid_that_is_enough_in_some_zones_is_a_note_with_the_cost():
    prices = {("m5.xlarge", "a"): 0.07, ("m5.xlarge", "b"): 0.30}
    lines = [
        one.line()
        for one in spot_prices.compare_bid(settings(MACHINE_PRICE=0.1, CLUSTER_MACHINES=10), prices)
    ]
    assert lines == [
        "note:  MACHINE_PRICE = $0.1 is enough for m5.xlarge in 1 of 2 zones: its spot price is $0.0700 to "
        "$0.3000 an hour",
        "note:  10 machines cost about $0.70 to $0.70 an hour now, and never more than $1.00",
    ]
    (nothing,) = spot_prices.compare_bid(settings(), {})
    assert nothing.what.startswith("m5.xlarge has no spot price here")


def test_machines_outside_the_standard_families_have_other_quotas():
    gpu = InstanceType("g5.xlarge", 16_384, 4, "x86_64")
    assert list(spot_prices.compare_quota(settings(CLUSTER_MACHINES=100), [gpu], 1)) == []


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("ubuntu", ("https://registry-1.docker.io", "library/ubuntu", "latest")),
        ("me/tool:1", ("https://registry-1.docker.io", "me/tool", "1")),
        ("quay.io/biocontainers/samtools:1.21", ("https://quay.io", "biocontainers/samtools", "1.21")),
        ("localhost:5000/tool:2", ("http://localhost:5000", "tool", "2")),
        ("me/tool:1@sha256:ab", ("https://registry-1.docker.io", "me/tool", "sha256:ab")),
    ],
)
def test_where_an_image_lives(tag, found):
    assert image.registry_place(tag) == found


def test_an_error_is_taken_apart_into_what_and_mend():
    assert mistake(UserError("x is wrong; write y"), "mend") == Finding("x is wrong", "Write y")
    assert mistake(UserError("a\nb\nMend both"), "mend") == Finding("a; b", "Mend both")
    assert mistake(UserError("x is wrong"), "mend") == Finding("x is wrong", "mend")
