"""The run record, plain data from it and back, and its schema."""

import json
from pathlib import Path

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ad_core.errors import ResultsError
from ad_core.results import (
    SCHEMA_ID,
    ErrorInfo,
    Isolation,
    Kind,
    Limits,
    Plugin,
    Record,
    Status,
    from_dict,
    load_schema,
    to_dict,
    validate,
)

MINIMAL = "$schema dataset model n_samples seed hardware roc_auc pr_auc f1 threshold fit_time score_time params"
OK = Record(
    key="a" * 64,
    status=Status.OK,
    protocol="holdout/2",
    dataset="wine",
    dataset_sha256="b" * 64,
    model="knn",
    detector="classical/knn",
    plugin=Plugin(name="classical", distribution="ad-classical", version="0.1.0"),
    params={"n_neighbors": 5},
    seed=0,
    data_seed=1,
    repetition=0,
    n_samples=10,
    metrics={"roc_auc": 0.5, "f1": None, "r_precision": 0.25},
    reasons={"f1": "the labels hold anomalies only"},
    threshold=1.5,
    threshold_provenance={"strategy": "quantile"},
    fit_time=0.1,
    score_time=0.2,
    time_per_1000=20.0,
    peak_memory=0,
    isolation=Isolation.PROCESS,
    limits=Limits(timeout=60.0, threads=2),
    exit_code=0,
    peak_rss=1000,
    started_at="2026-01-01T00:00:00.000000+00:00",
    finished_at="2026-01-01T00:00:01.000000+00:00",
    hardware="a machine",
    scores_sha256="c" * 64,
)
FAILED = evolve(
    OK,
    status=Status.ERROR,
    error=ErrorInfo(type="FitError", message="no", traceback="Traceback"),
    metrics={},
    reasons={},
    scores_sha256=None,
)


@pytest.mark.parametrize("record", [OK, FAILED], ids=["ok", "failed"])
def test_a_record_survives_json(record):
    values = json.loads(json.dumps(to_dict(record)))
    validate(values, "the record")
    assert from_dict(values) == record


def test_a_file_has_the_keys_of_the_minimal_schema():
    assert {*MINIMAL.split()} <= {*to_dict(OK)}
    assert to_dict(OK)["$schema"] == SCHEMA_ID == load_schema()["$id"]


def test_a_metric_never_asked_for_differs_from_an_undefined_one():
    values = to_dict(OK)
    assert values["pr_auc"] is None
    assert values["f1"] is None
    assert "pr_auc" not in from_dict(values).metrics
    assert from_dict(values).metrics["f1"] is None


def test_the_schema_of_a_record_knows_every_key_and_status():
    schema = load_schema()
    assert {*schema["properties"]} == {*to_dict(OK)}
    assert {one.name for one in fields(Record)} <= {*schema["properties"]}
    assert schema["properties"]["status"]["enum"] == list(Status)


@pytest.mark.parametrize("kind", Kind)
def test_published_schema_is_the_packaged_one(kind):
    published = Path(__file__).parents[2] / "results" / f"{kind}-schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == load_schema(kind)


@pytest.mark.parametrize("kind", Kind)
def test_schemas_are_draft_2020_12_and_describe_every_key(kind):
    schema = load_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(one.get("description") for one in schema["properties"].values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "fine"}, "status: 'fine' is not one of"),
        ({"seed": -1}, "seed: -1 is less than the minimum of 0"),
        ({"key": "x"}, "key: 'x' does not match"),
        ({"extra": 1}, "the whole: Additional properties are not allowed"),
        (
            {"error": {"type": "E", "message": "m", "traceback": ""}},
            "error: .* is not of type 'null'",
        ),
        ({"metrics": {"a": "b"}}, "metrics.a: 'b' is not of type 'number', 'null'"),
    ],
)
def test_what_breaks_the_schema_is_named(change, message):
    with pytest.raises(ResultsError, match=f"^r.json is not a valid run record: {message}"):
        validate({**to_dict(OK), **change}, "r.json")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.sampled_from(["ok", "a" * 64, "SIGKILL", "2026-01-01T00:00:00", 0, 1.0, 2.0, -0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from([OK, FAILED]), st.sampled_from([*to_dict(OK), "other"]), plain, st.booleans()
)
def test_it_accepts_what_the_schema_does(record, key, value, is_left_out):
    values = {**to_dict(record), key: value}
    if is_left_out:
        del values[key]
    try:
        validate(values, "r.json")
    except ResultsError:
        accepts = False
    else:
        accepts = True
    assert accepts == Draft202012Validator(load_schema()).is_valid(values)


@pytest.mark.parametrize("kind", Kind)
def test_schemas_say_nothing_that_the_compiled_check_passes_over(kind):
    known = {"type", "const", "enum", "properties", "required", "additionalProperties", "items"}
    known |= {"minItems", "minLength", "minimum", "maximum", "exclusiveMinimum", "pattern"}
    known |= {"allOf", "if", "then", "$ref", "$defs", "$schema", "$id", "title", "description"}
    known |= {"format"}  # jsonschema passes over it, too

    def words(schema):
        for word, value in schema.items():
            yield word
            if word in ("properties", "$defs"):
                for one in value.values():
                    yield from words(one)
            elif word == "allOf":
                for one in value:
                    yield from words(one)
            elif isinstance(value, dict):
                yield from words(value)

    assert {*words(load_schema(kind))} <= known
