"""Honest specs pass, registered or not; every word of the vocabulary has its check."""

import honest
import pytest
import reference
from attrs import evolve
from broken import Plugin, installed

from ad_contracts import Status, cases, load_table, run
from ad_core.spec import Capability, DetectorSpec, Deviation

CHECKS = load_table().checks.values()
REFERENCE = next(one for one in reference.SPECS if isinstance(one, DetectorSpec))


@pytest.mark.parametrize("case", cases(honest.SPECS, only=["capabilities"]), ids=lambda one: one.id)
def test_what_is_declared_and_true_passes(case):
    outcome = run(case)
    assert outcome.status is Status.PASSED, outcome.message


ABOUT_STEPS = (
    *("flat_array_is_one_channel", "series_of_any_length_is_scored", "short_series_is_refused"),
    *("channels_are_counted", "constant_*_is_scored", "first_and_last_steps_count"),
)


@pytest.mark.parametrize("case", cases([honest.STEPS], only=ABOUT_STEPS), ids=lambda one: one.id)
def test_a_detector_of_single_steps_passes_what_is_not_about_context(case):
    outcome = run(case)
    assert outcome.status is Status.PASSED, outcome.message


@pytest.mark.parametrize(
    ("check", "fields"),
    [
        ("extra_brings_the_modules", {"modules": ("attrs", "numpy"), "extra": "ad-contracts"}),
        ("deviations_name_cases", {"deviations": (Deviation(check="few_rows", reason="none"),)}),
    ],
)
def test_what_few_specs_say_may_be_true(check, fields):
    (case,) = cases([evolve(REFERENCE, **fields)], only=[check])
    assert run(case).status is Status.PASSED


@pytest.mark.parametrize(
    "case", cases([honest.STRICT_AUC], only=["metrics"]), ids=lambda one: one.id
)
def test_a_metric_may_refuse_equal_scores(case):
    assert run(case).status is Status.PASSED


def test_a_good_plugin_passes(tmp_path):
    spec = evolve(REFERENCE, name="registered", summary="S" * 100)
    names = [case.check.name for case in cases([spec], only=["spec"])]
    with installed(spec, Plugin(), tmp_path):
        found = cases([spec], only=["spec"])
        outcomes = [run(case) for case in found]
    more = {case.check.name for case in found} - {*names}
    assert {"listing_imports_no_library", "libraries_are_required", "references_are_given"} <= more
    assert {outcome.status for outcome in outcomes} == {Status.PASSED}, outcomes


def test_a_check_asks_those_who_declare_a_capability():
    asked = frozenset().union(*(one.needs for one in CHECKS))
    by_condition = {
        Capability.MULTIVARIATE,  # every_column_counts, for all but null baselines
        Capability.SEEDED,  # same_seed_same_scores, for whatever takes a seed
    }
    assert {*Capability} - asked <= by_condition


def test_a_check_asks_those_who_do_not_declare_a_capability():
    asked = frozenset().union(*(one.unless for one in CHECKS))
    of_everyone = {
        Capability.DETERMINISTIC,  # randomness_is_declared
        Capability.SEEDED,  # seed_is_declared
        Capability.FEATURE_CONTRIBUTIONS,  # optional_methods_are_declared, and the next two
        Capability.PARTIAL_FIT,
        Capability.LOCALIZES,
    }
    assert {*Capability} - asked <= of_everyone
