"""Save and load: the same scores, no code run, and a clear word about anything else."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from ad_core import BaseDetector, create, load_detector
from ad_core.errors import NotFittedError, SavedDetectorError
from ad_core.load import build
from ad_core.spec import DetectorSpec

ROWS = np.random.default_rng(0).normal(size=(60, 3))


class Kernel(BaseDetector):
    """Density from a scikit-learn object, beside plain state of every sort.

    Parameters
    ----------
    bandwidth
        Width of the kernel.
    inner
        A detector inside, to be saved with it.
    """

    def __init__(self, bandwidth: float = 1.0, inner: BaseDetector | None = None) -> None:
        self.bandwidth = bandwidth
        self.inner = inner

    def _fit(self, X, y):
        from sklearn.neighbors import KernelDensity

        self.model_ = KernelDensity(bandwidth=self.bandwidth).fit(X)
        self.state_ = {"shape": X.shape, "names": ["a", None, 1.5], "flag": True}
        self.parts_ = [] if self.inner is None else [self.inner.clone().fit(X)]

    def _score(self, X):
        return -self.model_.score_samples(X) + sum(part.score_samples(X) for part in self.parts_)


class Packed(BaseDetector):
    """Keeps its weights in a format of its own.

    Parameters
    ----------
    inner
        Detectors inside, saved with it.
    """

    def __init__(self, inner: list | None = None) -> None:
        self.inner = inner

    def _fit(self, X, y):
        self.center_ = X.mean(axis=0)
        self.parts_ = {"all": [one.clone().fit(X[:40]) for one in self.inner or ()]}

    def _score(self, X):
        inner = sum(part.score_samples(X) for part in self.parts_["all"])
        return np.linalg.norm(X - self.center_, axis=1) + inner

    def _write_state(self):
        attributes, files = super()._write_state()
        if self.is_fitted:
            files["center.bin"] = attributes.pop("center_").tobytes()
        return attributes, files

    def _read_state(self, attributes, files):
        super()._read_state(attributes, files)
        if "center.bin" in files:
            self.center_ = np.frombuffer(files["center.bin"])


class Evil:
    ran = False

    def __reduce__(self):
        return setattr, (Evil, "ran", True)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "it.ad"
    Kernel(inner=Kernel(bandwidth=2.0)).fit(ROWS).save(path)
    return path


def rewrite(path, **changes):
    """Rewrite a saved detector with some of its members changed (None: left out)."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        member = name.replace("__", ".")
        members[member] = change(members[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            if data is not None:
                archive.writestr(name, data)


def with_manifest(**changes):
    return lambda data: json.dumps({**json.loads(data), **changes}).encode()


def test_a_saved_detector_scores_the_same_bit_for_bit(saved):
    detector = Kernel(inner=Kernel(bandwidth=2.0)).fit(ROWS)
    twin = Kernel.load(saved)
    np.testing.assert_array_equal(twin.score_samples(ROWS), detector.score_samples(ROWS))
    assert twin.decision_threshold == detector.decision_threshold
    assert twin.threshold_provenance == detector.threshold_provenance
    assert twin.state_ == detector.state_
    assert repr(twin) == repr(detector)


def test_column_names_survive(tmp_path):
    import polars as pl

    frame = pl.DataFrame(ROWS, schema=["a", "b", "c"])
    Kernel().fit(frame).save(tmp_path / "it")
    twin = load_detector(tmp_path / "it")
    assert twin.feature_names_in_.tolist() == ["a", "b", "c"]


def test_a_registered_detector_loads_in_a_fresh_process(tmp_path):
    path = tmp_path / "random.ad"
    create("random", random_state=5).fit(ROWS).save(path)
    code = (
        "import sys, numpy; from ad_core import load_detector;"
        "print(load_detector(sys.argv[1]).score_samples(numpy.zeros((3, 3))).tolist())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    ).stdout
    here = load_detector(path).score_samples(np.zeros((3, 3)))
    assert printed.strip() == str(here.tolist())


def test_a_detector_of_a_plugin_that_is_not_installed_names_it(tmp_path):
    path = tmp_path / "random.ad"
    create("random").fit(ROWS).save(path)

    def moved(data):
        manifest = json.loads(data)
        manifest["detector"]["name"] = "strange/thing"
        return json.dumps({**manifest, "distribution": "ad-strange"}).encode()

    rewrite(path, manifest__json=moved)
    with pytest.raises(SavedDetectorError) as caught:
        load_detector(path)
    assert (
        "random.ad holds strange/thing, which no installed plugin registers; install ad-strange"
        in str(caught.value)
    )


def test_the_manifest_says_what_is_inside(saved):
    with zipfile.ZipFile(saved) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["format"] == "ad-detector"
    assert manifest["format_version"] == 1
    assert manifest["params"]["bandwidth"] == 1.0
    assert manifest["layout"] == {"n_features": 3, "names": None}
    assert {"python", "ad-core", "numpy", "scikit-learn"} <= {*manifest["versions"]}
    assert {*manifest["files"]} == {"state.skops"}


def test_a_detector_may_add_files_of_its_own_format(tmp_path):
    path = tmp_path / "it.ad"
    inner = [Packed(inner=[Packed()]), Kernel(inner=Packed()), Packed()]
    detector = Packed(inner=inner).fit(ROWS)
    detector.save(path)
    twin = Packed.load(path)
    np.testing.assert_array_equal(twin.score_samples(ROWS), detector.score_samples(ROWS))
    with zipfile.ZipFile(path) as archive:
        stated = json.loads(archive.read("manifest.json"))["files"]
        assert {*stated} == {f"parts/{n}/center.bin" for n in range(5)} | {"state.skops"}
        assert archive.read("parts/0/center.bin") == detector.center_.tobytes()


def test_a_damaged_file_of_a_detectors_own_is_refused(tmp_path):
    path = tmp_path / "it.ad"
    Packed().fit(ROWS).save(path)
    rewrite(path, **{"parts/0/center.bin": lambda data: data + b"x"})
    with pytest.raises(SavedDetectorError, match="center.bin does not have the stated sha256"):
        load_detector(path)


def spec_of(kind, **fields):
    target = f"{kind.__module__}:{kind.__name__}"
    return DetectorSpec(name="mine", target=target, summary="Mine", family="rule", **fields)


def test_a_detector_that_no_plugin_registers_is_loaded_by_its_class(tmp_path):
    detector = build(spec_of(Packed), {}).fit(ROWS)
    detector.save(tmp_path / "it")
    twin = load_detector(tmp_path / "it")
    assert type(twin) is Packed
    np.testing.assert_array_equal(twin.score_samples(ROWS), detector.score_samples(ROWS))


def test_what_only_an_unregistered_spec_knows_cannot_be_saved(tmp_path):
    detector = build(spec_of(Kernel, fixed={"bandwidth": 2.0}), {}).fit(ROWS)
    with pytest.raises(SavedDetectorError, match="mine is not registered by an installed plugin"):
        detector.save(tmp_path / "it")


@pytest.mark.parametrize("limit", [np.inf, -np.inf])
def test_an_infinite_threshold_is_saved(tmp_path, limit):
    detector = Kernel().fit(ROWS)
    detector.decision_threshold = limit
    detector.save(tmp_path / "it")
    assert Kernel.load(tmp_path / "it").decision_threshold == limit


def test_an_argument_that_json_cannot_express_is_saved(tmp_path):
    Kernel(inner=Kernel()).fit(ROWS).save(tmp_path / "it")
    assert Kernel.load(tmp_path / "it").inner.bandwidth == 1.0


def test_saving_before_fit_is_an_error(tmp_path):
    with pytest.raises(
        NotFittedError, match=r"Kernel is not fitted yet; call fit\(X\) before save"
    ):
        Kernel().save(tmp_path / "it")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SavedDetectorError, match="cannot write .*nowhere.*No such file"):
        Kernel().fit(ROWS).save(tmp_path / "nowhere" / "it")


def test_a_full_disk_leaves_the_old_file_alone(saved, monkeypatch):
    before = saved.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        SavedDetectorError, match="No space left on device; nothing was left behind"
    ):
        Kernel().fit(ROWS).save(saved)
    assert saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]


def test_every_truncation_is_refused(saved):
    data = saved.read_bytes()
    for end in range(0, len(data) - 1, max(1, len(data) // 40)):
        saved.write_bytes(data[:end])
        with pytest.raises(SavedDetectorError, match="damaged|not a saved detector"):
            load_detector(saved)


def test_every_flipped_byte_is_refused_or_harmless(saved):
    data = bytearray(saved.read_bytes())
    expected = Kernel.load(saved).score_samples(ROWS)
    for position in range(0, len(data), max(1, len(data) // 60)):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        saved.write_bytes(damaged)
        try:
            scores = load_detector(saved).score_samples(ROWS)
        except SavedDetectorError:
            continue
        np.testing.assert_array_equal(scores, expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"manifest__json": with_manifest(format_version=99)},
            "has format version 99, this ad-core reads version 1",
        ),
        ({"manifest__json": with_manifest(format="zip")}, "is not a saved detector (no manifest)"),
        ({"manifest__json": with_manifest(detector={})}, "is not a saved detector (no manifest)"),
        ({"manifest__json": with_manifest(detector="x")}, "is not a saved detector (no manifest)"),
        ({"manifest__json": with_manifest(files=[])}, "is not a saved detector (no manifest)"),
        ({"manifest__json": with_manifest(versions=3)}, "is not a saved detector (no manifest)"),
        ({"manifest__json": lambda _: b"{"}, "is not a saved detector (no manifest)"),
        ({"manifest__json": lambda _: None}, "is not a saved detector (no manifest)"),
        ({"manifest__json": with_manifest(decision_threshold=0.0)}, "differ in decision_threshold"),
        ({"manifest__json": with_manifest(threshold_provenance={})}, "differ in threshold_prov"),
        ({"manifest__json": with_manifest(layout=None)}, "differ in layout"),
        ({"manifest__json": with_manifest(params={"bandwidth": 9.0})}, "differ in params"),
        ({"manifest__json": with_manifest(params=None)}, "differ in params"),
        (
            {"manifest__json": with_manifest(detector={"name": "random", "class": "a:B"})},
            "was tampered with: the manifest and the saved state differ in detector",
        ),
        ({"state__skops": lambda data: data + b"x"}, "state.skops does not have the stated sha256"),
        ({"state__skops": lambda _: None}, "is damaged: it holds []"),
    ],
)
def test_a_tampered_file_is_refused(saved, changes, message):
    rewrite(saved, **changes)
    with pytest.raises(SavedDetectorError) as caught:
        load_detector(saved)
    assert message in str(caught.value)


def test_a_class_from_elsewhere_is_refused_before_it_is_imported(saved):
    import hashlib

    import skops.io

    from ad_core.detector import _saving

    state = _saving._state_of(Kernel.load(saved), {})
    state["attributes"]["model_"] = subprocess.Popen.__new__(subprocess.Popen)
    data = skops.io.dumps(state)
    stated = {"state.skops": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}}
    rewrite(saved, state__skops=lambda _: data, manifest__json=with_manifest(files=stated))
    with pytest.raises(
        SavedDetectorError,
        match=r"it\.ad: the file names subprocess.Popen, which this detector has no use for",
    ):
        load_detector(saved)


def test_a_pickle_is_refused_unless_it_is_trusted(tmp_path):
    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(SavedDetectorError, match="is a pickle, which can run any code"):
        load_detector(path)
    assert not Evil.ran
    path.write_bytes(pickle.dumps(Kernel().fit(ROWS)))
    trusted = load_detector(path, trust=True)
    np.testing.assert_array_equal(
        trusted.score_samples(ROWS), Kernel().fit(ROWS).score_samples(ROWS)
    )
    path.write_bytes(pickle.dumps([1]))
    with pytest.raises(SavedDetectorError, match="holds a list, not a detector"):
        load_detector(path, trust=True)


@pytest.mark.parametrize("data", [b"", b"hello", b"a,b\n1,2\n"])
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "other"
    path.write_bytes(data)
    with pytest.raises(
        SavedDetectorError, match="is not a saved detector or is damaged; give a file"
    ):
        load_detector(path)


def test_another_zip_file_is_refused(tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, a=ROWS)
    (tmp_path / "it.npz").write_bytes(buffer.getvalue())
    with pytest.raises(SavedDetectorError, match=r"is not a saved detector \(no manifest\)"):
        load_detector(tmp_path / "it.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SavedDetectorError, match="cannot read .*nothing.ad: No such file"):
        load_detector(tmp_path / "nothing.ad")


def test_loading_through_another_class_is_an_error(saved):
    class Other(Kernel):
        pass

    with pytest.raises(SavedDetectorError, match="holds a Kernel, not a Other"):
        Other.load(saved)


def test_other_library_versions_are_told(saved):
    def older(data):
        manifest = json.loads(data)
        manifest["versions"]["scikit-learn"] = "1.0.2"
        return json.dumps(manifest).encode()

    rewrite(saved, manifest__json=older)
    with pytest.warns(
        UserWarning, match=r"was saved with scikit-learn 1\.0\.2 \(now .*\); scores may differ"
    ):
        load_detector(saved)
