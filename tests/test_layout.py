"""Every distribution looks the same, and is listed wherever it has to be."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(
    path.parent
    for pattern in ("core/pyproject.toml", "*plugins/*/pyproject.toml", "contracts/pyproject.toml")
    for path in ROOT.glob(pattern)
)
NAMES = [str(folder.relative_to(ROOT)) for folder in FOLDERS]


def project_of(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text())["project"]


def package_of(folder: Path) -> Path:
    return folder / "src" / project_of(folder)["name"].replace("-", "_")


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_distribution_has_the_same_files(folder):
    assert (folder / "README.md").read_text().startswith(f"# {project_of(folder)['name']}\n")
    assert any((folder / "tests").glob("test_*.py"))
    package = package_of(folder)
    assert {"__init__.py", "py.typed", "plugin.py"} <= {path.name for path in package.iterdir()}


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_distribution_registers_one_plugin_module(folder):
    points = project_of(folder)["entry-points"]["ad.plugins"]
    assert list(points.values()) == [f"{package_of(folder).name}.plugin"]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_versions_run_in_lockstep_and_siblings_are_required_by_range(folder):
    project = project_of(folder)
    version = project_of(ROOT / "core")["version"]
    assert project["version"] == version
    assert project["requires-python"] == ">=3.11"
    major, minor = version.split(".")[:2]
    if project["name"] != "ad-core":
        assert f"ad-core>={major}.{minor},<{major}.{int(minor) + 1}" in project["dependencies"]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_plugins_import_the_core_and_never_each_other(folder):
    package = package_of(folder)
    others = {package_of(other).name for other in FOLDERS} - {package.name, "ad_core"}
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in package.rglob("*.py")
        for match in re.finditer(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
        if match[1] in others
    ]
    assert not found


def test_the_only_list_of_parts_is_complete():
    text = (ROOT / "noxfile.py").read_text()
    parts = dict(re.findall(r'^    "([\w/]+)": "([\w-]+)",$', text, re.MULTILINE))
    assert parts == {
        str(folder.relative_to(ROOT)): project_of(folder)["name"] for folder in FOLDERS
    }


def test_every_pinned_requirement_is_exact():
    pins = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    assert "torch==2.13.0" in pins


def test_every_changelog_fragment_is_of_a_known_kind():
    fragments = [path.name for path in (ROOT / "changelog").iterdir() if path.name != "template.md"]
    assert all(
        re.fullmatch(r"[\w-]+\.(added|changed|fixed|removed)\.md", name) for name in fragments
    )
