"""The compiled kernels name the types of their arguments: whatever rows look like in memory, they fit."""

import ast
from pathlib import Path

import joblib
import numpy as np
import pytest

from ad_classical import _kernels
from ad_core.load import create

pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")

ROWS = np.random.default_rng(0).normal(size=(300, 6))
ROWS[:, 2] = np.round(ROWS[:, 2])
WIDER = np.zeros((600, 12))
WIDER[::2, ::2] = ROWS
DETECTORS = [
    *("ecod", "copod", "hbos", "loda", "isolation_forest", "inne", "knn", "local_outlier_factor"),
    *("abod", "kde", "loci"),
]
ARGUMENTS = {"hbos": {"n_bins": "auto"}, "loci": {"max_radii": 7}}
RANDOM = ("loda", "isolation_forest", "inne")


@pytest.mark.parametrize("name", DETECTORS)
def test_rows_in_any_layout_and_fitted_arrays_that_are_read_only_score_alike(
    name, monkeypatch, tmp_path
):
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    arguments = ARGUMENTS.get(name, {}) | ({"random_state": 0} if name in RANDOM else {})
    fitted = create(name, **arguments).fit(ROWS)
    scores = fitted.score_samples(ROWS)
    for rows in (np.asfortranarray(ROWS), WIDER[::2, ::2]):
        np.testing.assert_array_equal(
            create(name, **arguments).fit(rows).score_samples(ROWS), scores
        )
        np.testing.assert_array_equal(fitted.score_samples(rows), scores)
        np.testing.assert_array_equal(fitted.score_samples(rows[3:4]), scores[3:4])
    joblib.dump(fitted, tmp_path / "fitted")
    mapped = joblib.load(tmp_path / "fitted", mmap_mode="r")
    np.testing.assert_array_equal(mapped.score_samples(ROWS), scores)


def test_a_kernel_is_made_of_its_own_module_alone():
    """Numba takes a kernel from its cache as long as its module is the same, whatever it imports."""
    folder = Path(_kernels.__file__).parent
    modules = [file for file in folder.glob("*.py") if not file.name.startswith("_")]
    assert len(modules) > 5
    for module in modules:
        nodes = list(ast.walk(ast.parse(module.read_text())))
        imported = {one.module for one in nodes if isinstance(one, ast.ImportFrom)}
        imported |= {
            name.name for one in nodes if isinstance(one, ast.Import) for name in one.names
        }
        own = {name for name in imported if name.partition(".")[0].startswith("ad_")}
        assert own == {"ad_classical._kernels._compiling"}, module.name
