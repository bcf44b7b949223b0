"""Import strings, availability and `create`."""

import gc

import pytest

from ad_core import create
from ad_core.errors import (
    BackendMissingError,
    ParameterError,
    SpecError,
    TargetError,
    UnknownNameError,
)
from ad_core.load import availability, build, import_target, importing_much
from ad_core.spec import DetectorSpec, Deviation, MetricSpec, RemoteFile


def spec_of(**changes):
    fields = {
        "name": "it",
        "target": "ad_core.baselines:RandomScores",
        "summary": "s",
        "family": "rule",
    }
    return DetectorSpec(**{**fields, **changes})


def test_create_builds_by_name():
    assert repr(create("random", random_state=3)) == "random(random_state=3)"


def test_an_unknown_name_answers_with_the_nearest_one():
    with pytest.raises(UnknownNameError) as caught:
        create("randm")
    assert (
        str(caught.value)
        == "no detector is called 'randm'; did you mean random? see: ad list-detectors"
    )


def test_an_unknown_argument_answers_with_the_nearest_one():
    with pytest.raises(
        ParameterError, match="random has no parameter 'random_sate'; did you mean random_state"
    ):
        create("random", random_sate=3)


def test_a_missing_backend_names_the_command_that_brings_it():
    spec = spec_of(modules=("no_such_library",), extra="ad-deep[torch]")
    assert not availability(spec)
    with pytest.raises(BackendMissingError) as caught:
        build(spec, {})
    assert str(caught.value) == "it needs no_such_library: pip install 'ad-deep[torch]'"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "no_such_module:Thing",
            "cannot import 'no_such_module' (for 'no_such_module:Thing'): ModuleNotFoundError",
        ),
        ("ad_core.baselines:Nope", "module 'ad_core.baselines' has no attribute 'Nope'"),
    ],
)
def test_an_import_string_that_leads_nowhere_says_where_it_breaks(target, message):
    with pytest.raises(TargetError) as caught:
        import_target(target)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Bad-Name"}, "name must be snake_case"),
        ({"target": "nocolon"}, "target must be an import string 'module:attribute'"),
        ({"summary": "two\nlines"}, "summary must be one non-empty line of text"),
        ({"family": "magic"}, "'magic' is not a Family; known are proximity"),
        ({"capabilities": ("flies",)}, "'flies' is not a Capability"),
        ({"aliases": "lone"}, "got the lone string 'lone'"),
        ({"modules": ("a.b",), "extra": "a"}, "a top-level module name"),
        ({"modules": ("a",)}, "extra must say what to pip install"),
        ({"fixed": {"a": 1}, "defaults": {"a": 2}}, "are both fixed and defaults"),
        ({"capabilities": ("supervised",)}, "contradict each other"),
        ({"deviations": ("x",)}, "deviations must be made of Deviation"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(SpecError) as caught:
        spec_of(**changes)
    assert message in str(caught.value)


@pytest.mark.parametrize("path", ["../secret", "a/../../b", "a/./b", "/etc/passwd", "a//b", ""])
def test_a_file_of_a_data_set_cannot_lead_out_of_its_folder(path):
    with pytest.raises(SpecError, match="path must be a relative path"):
        RemoteFile(path=path, url="https://x.org/f", sha256="0" * 64, size=1)


def test_specs_survive_a_pickle():
    import pickle

    spec = spec_of(fixed={"a": 1}, deviations=(Deviation(check="c", reason="because"),))
    assert pickle.loads(pickle.dumps(spec)) == spec
    metric = MetricSpec(name="m", target="a:b", summary="s", params={"n": 1})
    assert pickle.loads(pickle.dumps(metric)) == metric


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_rests_while_much_is_imported(collects):
    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with importing_much():
            assert not gc.isenabled()
        with pytest.raises(TargetError):
            import_target("no_such_module:it")
        assert gc.isenabled() is collects, "as it was, though the import failed"
    finally:
        (gc.enable if before else gc.disable)()
