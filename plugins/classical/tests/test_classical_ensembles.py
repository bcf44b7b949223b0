"""Detectors made of other detectors."""

import json

import numpy as np
import pytest

from ad_classical.detectors.ensemble import Ensemble
from ad_classical.detectors.feature_bagging import FeatureBagging
from ad_classical.detectors.lscp import LSCP
from ad_classical.detectors.suod import SUOD
from ad_core.detector import load_detector
from ad_core.errors import InputError, ParameterError, UnknownNameError
from ad_core.load import create

MEMBERS = ["hbos", {"name": "knn", "params": {"n_neighbors": 3}}, "pca"]


@pytest.fixture(name="X")
def training_rows():
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal(size=(120, 4)), rng.normal(size=(5, 4)) + 9])


@pytest.fixture(name="T")
def fresh_rows():
    return np.random.default_rng(1).normal(size=(40, 4)) * 2


@pytest.mark.parametrize(
    ("combination", "combine"),
    [("average", np.mean), ("maximum", np.max), ("median", np.median)],
)
def test_scores_are_standardised_by_the_training_scores_and_combined(X, T, combination, combine):
    parts = []
    for detector in (create("hbos"), create("knn", n_neighbors=3), create("pca")):
        training = detector.fit(X).training_scores_
        parts.append((detector.score_samples(T) - training.mean()) / training.std())
    found = Ensemble(MEMBERS, combination=combination).fit(X)
    np.testing.assert_allclose(found.score_samples(T), combine(parts, axis=0), rtol=1e-12)


def test_ranks_count_the_training_scores_below(X, T):
    training = create("knn").fit(X)
    found = Ensemble(["knn"], combination="rank").fit(X)
    scores = training.score_samples(T)
    below = (training.training_scores_[None] < scores[:, None]).mean(axis=1)
    ties = (training.training_scores_[None] == scores[:, None]).mean(axis=1)
    np.testing.assert_allclose(found.score_samples(T), below + ties / 2)
    assert found.score_samples([[1e6] * 4]) == 1
    assert found.training_scores_.min() > 0


def test_training_scores_leave_each_row_out_where_the_members_do(X):
    found = Ensemble(["knn"]).fit(X)
    knn = create("knn").fit(X).training_scores_
    np.testing.assert_allclose(found.training_scores_, (knn - knn.mean()) / knn.std())


def test_an_ensemble_of_ensembles_is_saved_and_cloned(X, T, tmp_path):
    inner = {"name": "ensemble", "params": {"detectors": MEMBERS, "combination": "rank"}}
    outer = create("ensemble", detectors=[inner, "iforest"], random_state=1).fit(X)
    outer.save(tmp_path / "saved")
    again = load_detector(tmp_path / "saved")
    np.testing.assert_array_equal(again.score_samples(T), outer.score_samples(T))
    np.testing.assert_array_equal(outer.clone().fit(X).score_samples(T), outer.score_samples(T))
    assert json.loads(json.dumps(outer.get_params()))["detectors"] == [inner, "iforest"]


def test_set_params_has_an_effect_at_the_next_fit(X, T):
    detector = create("ensemble", detectors=["knn"]).fit(X)
    before = detector.score_samples(T)
    detector.set_params(detectors=["hbos"]).fit(X)
    expected = create("ensemble", detectors=["hbos"]).fit(X).score_samples(T)
    np.testing.assert_array_equal(detector.score_samples(T), expected)
    assert not np.allclose(before, expected)


def test_a_members_own_seed_is_kept_and_others_get_different_ones(X):
    chosen = ["iforest", "iforest", {"name": "iforest", "params": {"random_state": 7}}]
    members = Ensemble(chosen, random_state=0).fit(X).members_
    assert members[2].random_state == 7
    assert len({member.random_state for member in members}) == 3


def test_wrong_members_are_refused(X):
    with pytest.raises(UnknownNameError, match="iforrest"):
        Ensemble(["iforrest"]).fit(X)
    with pytest.raises(
        ParameterError, match="ensemble: a detector is given by its name or by a mapping"
    ):
        Ensemble([{"nome": "knn"}]).fit(X)
    with pytest.raises(ParameterError, match="must list at least 1 detector, got"):
        Ensemble([]).fit(X)
    with pytest.raises(ParameterError, match="lscp: detectors must list at least 2 detectors"):
        LSCP(["knn"]).fit(X)
    with pytest.raises(ParameterError, match="knn: n_neighbors must be|knn has no parameter"):
        Ensemble([{"name": "knn", "params": {"neighbours": 3}}]).fit(X)
    with pytest.raises(ParameterError, match=r"ensemble: xgbod learns from labels"):
        Ensemble(["xgbod"]).fit(X)


def test_a_failing_member_is_named_with_its_ensemble(X):
    with pytest.raises(InputError, match="ensemble: gaussian_mixture needs at least 500 rows"):
        Ensemble([{"name": "gmm", "params": {"n_components": 500}}]).fit(X)


def test_feature_bagging_averages_over_subsets_of_at_least_half_of_the_columns(X, T):
    bag = FeatureBagging("lof", n_estimators=6, random_state=0).fit(X)
    assert all(2 <= len(subset) <= 4 for subset in bag.subsets_)
    pairs = zip(bag.members_, bag.subsets_, strict=True)
    parts = [member.score_samples(T[:, subset]) for member, subset in pairs]
    np.testing.assert_allclose(bag.score_samples(T), np.mean(parts, axis=0))
    bag.set_params(combination="maximum").fit(X)
    np.testing.assert_allclose(bag.score_samples(T), np.max(parts, axis=0))


def test_feature_bagging_takes_one_column_and_refuses_too_small_subsets(X):
    assert FeatureBagging("knn").fit(X[:, :1]).subsets_[0].tolist() == [0]
    with pytest.raises(ParameterError, match="max_features=1 allows 1 of 4 columns"):
        FeatureBagging("knn", max_features=1).fit(X)


def test_lscp_scores_are_averages_of_competent_members_and_repeat(X, T):
    lscp = LSCP(["knn", "pca", "hbos"], random_state=0).fit(X)
    once = lscp.score_samples(T)
    np.testing.assert_array_equal(lscp.score_samples(T), once)
    raw = np.column_stack([member.score_samples(T) for member in lscp.members_])
    standard = (raw - lscp.means_) / lscp.deviations_
    assert (once <= standard.max(axis=1) + 1e-12).all()
    assert (once >= standard.min(axis=1) - 1e-12).all()
    assert np.isfinite(LSCP(["knn", "pca"], local_region_size=5000).fit(X).score_samples(T)).all()


def test_suod_projects_only_members_that_measure_distances_in_many_columns():
    X = np.random.default_rng(0).normal(size=(80, 24))
    wide = SUOD(["knn", "hbos"], random_state=0).fit(X)
    assert [p is None for p in wide.projections_] == [False, True]
    assert wide.projections_[0].shape == (24, 12)
    narrow = SUOD(["knn", "hbos"], random_state=0).fit(X[:, :19])
    assert narrow.projections_ == [None, None]


def test_suod_does_not_depend_on_the_number_of_threads(X, T):
    one = create("suod", random_state=0).fit(X).score_samples(T)
    two = create("suod", random_state=0, n_jobs=2).fit(X).score_samples(T)
    np.testing.assert_array_equal(one, two)


def test_xgbod_needs_both_labels_and_ranks_fresh_anomalies_first():
    pytest.importorskip("xgboost", reason="needs xgboost")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), np.r_[np.ones(20, int), np.zeros(180, int)]
    X[:20] += 5
    detector = create("xgbod", random_state=0).fit(X, y)
    fresh = detector.score_samples(
        np.vstack([rng.normal(size=(50, 3)), rng.normal(size=(5, 3)) + 5])
    )
    assert fresh[50:].min() > fresh[:50].max()
    with pytest.raises(InputError, match="xgbod: y holds one class only"):
        create("xgbod").fit(X, np.zeros(200, int))
