"""ADBench's sets: complete, as stated, read from the mirror, refused when damaged."""

import os
from pathlib import Path

import numpy as np
import pytest

from ad_core import load_dataset
from ad_core.data import load_spec
from ad_core.errors import DatasetError
from ad_core.registry import get_registry
from ad_core.spec import DatasetSpec, RemoteFile
from ad_datasets_tabular._classical import CLASSICAL
from ad_datasets_tabular.plugin import ad_datasets

SPECS = {spec.name: spec for spec in ad_datasets()}
MIRROR = os.environ.get("AD_DATA_MIRROR", "")
needs_mirror = pytest.mark.skipif(not MIRROR, reason="AD_DATA_MIRROR names no folder")


def at_hand():
    return [
        spec for spec in SPECS.values() if MIRROR and (Path(MIRROR) / spec.files[0].path).is_file()
    ]


def test_every_set_of_the_benchmark_is_there():
    groups = [name.rpartition("/")[0] for name in SPECS]
    assert {group: groups.count(group) for group in sorted(set(groups))} == {
        "adbench": 47,
        "adbench-cv/resnet18": 61,
        "adbench-cv/vit": 61,
        "adbench-nlp/bert": 13,
        "adbench-nlp/roberta": 13,
    }
    assert {name.removeprefix("adbench/") for name in SPECS if name.startswith("adbench/")} == set(
        CLASSICAL
    )


def test_every_classical_set_states_its_sizes_and_every_file_a_hash():
    for name, spec in SPECS.items():
        (file,) = spec.files
        assert file.git_blob is not None
        if name.startswith("adbench/"):
            assert spec.n_anomalies is not None
            assert 0 < spec.n_anomalies < spec.n_samples / 2
    assert sum(spec.files[0].sha256 is not None for spec in SPECS.values()) >= 43


def test_an_embedding_is_as_long_as_its_network_makes_it_and_most_sizes_are_known():
    lengths = {name.rpartition("/")[0]: spec.n_features for name, spec in SPECS.items()}
    assert {group: n for group, n in lengths.items() if group != "adbench"} == {
        "adbench-cv/resnet18": 512,
        "adbench-cv/vit": 1000,
        "adbench-nlp/bert": 768,
        "adbench-nlp/roberta": 768,
    }
    unknown = {name.rpartition("/")[2] for name, spec in SPECS.items() if spec.n_samples is None}
    assert {name.partition("_")[0] for name in unknown} == {"SVHN", "20news"}
    for spec in SPECS.values():
        assert (spec.n_samples is None) == (spec.n_anomalies is None)


def test_an_embedding_says_what_is_normal_and_what_is_not():
    fog = SPECS["adbench-cv/vit/MNIST-C_fog"].construction
    assert "digits corrupted by fog" in fog
    assert "class 3 is normal" in SPECS["adbench-cv/resnet18/CIFAR10_3"].construction
    assert "(metal nut)" in SPECS["adbench-cv/vit/MVTec-AD_metal_nut"].construction
    assert SPECS["adbench-cv/vit/MVTec-AD_pill"].licence.startswith("CC-BY-NC-SA-4.0")
    assert not any("{" in spec.construction for spec in SPECS.values())


def test_the_names_of_odds_lead_to_the_same_sets():
    datasets = get_registry().datasets
    assert datasets.get("odds/lympho").name == "adbench/Lymphography"
    assert datasets.get("odds/satimage-2").name == "adbench/satimage-2"
    assert "odds/glass" not in datasets


@needs_mirror
def test_a_set_is_what_its_spec_says():
    specs = at_hand()
    assert specs
    for spec in specs:
        data = load_spec(spec, "all")
        assert data.X.shape == (spec.n_samples, spec.n_features)
        assert data.y.sum() == spec.n_anomalies
        assert data.X.dtype == np.float64
        assert np.isfinite(data.X).all()


@needs_mirror
def test_cardio_is_split_without_a_leak():
    train, test = load_dataset("adbench/cardio"), load_dataset("odds/cardio", "test")
    assert len(train.X) + len(test.X) == 1831
    assert train.anomaly_ratio == pytest.approx(test.anomaly_ratio, abs=0.01)


def spec_of(content: bytes, folder: Path) -> DatasetSpec:
    import hashlib

    (folder / "adbench").mkdir()
    (folder / "adbench" / "x.npz").write_bytes(content)
    file = RemoteFile(
        path="adbench/x.npz",
        url="https://example.invalid/x.npz",
        git_blob=hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest(),
    )
    return DatasetSpec(
        name="adbench/x",
        target="ad_datasets_tabular.loaders:load_adbench",
        summary="x",
        construction="x",
        citation="x",
        licence="x",
        files=(file,),
    )


def test_a_file_without_a_sha256_is_verified_by_gits_hash(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    X = np.arange(40.0).reshape(20, 2)
    np.savez(tmp_path / "x.npz", X=X, y=np.arange(20) % 4 == 0)
    spec = spec_of((tmp_path / "x.npz").read_bytes(), tmp_path)
    np.testing.assert_array_equal(load_spec(spec, "all").X, X)
    with (tmp_path / "adbench" / "x.npz").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DatasetError, match=r"x\.npz: expected git blob [0-9a-f]{40}, got"):
        load_spec(spec, "all")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_file_that_is_no_archive_is_one_line(content, tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    with pytest.raises(DatasetError, match=r"x\.npz is not a readable npz file") as caught:
        load_spec(spec_of(content, tmp_path), "all")
    assert "\n" not in str(caught.value)


def test_an_archive_without_labels_says_what_it_holds(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    np.savez(tmp_path / "x.npz", X=np.zeros((3, 2)), labels=np.zeros(3))
    spec = spec_of((tmp_path / "x.npz").read_bytes(), tmp_path)
    with pytest.raises(DatasetError, match=r"x\.npz has no array 'y' \(it holds X, labels\)"):
        load_spec(spec, "all")
