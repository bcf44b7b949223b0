"""``ad describe``: arguments from the real class, and names that are not one thing."""

import hashlib
import json
import re

import pytest

from ad_core.cli._histogram import draw, histogram


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


# -- data sets: where the files are, and how the sizes sit in the group --------------------------

SIZED = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec, RemoteFile

FILE = RemoteFile(
    path="sized/set.npz", url="http://127.0.0.1:1/set.npz", sha256={sha256!r}, size={size}
)
SIZES = {{"a": (10, 1), "b": (100, 4), "c": (1000, 100), "d": (100_000, 0), "unknown": (None, None)}}


@hookimpl
def ad_datasets():
    return [
        DatasetSpec(
            name=f"sized/{{name}}",
            target="sized_plugin:load",
            summary="s",
            construction="c",
            citation="c 2000",
            licence="MIT",
            n_samples=n,
            n_features=7,
            n_anomalies=anomalies,
            aliases=("also/b",) if name == "b" else (),
            files=[FILE, RemoteFile(path="sized/more", url=FILE.url, git_blob="0" * 40)][: 1 + (name == "c")],
        )
        for name, (n, anomalies) in SIZES.items()
    ]
"""
CONTENT = b"content of the file"


@pytest.fixture
def sized(site, cache, monkeypatch):
    digest = hashlib.sha256(CONTENT).hexdigest()
    site.add("sized", SIZED.format(sha256=digest, size=len(CONTENT)))
    return cache / "sized" / "set.npz"


def line_of(result, label):
    return next(line for line in result.out.splitlines() if line.lstrip().startswith(label))


def test_a_data_set_is_described_with_its_place_among_its_group(ad, sized):
    result = ad("describe", "sized/b")
    assert "100 rows, 7 columns, 4 anomalies (4 %)" in result.out
    assert line_of(result, "aliases").endswith("also/b")
    assert "Among 4 of the 5 sets sized/* (log scale; ^ marks this one)" in result.out
    lines = result.out.splitlines()
    rows = lines.index(next(line for line in lines if line.startswith("  rows")))
    first, last = lines[rows].index("10 ") + 3, lines[rows].index(" 100000")
    assert lines[rows][first:last] == "█    █    █        █"
    assert lines[rows + 1].index("^") == first + 5
    assert lines[rows + 1].endswith("^ 100")
    assert lines[-2].split()[:3] == ["anomalies", "4", "%"]
    assert not any(line.startswith("  columns") for line in lines)  # the same in all of them


def test_json_of_a_data_set_has_the_same_facts(ad, sized):
    data = json.loads(ad("describe", "sized/b", "--json").out)
    assert data["anomaly_ratio"] == 0.04
    assert (data["group"]["name"], data["group"]["n_sets"]) == ("sized/*", 5)
    assert {*data["group"]["histograms"]} == {"n_samples", "anomaly_ratio"}
    rows = data["group"]["histograms"]["n_samples"]
    assert (rows["edges"][0], rows["edges"][-1], len(rows["edges"])) == (10, 100_000, 21)
    assert [place for place, count in enumerate(rows["counts"]) if count] == [0, 5, 10, 19]
    assert rows["bin"] == 5


def test_a_set_of_unknown_size_has_no_histogram(ad, sized):
    result = ad("describe", "sized/unknown")
    assert "Among" not in result.out
    assert line_of(result, "size ").endswith(" 7 columns")
    data = json.loads(ad("describe", "sized/unknown", "--json").out)
    assert (data["anomaly_ratio"], data["group"]["histograms"]) == (None, {})


def test_a_description_says_where_the_file_is(ad, sized, tmp_path, monkeypatch):
    def at_hand(name="sized/a"):
        return line_of(ad("describe", name), "at hand").removeprefix("at hand").strip()

    assert at_hand() == "not here, fetch with: ad datasets fetch sized/a"
    sized.parent.mkdir(parents=True)
    sized.write_bytes(b"X" + CONTENT[1:])
    assert at_hand().startswith(f"cache: {sized} is damaged: expected sha256 ")
    assert at_hand().endswith("; replace it with: ad datasets fetch sized/a")
    sized.write_bytes(CONTENT)
    assert at_hand() == f"cache: {sized}"
    assert at_hand("sized/c") == (
        f"cache: {sized}; 1 not here, fetch with: ad datasets fetch sized/c"
    )
    mirrored = tmp_path / "mirror" / "sized" / "set.npz"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(CONTENT)
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path / "mirror"))
    assert at_hand() == f"mirror: {mirrored}"
    files = json.loads(ad("describe", "sized/c", "--json").out)["files"]
    assert [file["status"] for file in files] == ["ok", "missing"]
    assert [copy["place"] for copy in files[0]["copies"]] == ["mirror", "cache"]
    assert files[1]["remedy"] == "fetch it with: ad datasets fetch sized/c"
    monkeypatch.setenv("AD_DATA_MIRROR", str(mirrored))
    assert at_hand().endswith("which is no folder; correct or unset it")


def test_a_histogram_holds_every_positive_value():
    one = histogram([1, 10, 10, None, 0, 10_000], 10)
    assert sum(one.counts) == 4
    assert one.counts[one.bin] == 2
    assert (one.edges[0], one.edges[-1]) == (1, 10_000)
    blocks, carets = draw(one, "10")
    assert blocks[one.bin] == "█"
    assert blocks[0] == "▄"
    assert carets.index("^") == one.bin
    assert histogram([5, 5], 5) is None
    assert histogram([5, 6, None], None) is None
    assert histogram([0, 6, 7], 0) is None
    highest = draw(histogram([1, 10_000], 10_000), "10000")
    assert highest[1] == f"{'10000 ^':>20}"
