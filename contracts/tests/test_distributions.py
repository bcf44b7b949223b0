"""What a distribution brings, and what its code imports."""

import importlib

import pytest
from packaging.requirements import InvalidRequirement, Requirement

from ad_contracts._distributions import (
    brought_by,
    imported_libraries,
    owners_of,
    provides,
    unknown_extras,
)

SOURCE = """
import os
import numpy.linalg
from typing import TYPE_CHECKING
import typing
from code_beside import helper

if TYPE_CHECKING:
    import pytest
else:
    import attrs
if typing.TYPE_CHECKING:
    import pytest

try:
    import polars
except ImportError:
    import rich
try:
    import click
except ValueError:
    pass


def later():
    from scipy.spatial import distance
    import not_installed_here
"""


@pytest.fixture
def code(tmp_path, monkeypatch):
    package = tmp_path / "code_above"
    package.mkdir()
    (package / "__init__.py").write_text("import joblib")
    (package / "target.py").write_text(SOURCE + "from . import sibling\n")
    (package / "sibling.py").write_text("from .target import later\nimport sklearn.svm\n")
    (package / "stranger.py").write_text("import hypothesis\n")
    (tmp_path / "code_beside.py").write_text("import pluggy\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()


def test_imports_are_read_from_the_module_its_parents_and_its_siblings(code):
    assert imported_libraries("code_above.target:Kind", "code-above") == {
        "attrs",
        "click",
        "joblib",
        "not_installed_here",
        "numpy",
        "pluggy",
        "rich",
        "scipy",
        "sklearn",
    }


def test_what_a_library_imports_is_its_own_business():
    assert imported_libraries("sklearn.svm:OneClassSVM", "ad-classical") == {"sklearn"}
    assert "numpy" in imported_libraries("sklearn.svm:OneClassSVM", "scikit-learn")


def test_requirements_are_followed_with_their_extras():
    plain, extra = brought_by("ad-core"), brought_by("jsonschema[format]")
    assert {"ad-core", "numpy", "scikit-learn", "scipy"} <= plain
    assert "pytest" not in plain
    assert "fqdn" in extra
    assert "fqdn" not in plain
    assert brought_by("Not.Installed>=2") == {"not-installed"}


def test_a_requirement_that_pip_would_refuse_is_refused():
    with pytest.raises(InvalidRequirement):
        brought_by("see our page")


def test_a_module_belongs_to_its_distribution():
    assert owners_of("sklearn") == {"scikit-learn"}
    assert owners_of("ad_contracts") == {"ad-contracts"}
    assert not owners_of("code_nowhere")
    assert provides("scikit-learn", "sklearn")
    assert provides("Code_Nowhere", "code-nowhere")
    assert not provides("numpy", "sklearn")


def test_an_extra_is_known_by_its_distribution():
    assert unknown_extras(Requirement("jsonschema[nothing,format_nongpl]")) == ["nothing"]
    assert not unknown_extras(Requirement("not-installed[nothing]"))
