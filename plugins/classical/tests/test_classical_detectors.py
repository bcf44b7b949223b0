"""What ad-classical registers, beside what the contract suite asks of each detector."""

import logging

import numpy as np
import pytest

from ad_core.load import create
from ad_core.registry import get_registry
from ad_core.spec import Capability

SPECS = [one.spec for one in get_registry().detectors if one.distribution == "ad-classical"]


def test_the_plugin_is_well():
    assert {one.name: one.state for one in get_registry().plugins}["classical"] == "ok"
    assert len(SPECS) >= 30


@pytest.mark.parametrize(
    "name",
    [
        "isolation_forest",
        "iforest",
        "local_outlier_factor",
        "lof",
        "one_class_svm",
        "ocsvm",
        "elliptic_envelope",
        "mcd",
        "pca",
        "knn",
        "ecod",
        "copod",
        "hbos",
        "loda",
        "cblof",
        "suod",
        "abod",
        "cof",
        "inne",
        "gmm",
        "kde",
        "feature_bagging",
        "lscp",
        "avg_knn",
        "median_knn",
        "sampling",
        "sgd_one_class_svm",
        "ensemble",
        "xgbod",
    ],
)
def test_the_names_that_people_know_are_there(name):
    assert get_registry().detectors.get(name).distribution == "ad-classical"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_detector_scores_new_rows_and_can_be_saved(spec):
    assert {Capability.NOVELTY, Capability.SERIALIZABLE} <= spec.capabilities
    assert Capability.TRANSDUCTIVE not in spec.capabilities


def test_only_what_reproduces_faults_of_published_tables_deviates():
    assert [spec.name for spec in SPECS if spec.deviations] == ["pyod_loda", "pyod_pca"]


def test_foreign_warnings_go_to_the_log(caplog):
    X = np.random.default_rng(0).normal(size=(50, 3))
    detector = create("bayesian_gaussian_mixture", max_iter=1, random_state=0)
    with caplog.at_level(logging.INFO, logger="ad.upstream"):
        detector.fit(X)
    assert "ConvergenceWarning: " in caplog.text
