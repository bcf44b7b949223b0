"""Where checks, scenarios and subjects come from, and what is said when they cannot be had."""

import numpy as np
import pytest

from ad_contracts import (
    DatasetSubject,
    DetectorSubject,
    MetricSubject,
    Sample,
    load_sample,
    load_subject,
    load_table,
    scenario,
)
from ad_contracts._find import find_specs, name_of, reference_to
from ad_contracts._scenario import as_scenario
from ad_core.errors import (
    AmbiguousNameError,
    PluginError,
    SpecError,
    TargetError,
    UnknownNameError,
)
from ad_core.registry import get_registry
from ad_core.spec import Capability, DataKind, DetectorSpec, Learning

CHECKS_PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import CheckSpec

@hookimpl
def ad_checks():
    return [CheckSpec(name="odd", module="{module}", summary="Asks")]
"""

CLASSES = '''
import numpy as np

from ad_core import BaseDetector
from ad_core.detector import AdapterDetector, Series


class KNNDistance(BaseDetector):
    """Distance to the nearest rows.

    And more.
    """

    def _fit(self, X, y):
        pass

    def _score(self, X):
        return np.zeros(len(X))


class Seeded(KNNDistance):
    """Draws.

    Parameters
    ----------
    random_state
        Seed.
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state


class Steps(KNNDistance):
    input = Series()


class Taught(KNNDistance):
    _needs_labels = True
    _accepts_missing = True


class Adapted(AdapterDetector):
    pass


class Nothing:
    pass
'''


def test_checks_and_scenarios_of_a_distribution_join_the_table(stranger):
    table = load_table()
    assert table.checks["name_is_odd"].group == "strange"
    assert table.checks["name_is_odd"].summary == "Its name has an odd number of letters."
    assert table.scenarios["pair"].summary == "Two rows."
    assert "fit_returns_self" in table.checks
    (group,) = [entry for entry in table.groups if entry.name == "strange"]
    assert group.distribution == "stranger"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "1 / 0",
            "odd_checks, the checks 'odd' of odd, cannot be imported: ZeroDivisionError: division",
        ),
        ("raise SystemExit(2)", "odd_checks, the checks 'odd' of odd, cannot be imported: Sys"),
        (
            "from ad_contracts import check\n@check()\ndef f(subject): pass",
            "cannot be imported: SpecError: the check 'f' must say in its docstring what must hold",
        ),
        ("", "odd_checks, the checks 'odd' of odd, has no check and no scenario"),
        (
            "from ad_contracts import check\n@check()\ndef fit_returns_self(a):\n    '''Asks.'''",
            "check 'fit_returns_self' is registered by ad-contracts and odd; rename one of them",
        ),
        (
            "from ad_contracts import scenario\n@scenario(data='tabular')\ndef blobs(): pass",
            "scenario 'blobs' is registered by ad-contracts and odd; rename one of them",
        ),
    ],
)
def test_a_module_of_checks_that_cannot_be_used_is_an_error_that_names_it(
    site, installed, source, message
):
    site.add("odd", CHECKS_PLUGIN.format(module="odd_checks"), odd_checks=source)
    installed()
    with pytest.raises(PluginError) as caught:
        load_table()
    assert message in str(caught.value)


def test_a_check_that_is_imported_into_a_module_is_not_registered_twice(site, installed):
    source = (
        "from ad_contracts.checks.fit import fit_returns_self\nfrom ad_contracts import scenario\n"
    )
    source += "@scenario(data='tabular')\ndef other(): pass\n"
    site.add("odd", CHECKS_PLUGIN.format(module="odd_checks"), odd_checks=source)
    installed()
    assert load_table().checks["fit_returns_self"].group == "fit"


def test_a_sample_is_made_once_and_cannot_be_changed(stranger):
    sample = load_sample("pair")
    assert load_sample("pair") is sample
    with pytest.raises(ValueError, match="read-only"):
        sample.X_train[0, 0] = 1.0
    with pytest.raises(UnknownNameError, match="no scenario is called 'pear'; did you mean pair?"):
        load_sample("pear")


def test_a_scenario_that_returns_something_else_is_an_error():
    @scenario(data=DataKind.TABULAR)
    def wrong():
        return np.zeros(3)

    with pytest.raises(SpecError, match="the scenario 'wrong' must return a Sample, got array"):
        assert as_scenario(wrong).sample


@pytest.mark.parametrize(
    "name",
    ["center", "middle", "stranger/center", "stranger/middle", "cent*", "*ranger/c*", "mid*"],
)
def test_a_detector_is_found_by_every_name_that_it_has(stranger, name):
    assert [spec.name for spec in find_specs(name)] == ["center"]


def test_a_data_set_and_a_metric_are_found_too(installed):
    installed()
    assert isinstance(load_subject("toy-blobs"), DatasetSubject)
    assert isinstance(load_subject("roc_auc"), MetricSubject)
    assert isinstance(load_subject("random"), DetectorSubject)


@pytest.mark.parametrize("name", ["stranger", "Stranger", "strang?r"])
def test_a_distribution_stands_for_all_that_it_registers(stranger, name):
    assert {spec.name for spec in find_specs(name)} == {
        "center",
        "even",
        "needy",
        "seven",
        "of_nodes",
    }


def test_a_distribution_is_found_as_pip_spells_it(installed):
    installed()
    assert find_specs("AD_Core") == find_specs("ad-core")
    kinds = {type(spec).__name__ for spec in find_specs("ad-core")}
    assert kinds == {"DetectorSpec", "DatasetSpec", "MetricSpec"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "centre",
            "no detector, data set, metric or distribution is called 'centre'; did you mean c",
        ),
        ("strangr", "did you mean stranger"),
        ("x*", r"is called 'x\*'; see: ad list-plugins, ad list-detectors"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(stranger, name, message):
    with pytest.raises(UnknownNameError, match=message):
        find_specs(name)


def test_a_distribution_with_nothing_to_check_is_an_error(installed):
    installed()
    with pytest.raises(
        PluginError, match="ad-contracts registers no detector, no data set and no m"
    ):
        find_specs("ad-contracts")


def test_a_distribution_whose_plugin_is_broken_is_an_error(site, installed):
    site.add("sick", "raise RuntimeError('no luck')")
    installed()
    with pytest.raises(
        PluginError, match="the plugin 'sick' of sick is broken: RuntimeError: no l"
    ):
        find_specs("sick")


def test_a_name_that_two_plugins_use_is_refused_and_the_full_names_reach_each(site, installed):
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
    with pytest.raises(AmbiguousNameError, match="use a/twin or b/twin"):
        find_specs("twin")
    first, second = (find_specs(f"{letter}/twin")[0] for letter in "ab")
    assert (first.summary, second.summary) == ("first", "second")
    assert [name_of(first), reference_to(second)] == ["a/twin", "b/twin"]
    assert find_specs("twi*") == [first, second]


def test_a_detector_and_a_data_set_may_share_a_name(site, installed):
    site.add_healthy()
    installed()
    assert [type(spec).__name__ for spec in find_specs("center")] == ["DetectorSpec", "DatasetSpec"]
    spec = get_registry().detectors.get("center").spec
    assert name_of(spec) == "center"
    assert reference_to(spec) == "middle" or reference_to(spec) is None
    message = "'center' stands for detector 'center', data set 'center'; name one, or pass its spec"
    with pytest.raises(SpecError, match=message):
        load_subject("center")
    assert load_subject(spec).spec is spec


def test_a_class_that_no_plugin_registers_gets_a_spec_from_what_it_says(site, installed):
    site.add("classes", "", classes=CLASSES)
    installed()

    def spec(name):
        (found,) = find_specs(f"classes:{name}")
        return found

    plain = spec("KNNDistance")
    assert (plain.name, plain.summary) == ("knn_distance", "Distance to the nearest rows.")
    assert plain.data == {DataKind.TABULAR}
    assert Capability.DETERMINISTIC in plain.capabilities
    assert Capability.SEEDED in spec("Seeded").capabilities
    assert Capability.DETERMINISTIC not in spec("Seeded").capabilities
    assert spec("Steps").data == {DataKind.TIMESERIES}
    assert spec("Steps").summary == "Steps"
    assert spec("Taught").learning is Learning.SUPERVISED
    assert {Capability.SUPERVISED, Capability.MISSING_VALUES} <= spec("Taught").capabilities
    assert load_subject("classes:Seeded").make().random_state == 0


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ("classes:Missing", TargetError, "module 'classes' has no attribute 'Missing'"),
        ("nowhere:Thing", TargetError, "cannot import 'nowhere'"),
        ("classes:Nothing", SpecError, "classes:Nothing is not a subclass of ad_core.BaseDetector"),
        ("classes:np", SpecError, "classes:np is not a subclass of ad_core.BaseDetector"),
        ("classes:Adapted", SpecError, "is an adapter; check the detectors whose specs name it"),
    ],
)
def test_what_is_no_class_of_a_detector_is_refused(site, installed, target, error, message):
    site.add("classes", "", classes=CLASSES)
    installed()
    with pytest.raises(error, match=message):
        find_specs(target)


def test_a_subject_fits_once_for_all_that_ask_and_anew_for_those_who_change_it(stranger):
    subject, sample = load_subject("center"), load_sample("pair")
    assert load_subject("middle") is subject
    assert subject.fitted(sample) is subject.fitted(sample)
    assert subject.fit(sample) is not subject.fitted(sample)
    assert subject.entry.full_name == "stranger/center"
    unregistered = DetectorSpec(
        name="other", target="stranger_code:Center", summary="x", family="rule"
    )
    assert load_subject(unregistered).entry is None


def test_samples_of_frames_are_left_alone():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1.0]})
    sample = Sample(X_train=frame, y_train=np.zeros(1, int), X_test=frame, y_test=np.zeros(1, int))
    assert sample.X_train is frame
