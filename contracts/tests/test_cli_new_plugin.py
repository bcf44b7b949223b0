"""``ad new-plugin``: what it writes, what it refuses, and that it writes all or nothing."""

import ast
import errno
import re
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest
import yaml

from ad_contracts._new_plugin import FILES, _range
from ad_core.cli import main


@pytest.fixture
def new_plugin(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments):
        status = main(["new-plugin", *arguments])
        return status, *capsys.readouterr()

    return run


def written(folder="."):
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def test_a_whole_package_is_written(new_plugin):
    status, _, err = new_plugin("my-detectors")
    assert (status, err) == (0, "")
    assert written("my-detectors") == {
        ".github/workflows/tests.yml",
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/my_detectors/__init__.py",
        "src/my_detectors/detectors/__init__.py",
        "src/my_detectors/detectors/mahalanobis.py",
        "src/my_detectors/plugin.py",
        "src/my_detectors/py.typed",
        "tests/test_contract.py",
        "tests/test_detectors.py",
    }
    assert written() == {f"my-detectors/{path}" for path in written("my-detectors")}


def test_the_next_steps_are_printed(new_plugin):
    _, out, _ = new_plugin("my-detectors")
    assert [line.strip() for line in out.splitlines() if line.startswith("  ")] == [
        "cd my-detectors",
        "pip install --editable '.[test]'",
        "pytest",
        "ad check my-detectors",
    ]


def test_the_next_steps_start_in_the_new_folder_wherever_it_is(new_plugin):
    Path("a folder").mkdir()
    _, out, _ = new_plugin("my-detectors", "--into", "a folder")
    assert "cd 'a folder/my-detectors'\n" in out
    assert written() == {
        f"a folder/my-detectors/{path}" for path in written("a folder/my-detectors")
    }


def test_the_project_file_says_what_the_package_is(new_plugin):
    new_plugin("my-detectors")
    project = tomllib.loads(Path("my-detectors/pyproject.toml").read_text())["project"]
    core, *others = project["dependencies"]
    assert project["name"] == "my-detectors"
    assert project["entry-points"] == {"ad.plugins": {"my-detectors": "my_detectors.plugin"}}
    assert re.fullmatch(r"ad-core>=[\d.]+,<[\d.]+", core)
    assert {re.split("[<>=]", one)[0] for one in others} == {"annotated-types", "numpy"}
    assert project["optional-dependencies"]["test"] == [
        core.replace("core", "contracts"),
        "pandas>=2.2",
        "pytest>=8",
    ]


@pytest.mark.parametrize(
    ("installed", "versions"),
    [
        ("0.1.0", ">=0.1,<0.2"),
        ("0.9.3+local", ">=0.9,<0.10"),
        ("0.2.0.dev1", ">=0.2.0.dev1,<0.3"),
        ("1.4.2", ">=1.4,<2"),
    ],
)
def test_the_required_versions_are_those_that_go_with_the_installed_one(installed, versions):
    assert _range(installed) == versions


def test_the_contract_test_is_two_lines(new_plugin):
    new_plugin("my-detectors")
    assert Path("my-detectors/tests/test_contract.py").read_text().split("\n\n") == [
        "from ad_contracts.testing import contract_tests",
        'test_contract = contract_tests("my-detectors")\n',
    ]


@pytest.mark.parametrize(
    ("name", "distribution", "package"),
    [
        ("detectors", "detectors", "detectors"),
        ("My_Detectors", "my-detectors", "my_detectors"),
        ("lab.night--shift2", "lab-night-shift2", "lab_night_shift2"),
    ],
)
def test_names_are_brought_into_their_normal_forms(new_plugin, name, distribution, package):
    status, out, _ = new_plugin(name, "--detector", "two_words")
    assert status == 0
    assert out.startswith(f"{distribution}: a package with one detector, two_words\n")
    root = Path(distribution)
    module = root / "src" / package / "detectors" / "two_words.py"
    classes = [
        node for node in ast.parse(module.read_text()).body if isinstance(node, ast.ClassDef)
    ]
    assert [one.name for one in classes] == ["TwoWords"]
    for path in root.rglob("*.py"):
        compile(path.read_text(), path, "exec")
    plugin = (root / "src" / package / "plugin.py").read_text()
    assert f'target="{package}.detectors.two_words:TwoWords"' in plugin


def test_no_placeholder_is_left_but_those_of_the_workflow(new_plugin):
    new_plugin("my-detectors")
    left = {
        path: re.findall(r"\$.*", (Path("my-detectors") / path).read_text())
        for path in written("my-detectors")
    }
    assert {path: found for path, found in left.items() if found} == {
        ".github/workflows/tests.yml": ["${{ matrix.python }}"]
    }


def test_the_workflow_runs_the_tests_on_each_python(new_plugin):
    new_plugin("my-detectors")
    workflow = yaml.safe_load(Path("my-detectors/.github/workflows/tests.yml").read_text())
    job = workflow["jobs"]["tests"]
    assert job["strategy"]["matrix"]["python"][0] == "3.11"
    assert any("pytest" in step.get("run", "") for step in job["steps"])


def test_every_template_is_used():
    folder = resources.files("ad_contracts") / "template"
    assert {path.name for path in folder.iterdir()} == {f"{name}.in" for name in FILES}


def test_the_tests_of_a_new_package_pass_at_once(new_plugin, lay_out):
    new_plugin("my-detectors")
    root = Path("my-detectors").absolute()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--require-backends", "-p", "no:cacheprovider"],
        cwd=root,
        env=lay_out(root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("my detectors", r"'my detectors' cannot be a distribution's name: .*example my-detectors"),
        ("2fast", r"'2fast' cannot .* a letter first"),
        ("trailing-", r"'trailing-' cannot .* no hyphen last"),
        ("../escape", r"'../escape' cannot be"),
        ("détecteurs", r"cannot be a distribution's name"),
        ("class", r"class is a keyword of Python .*for example class-detectors"),
        ("Json", r"'Json': it would hide the module json of Python's standard library"),
        ("ad-core", r"ad-core [\d.]+ is installed; choose another name"),
        ("AD_contracts", r"ad-contracts [\d.]+ is installed; choose another name"),
        ("yaml", r"the module yaml exists in this environment"),
        ("datasets-timeseries", r"ad-datasets-timeseries registers a plugin of that name"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_in_one_line(new_plugin, name, message):
    status, out, err = new_plugin(name)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert re.search(message, err)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        ("TwoWords", r"'TwoWords' cannot be a detector's name: use snake_case"),
        ("two-words", r"use snake_case, for example --detector robust_distance"),
        ("lambda", r"a detector called 'lambda' would make .*: --detector NAME"),
        ("none", r"a detector called 'none' would make a module or a class"),
        ("base_detector", r"a class whose name Python or the module uses already"),
        ("random", r"ad-core registers a detector called 'random'; give another: --detector NAME"),
    ],
)
def test_a_detector_name_that_cannot_be_used_is_refused(new_plugin, detector, message):
    status, out, err = new_plugin("my-detectors", "--detector", detector)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert re.search(message, err)
    assert list(Path().iterdir()) == []


def test_what_exists_is_never_touched(new_plugin):
    Path("my-detectors").mkdir()
    status, _, err = new_plugin("my-detectors")
    assert status == 1
    assert err == (
        "error: my-detectors exists; choose another name, or another folder with --into FOLDER\n"
    )
    assert written() == set()


def test_a_folder_that_is_not_there_is_not_made(new_plugin):
    status, _, err = new_plugin("my-detectors", "--into", "elsewhere")
    assert status == 1
    assert err == "error: there is no folder elsewhere; make it first, or leave out --into\n"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "error: No space left on device\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
    ],
    ids=["full disk", "Ctrl-C"],
)
@pytest.mark.parametrize("after", [0, 1, len(FILES) - 1])
def test_a_write_that_is_cut_short_leaves_nothing(
    new_plugin, monkeypatch, error, status, message, after
):
    done = []
    write_text = Path.write_text

    def failing(path, *arguments, **options):
        if len(done) == after:
            raise error
        done.append(path)
        return write_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", failing)
    assert new_plugin("my-detectors") == (status, "", message)
    assert len(done) == after
    assert list(Path().iterdir()) == []
