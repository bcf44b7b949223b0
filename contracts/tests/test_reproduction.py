"""The lines that show a failure again: complete, short, and they fail alike."""

import pytest

from ad_contracts import Case, Check, Sample, cases, run, scenario
from ad_contracts.expect import ContractViolation
from ad_core.spec import (
    DatasetSpec,
    DetectorSpec,
    Deviation,
    MetricExample,
    MetricSpec,
    RemoteFile,
)


def lines_of(case):
    outcome = run(case)
    assert outcome.reproduction, outcome
    return outcome.reproduction


def shows(lines, message):
    with pytest.raises(ContractViolation, match=message):
        exec(compile(lines, "lines", "exec"), {})
    return True


def test_the_body_of_the_check_stands_below_what_it_needs(stranger):
    found = {one.scenario.name: one for one in cases("center", only=["rows_are_few"])}
    lines = lines_of(found["one_column"])
    assert lines == (
        "import numpy as np\n"
        "from ad_contracts import load_sample, load_subject\n"
        "from stranger_checks import FEW, expect\n"
        "\n"
        "subject = load_subject('center')\n"
        "sample = load_sample('one_column')\n"
        "n = len(np.asarray(sample.X_train))\n"
        'expect(n < FEW, f"fewer than {FEW} rows", n)\n'
    )
    assert shows(lines, "expected fewer than 10 rows, got")


def test_comments_are_kept_and_no_sample_is_loaded_without_need(stranger):
    spec = DetectorSpec(
        name="four",
        target="stranger_code:Center",
        summary="It's four",
        family="rule",
        data=("text",),
    )
    (case,) = cases([spec], only=["name_is_odd"])
    lines = lines_of(case)
    assert lines == (
        "from ad_contracts import load_subject\n"
        "from ad_core.spec import DetectorSpec\n"
        "from stranger_checks import expect\n"
        "\n"
        "subject = load_subject(DetectorSpec(name='four', target='stranger_code:Center', "
        "summary=\"It's four\", family='rule', data=('text',), learning='unsupervised', "
        "hardware=('cpu',)))\n"
        "# Even numbers are for others.\n"
        "n = len(subject.name)\n"
        'expect(n % 2, "an odd number of letters", n)\n'
    )
    assert shows(lines, "expected an odd number of letters, got 4")


@pytest.mark.parametrize(
    "spec",
    [
        DetectorSpec(
            name="four",
            target="stranger_code:Center",
            summary="x",
            family="rule",
            fixed={"a": [1.5, None]},
            capabilities=("novelty", "seeded"),
            deviations=(Deviation(check="x", reason="y"),),
        ),
        DatasetSpec(
            name="mine/four1",
            target="x:y",
            summary="x",
            construction="x",
            citation="x",
            licence="x",
            params={"n": 3},
            files=(RemoteFile(path="a", url="https://a.b/c", sha256="0" * 64, size=3),),
        ),
        MetricSpec(
            name="four",
            target="x:y",
            summary="x",
            higher_is_better=False,
            examples=(MetricExample(y_true=(0, 1), values=(0, 1), expected=1.0, source="a sum"),),
        ),
    ],
    ids=lambda spec: type(spec).__name__,
)
def test_a_spec_that_no_plugin_registers_is_made_again(stranger, spec):
    def asks(subject):
        """Asks."""
        raise AssertionError(subject.spec)

    lines = lines_of(Case(spec=spec, check=Check(name="asks", function=asks)))
    with pytest.raises(AssertionError) as caught:
        exec(compile(lines, "lines", "exec"), {})
    made = caught.value.args[0]
    assert type(made) is type(spec)
    for name in ("name", "target", "fixed", "capabilities", "files", "examples", "params"):
        assert getattr(made, name, None) == getattr(spec, name, None)


def test_a_class_is_named_by_its_import_string(stranger):
    case = cases("stranger_code:Center", only=["device_is_here", "name_is_odd"])[0]
    failing = Check(name="asks", function=asks_nothing)
    assert "load_subject('stranger_code:Center')" in lines_of(Case(spec=case.spec, check=failing))


def asks_nothing(subject):
    """Asks."""
    raise ValueError(subject.name)


def asks_and_returns(subject):
    """Asks."""
    if subject.name:
        raise ValueError(subject.name)
    return


def test_a_body_that_cannot_stand_by_itself_is_called(stranger):
    (spec,) = {case.spec for case in cases("center")}
    lines = lines_of(Case(spec=spec, check=Check(name="asks", function=asks_and_returns)))
    assert lines == (
        "from ad_contracts import load_subject\n"
        f"from {__name__} import asks_and_returns\n"
        "\n"
        "subject = load_subject('center')\n"
        "asks_and_returns(subject)\n"
    )


def test_a_check_without_a_source_is_called(stranger):
    space = {"__name__": "elsewhere"}
    exec("def asks(subject):\n    '''Asks.'''\n    raise ValueError", space)
    (spec,) = {case.spec for case in cases("center")}
    lines = lines_of(Case(spec=spec, check=Check(name="asks", function=space["asks"])))
    assert lines.endswith("asks(subject)\n")
    assert "from elsewhere import asks\n" in lines


@scenario(data="tabular")
def mine():
    """One of my own."""
    return Sample(X_train=[[0.0]] * 99, y_train=[0] * 99, X_test=[[0.0]], y_test=[0])


def test_a_scenario_of_ones_own_is_imported(stranger):
    (case,) = cases("center", scenarios=[mine], only=["rows_are_few"])
    lines = lines_of(case)
    assert f"from {__name__} import mine\n" in lines
    assert "\nsample = mine()\n" in lines
    assert "load_sample" not in lines


def test_the_subject_of_a_clashing_name_is_named_in_full(site, installed):
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
    (case,) = cases("b/twin", only=["target_is_a_detector"])
    assert "load_subject('b/twin')" in lines_of(case)
