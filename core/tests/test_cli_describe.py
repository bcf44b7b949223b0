"""``ad describe``: arguments from the real class, and names that are not one thing."""

import json
import re

import pytest


@pytest.fixture(autouse=True)
def _healthy(site):
    site.add_healthy()


def test_a_detector_is_described_with_arguments_read_from_its_class(ad):
    out = ad("describe", "middle").out
    assert out.startswith("healthy/center: Distance from the center\n")
    power = next(line for line in out.splitlines() if line.startswith("power"))
    assert power.split() == [
        "power",
        "an",
        "integer",
        ">=",
        "1",
        "2",
        "Exponent",
        "of",
        "the",
        "norm.",
    ]
    assert "'mean' or 'median'" in out
    assert "a number > 0 and <= 0.5" in out
    assert "Two fits on the same data give the same scores" in out
    assert "Nobody 1900, doi:10.0/0" in out
    assert "one_row: needs two" in out


def test_json_holds_the_arguments_as_a_json_schema(ad):
    data = json.loads(ad("describe", "center", "--kind", "detector", "--json").out)
    assert data["kind"] == "detector"
    assert data["parameters"]["properties"]["power"] == {
        "type": "integer",
        "minimum": 1,
        "default": 2,
        "description": "Exponent of the norm.",
    }
    assert data["parameters_problem"] is None
    assert data["capabilities"]["novelty"] == "Scores rows that it was not fitted on."


def test_without_its_library_a_detector_is_described_but_for_the_arguments(ad):
    result = ad("describe", "needy")
    assert result.status == 0
    assert "no, needs nowhere_at_all: pip install 'nowhere-at-all[fast]'" in result.out
    assert "can be read once it is installed: pip install 'nowhere-at-all[fast]'" in result.out
    data = json.loads(ad("describe", "needy", "--json").out)
    assert data["parameters"] is None
    assert data["parameters_problem"].startswith("needs nowhere_at_all: pip install")


def test_a_target_that_cannot_be_imported_is_said_and_the_rest_shown(ad, site):
    site.add(
        "hollow",
        """
        from ad_core.hookspecs import hookimpl
        from ad_core.spec import DetectorSpec

        @hookimpl
        def ad_detectors():
            return [DetectorSpec(name="hollow", target="hollow_plugin:Gone", summary="s", family="rule")]
        """,
    )
    result = ad("describe", "hollow")
    assert result.status == 0
    assert "cannot be read: module 'hollow_plugin' has no attribute 'Gone'" in result.out
    data = json.loads(ad("describe", "hollow", "--json").out)
    assert data["parameters_problem"] == "module 'hollow_plugin' has no attribute 'Gone'"


def test_a_data_set_is_described_with_construction_and_licence(ad):
    out = ad("describe", "wine").out
    assert "129 rows, 13 columns, 10 anomalies" in out
    assert "licence" in out
    assert "cultivar" in out
    data = json.loads(ad("describe", "wine", "--json").out)
    assert (data["kind"], data["n_anomalies"]) == ("dataset", 10)


def test_a_metric_is_described(ad):
    assert "Area under the ROC curve" in ad("describe", "auroc").out
    data = json.loads(ad("describe", "roc_auc", "--json").out)
    assert (data["kind"], data["bounds"]) == ("metric", [0.0, 1.0])
    assert re.search(r"range +0 to 1\n", ad("describe", "roc_auc").out)


def test_a_name_of_a_detector_and_of_a_data_set_must_be_told_apart(ad):
    result = ad("describe", "center")
    assert result.status == 1
    assert result.err == (
        "error: 'center' is the name of a detector and of a dataset; "
        "say which: --kind detector or --kind dataset\n"
    )
    assert (
        "A data set by the name of a detector" in ad("describe", "center", "--kind", "dataset").out
    )


def test_an_unknown_name_is_answered_from_every_kind(ad):
    assert "did you mean wine" in ad("describe", "winee").err
    assert "did you mean center" in ad("describe", "centr").err
    assert "did you mean roc_auc" in ad("describe", "roc_aux").err
    assert "see: ad list-detectors, ad list-datasets, ad list-metrics" in ad("describe", "zz").err


def test_every_registered_metric_and_data_set_can_be_described(ad):
    for kind in ("metric", "dataset"):
        for entry in json.loads(ad(f"list-{kind}s", "--json").out):
            assert ad("describe", entry["full_name"], "--kind", kind).status == 0
