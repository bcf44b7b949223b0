"""The pytest face, as a plugin's author meets it: in a pytest of its own."""

import re

import pytest

NAMES = """
from own import mine

from ad_contracts.testing import contract_tests

test_center = contract_tests("center", only=["strange"])
test_even = contract_tests(["even", "seven"], only=["name_is_odd"])
test_needy = contract_tests("needy", only=["strange"])
test_own = contract_tests("center", scenarios=[mine], only=["rows_are_few"])
"""

OWN = """
from ad_contracts import Sample, scenario

@scenario(data="tabular")
def mine():
    '''One of my own.'''
    return Sample(X_train=[[0.0]], y_train=[0], X_test=[[0.0]], y_test=[0])
"""


@pytest.fixture
def tested(stranger, pytester, monkeypatch):
    """Run test modules with some options in a process of its own."""

    def run(*options, **modules):
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("PYTHONPATH", str(stranger.path))
        pytester.makepyfile(**modules)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", *options)

    return run


def test_two_lines_give_a_test_a_case(tested):
    result = tested("-v", "-rxs", test_contract=NAMES, own=OWN)
    assert result.ret == 1
    lines = {re.sub(r"\s+\[ *\d+%\]$", "", line.partition("::")[2]) for line in result.outlines}
    assert lines >= {
        "test_center[center-name_is_odd] FAILED",
        "test_center[center-rows_are_few-crowd] XFAIL (sees too many (expected fewer than 10 rows, got 20))",
        "test_center[center-rows_are_few-pair] PASSED",
        "test_center[center-device_is_here] SKIPPED (no such device)",
        "test_even[even-name_is_odd] XFAIL (four letters are enough (expected an odd number of letters, got 4))",
        "test_even[seven-name_is_odd] FAILED",
        "test_needy[needy-name_is_odd] SKIPPED (needs nowhere_at_all: pip install 'nowhere-at-all')",
        "test_own[center-rows_are_few-mine] PASSED",
    }
    text = "\n".join(result.outlines)
    assert (
        "\nseven: name_is_odd: it passes; drop the deviation 'name_is_odd' from the spec\n" in text
    )
    assert (
        "\ncenter: name_is_odd: expected an odd number of letters, got 6\n"
        "\n"
        "To see it again:\n"
        "\n"
        "from ad_contracts import load_subject\n"
        "from stranger_checks import expect\n"
        "\n"
        "subject = load_subject('center')\n"
    ) in text
    assert "Traceback" not in text
    assert "def test_contract" not in text


def test_strict_options_make_failures_of_skips_and_expected_failures(tested, stranger):
    plugin = stranger.path / "stranger_plugin.py"
    hidden = 'deviations=(Deviation(check="device_is_here", reason="hides it"),), modules='
    plugin.write_text(plugin.read_text().replace("modules=", hidden))
    module = """
    from ad_contracts.testing import contract_tests

    test_absent = contract_tests(["center", "needy"], only=["device_is_here"])
    test_even = contract_tests("even", only=["name_is_odd"])
    """
    result = tested("--require-backends", "--runxfail", test_contract=module)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "center: device_is_here: no such device",
            "needy: device_is_here: needs nowhere_at_all: pip install 'nowhere-at-all'",
            "even: name_is_odd: four letters are enough (expected an odd number of letters, got 4)",
        ]
    )


NOTHING = {
    '"strangr"': "no detector, data set, metric or distribution is called 'strangr'; did you mean",
    '"ad-contracts"': "ad-contracts registers no detector, no data set and no metric to check",
    '"sick"': "the plugin 'sick' of sick is broken: RuntimeError: no luck",
    '"center", only=["name_is_od"]': "no check is called 'name_is_od'; did you mean name_is_odd",
    '"center", only=["timeseries"]': "no check applies to 'center'",
    "[]": "no check applies to []",
}


def test_nothing_to_test_is_an_error_of_one_line(tested, site):
    site.add("sick", "raise RuntimeError('no luck')")
    module = "from ad_contracts.testing import contract_tests\ntest_contract = contract_tests({})"
    modules = {f"test_{place}": module.format(one) for place, one in enumerate(NOTHING)}
    result = tested(**modules)
    result.assert_outcomes(errors=len(NOTHING))
    text = "\n".join(result.outlines)
    for message in NOTHING.values():
        assert f"\n{message}" in text
    assert "Traceback" not in text
    assert "_find.py" not in text


def test_the_option_is_in_pytests_help(pytester):
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["ad-contracts:", "*--require-backends*"])
