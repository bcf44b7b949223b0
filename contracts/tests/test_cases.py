"""Which cases there are: applicability, scenarios, deviations, ids."""

from types import ModuleType

import pytest

from ad_contracts import Check, Sample, cases, check, load_table, scenario
from ad_contracts._check import checks_of
from ad_core.errors import PluginError, SpecError, UnknownNameError
from ad_core.spec import Capability, DataKind, DatasetSpec, DetectorSpec, Deviation, MetricSpec


def detector(**fields):
    given = {"capabilities": ("novelty", "deterministic"), **fields}
    return DetectorSpec(
        name="stub", target="nowhere:Stub", summary="A stub", family="rule", **given
    )


METRIC = MetricSpec(name="stub", target="nowhere:stub", summary="A stub")
DATASET = DatasetSpec(
    name="stub",
    target="nowhere:stub",
    summary="A stub",
    construction="none",
    citation="nobody",
    licence="MIT",
)


def asks(subject):
    """Asks nothing."""


def plainly_asks(subject):
    """Asks nothing, in a line
    and a half.

    And it says more below.
    """


@pytest.mark.parametrize(
    ("question", "spec", "applies"),
    [
        ({}, detector(), True),
        ({}, METRIC, False),
        ({"of": MetricSpec}, METRIC, True),
        ({"of": MetricSpec}, DATASET, False),
        ({"of": DatasetSpec}, DATASET, True),
        ({"data": {"tabular"}}, detector(), True),
        ({"data": {"timeseries"}}, detector(), False),
        ({"data": {"timeseries", "graph"}}, detector(data=("tabular", "graph")), True),
        ({"of": DatasetSpec, "data": {"timeseries"}}, DATASET, False),
        ({"of": MetricSpec, "data": {"timeseries"}}, METRIC, True),  # a metric for all kinds
        ({"needs": {"novelty"}}, detector(), True),
        ({"needs": {"novelty", "seeded"}}, detector(), False),
        ({"unless": {"seeded"}}, detector(), True),
        ({"unless": {"seeded", "novelty"}}, detector(), False),
        ({"when": lambda spec: spec.name == "stub"}, detector(), True),
        ({"when": lambda spec: spec.name != "stub"}, detector(), False),
    ],
)
def test_a_check_applies_to_what_it_is_about(question, spec, applies):
    made = Check(name="asks", function=asks, **question)
    assert made.applies_to(spec) is applies


def test_a_condition_that_fails_names_the_check_and_the_subject():
    made = Check(name="asks", function=asks, when=lambda spec: spec.nothing)
    with pytest.raises(PluginError, match="'asks' cannot tell whether it applies to 'stub': Attr"):
        made.applies_to(detector())


def test_the_scope_of_a_check_is_said_in_words():
    def _has_neighbours(spec):
        return True

    made = Check(
        name="asks",
        function=asks,
        data={"timeseries", "tabular"},
        needs={"seeded"},
        unless={"transductive"},
        when=_has_neighbours,
        each=True,
    )
    assert made.scope == (
        "tabular, timeseries detectors; with seeded; without transductive; "
        "where has neighbours; each scenario"
    )
    assert Check(name="asks", function=asks, of=MetricSpec).scope == "metrics"


def test_a_check_says_in_a_docstring_what_must_hold():
    with pytest.raises(SpecError, match="the check 'silent' must say in its docstring"):

        @check()
        def silent(subject): ...


@pytest.mark.parametrize("function", [lambda: None, lambda subject, sample, more: None])
def test_a_check_takes_a_subject_and_perhaps_a_sample(function):
    function.__doc__ = "Asks."
    with pytest.raises(SpecError, match=r"must take \(subject\) or \(subject, sample\)"):
        check()(function)


def test_a_decorated_function_is_a_check_with_what_the_decorator_was_given():
    given = {
        "of": DatasetSpec,
        "data": frozenset({DataKind.GRAPH}),
        "needs": frozenset({Capability.SEEDED}),
        "unless": frozenset({Capability.LOCALIZES}),
        "when": bool,
        "each": True,
    }
    module = ModuleType(__name__)
    module.plain, module.asks = check()(plainly_asks), check(**given)(asks)
    plain, made = checks_of(module)
    assert made == Check(name="asks", function=asks, **given)
    assert plain == Check(name="plainly_asks", function=plainly_asks)
    assert (plain.group, plain.each) == ("", False)


def test_the_summary_of_a_check_is_the_first_paragraph_of_its_docstring():
    assert Check(name="asks", function=asks).summary == "Asks nothing."
    assert (
        Check(name="asks", function=plainly_asks).summary == "Asks nothing, in a line and a half."
    )


def ids(subjects, **options):
    return [case.id for case in cases(subjects, **options)]


def test_ids_name_subject_and_check_and_the_scenario_where_there_are_several(stranger):
    stranger_ids = ids("center", only=["strange"])
    assert "center-name_is_odd" in stranger_ids
    assert "center-device_is_here" in stranger_ids
    assert {"center-rows_are_few-crowd", "center-rows_are_few-pair"} <= {*stranger_ids}


def test_a_check_without_each_is_asked_in_the_first_scenario_that_fits(stranger):
    found = cases("center", only=["fit_returns_self"])
    assert [case.id for case in found] == ["center-fit_returns_self"]
    assert found[0].scenario is not None
    assert not found[0].scenario.needs  # `center` does not declare itself multivariate


def test_what_does_not_apply_is_not_generated(stranger):
    assert {*ids("of_nodes", only=["strange"])} == {
        "of_nodes-name_is_odd",
        "of_nodes-device_is_here",
    }
    assert ids("center", only=["timeseries"]) == []
    assert ids("roc_auc", only=["strange"]) == []


def test_scenarios_go_to_detectors_of_their_kind_and_capabilities(stranger):
    def asked(spec):
        return {case.scenario.name for case in cases([spec], only=["scores_are_finite"])}

    table = load_table().scenarios
    plain, able = detector(), detector(capabilities=("novelty", "multivariate"))
    assert asked(plain) == {
        name for name, one in table.items() if one.data == "tabular" and not one.needs
    }
    assert asked(able) > asked(plain)
    assert asked(detector(capabilities=("multivariate",))) == asked(able)  # just what is needed
    assert all(table[name].needs <= able.capabilities for name in asked(able))


@scenario(data="tabular")
def mine():
    """One of my own."""
    return Sample(X_train=[[0.0]] * 9, y_train=[0] * 9, X_test=[[0.0]], y_test=[0])


def test_scenarios_of_ones_own_replace_the_registered_ones(stranger):
    assert ids("center", scenarios=[mine], only=["rows_are_few"]) == ["center-rows_are_few-mine"]
    assert ids("center", scenarios=[], only=["rows_are_few"]) == []
    with pytest.raises(SpecError, match="is no scenario; decorate the function with @scenario"):
        cases("center", scenarios=[lambda: None])


def test_checks_are_chosen_by_name_group_or_glob(stranger):
    def names(*only):
        return {case.check.name for case in cases("center", only=only)}

    strange = {"name_is_odd", "rows_are_few", "device_is_here"}
    assert names("strange") == strange
    assert names("name_is_odd", "*here") == {"name_is_odd", "device_is_here"}
    assert names("str*") == strange
    assert strange < names()


def test_an_unknown_check_is_answered_with_the_nearest(stranger):
    with pytest.raises(
        UnknownNameError, match="no check is called 'name_is_od'; did you mean name"
    ):
        cases("center", only=["name_is_od"])
    with pytest.raises(UnknownNameError, match="no check is called 'x\\*'; see: ad check --list"):
        cases("center", only=["strange", "x*"])


def test_a_subject_that_is_named_twice_is_asked_once(stranger):
    once = ids("center", only=["strange"])
    assert ids(["center", "middle", "stranger/center"], only=["strange"]) == once
    assert ids(["stranger", "cent*"], only=["strange"]) == ids("stranger", only=["strange"])


def test_a_deviation_is_of_one_check_and_perhaps_of_one_scenario(stranger):
    declared = {
        case.id: case.deviation.reason
        for case in cases(["center", "even"], only=["strange"])
        if case.deviation is not None
    }
    assert declared == {
        "center-rows_are_few-crowd": "sees too many",
        "even-name_is_odd": "four letters are enough",
        "even-rows_are_few-crowd": "sees too many",
    }


def test_a_deviation_of_no_scenario_is_of_each(stranger):
    spec = detector(deviations=(Deviation(check="rows_are_few", reason="there are many"),))
    found = cases([spec], only=["rows_are_few"])
    assert len({case.scenario.name for case in found}) > 1
    assert {case.deviation.reason for case in found} == {"there are many"}


RATING_CHECKS = '''
from ad_contracts import check
from ad_core.spec import DataKind, MetricSpec


@check(of=MetricSpec, data={DataKind.TABULAR})
def rates_the_labels(subject, sample):
    """Takes labels."""
'''
RATING_PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import CheckSpec


@hookimpl
def ad_checks():
    return [CheckSpec(name="rates", module="rating_checks", summary="Rates")]
"""


def test_a_check_of_a_metric_may_take_data(site, installed):
    site.add("rates", RATING_PLUGIN, rating_checks=RATING_CHECKS)
    installed()
    (case,) = cases([METRIC], only=["rates"])
    assert case.scenario.data == "tabular"
    assert not case.scenario.needs  # a metric declares no capability


def test_subjects_that_share_a_name_are_told_apart(site, installed):
    plugin = (
        "from ad_core.hookspecs import hookimpl\n"
        "from ad_core.spec import DetectorSpec\n"
        "@hookimpl\n"
        "def ad_detectors():\n"
        "    return [DetectorSpec(name='twin', target='x:Y', summary='{}', family='rule')]\n"
    )
    site.add("a", plugin.format("first"))
    site.add("b", plugin.format("second"))
    installed()
    found = {case.subject for case in cases(["a", "b"])}
    assert found == {"a/twin", "b/twin"}
    assert len({*ids(["a", "b"])}) == len(ids(["a", "b"]))


def test_the_scope_of_every_check_can_be_read():
    assert not [one.name for one in load_table().checks.values() if "lambda" in one.scope]
