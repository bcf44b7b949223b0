"""The plugin author's guide: its files, put where it says, are a plugin that keeps the contract."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from ad_core.cli import main

pytest.importorskip("torch")

PAGE = (Path(__file__).parents[1] / "docs/plugin-authors.md").read_text()
TITLED = re.findall(r'^```\w+ title="(.*?)"\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL)
RUN = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = "\n".join(re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guide")
    assert main(["new-plugin", "my-detectors", "--into", str(folder)]) == 0
    return folder / "my-detectors"


@pytest.fixture(scope="module")
def environment(generated, lay_out):
    """Follow the guide; return the environment in which the plugin is installed."""
    for title, text in TITLED:
        name, _, place = title.partition(", ")
        put(generated / name, text, place)
    return lay_out(generated)


def put(path, text, place):
    """Write a block where its title says: into a file, at its end, or below a line of it."""
    old = path.read_text() if path.exists() else ""
    if place == "at the end":
        path.write_text(f"{old}\n\n{text}")
    elif place:
        before, line, after = old.partition(f"{place.removeprefix('below ')}\n")
        assert line, f"{path} has no line {place.removeprefix('below ')!r}"
        indent = re.match(r" *", after).group()
        path.write_text(
            before + line + re.sub("^", indent, text.rstrip(), flags=re.MULTILINE) + "\n" + after
        )
    else:
        path.write_text(text)


def python(code, environment, folder):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_files_that_it_shows_are_those_of_a_new_package(generated):
    shown = {title: text for title, text in TITLED if title.startswith(("src", "tests"))}
    new = {title for title in shown if (generated / title).exists()}
    assert new == {
        "src/my_detectors/detectors/mahalanobis.py",
        "src/my_detectors/plugin.py",
        "tests/test_contract.py",
    }
    assert {title: (generated / title).read_text() for title in new} == {
        title: shown[title] for title in new
    }


def test_the_tree_that_it_draws_is_that_of_a_new_package(generated):
    tree = re.search(r"^```text\nmy-detectors/\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
    names = re.findall(r"── ([\w./-]+)", tree)
    assert names
    found = [str(path.relative_to(generated)) for path in generated.rglob("*")]
    assert all(any(path.endswith(name.rstrip("/")) for path in found) for name in names)


def test_the_plugin_registers_everything_that_it_shows(environment, tmp_path):
    code = (
        "from ad_core import get_registry;"
        "(plugin,) = [one for one in get_registry().plugins if one.name == 'my-detectors'];"
        "assert plugin.error is None, plugin.error;"
        "assert {*plugin.detectors} == {'mahalanobis', 'neighbour', 'forest', 'small_autoencoder'};"
        "assert plugin.datasets == ('mine/pump',);"
        "assert plugin.metrics == ('gini',);"
        "assert plugin.checks == ('distances',)"
    )
    python(code, environment, tmp_path)


@pytest.mark.parametrize("code", RUN, ids=lambda code: re.search(r'cases\(\[?"(\w+)', code)[1])
def test_what_it_shows_keeps_the_contract(environment, tmp_path, code):
    python(code, environment, tmp_path)


def test_the_detectors_rank_above_the_null_baselines(environment, generated):
    experiment = yaml.safe_load((generated / "ranking.yaml").read_text())
    code = (
        "import sys; from ad_core.cli import main; from ad_core.results import *;"
        "status = main(['benchmark', 'ranking.yaml']); assert status == 0, status;"
        f"board = leaderboard(read_records({experiment['output']!r}));"
        "models = [row.model for row in board.rows];"
        f"assert {{*models}} == {{*{experiment['detectors']}}}, models;"
        "assert {*models[-2:]} == {'random', 'constant'}, models"
    )
    python(code, environment, generated)


def test_its_commands_exist():
    import click

    from ad_core.cli import app

    used = set(re.findall(r"^ad ([a-z][a-z-]+)", COMMANDS, re.MULTILINE))
    assert used >= {"new-plugin", "list-detectors", "describe", "check", "benchmark"}
    assert used <= set(app.list_commands(click.Context(app)))


def test_its_dependencies_are_in_the_project_file(environment, generated):
    project = tomllib.loads((generated / "pyproject.toml").read_text())["project"]
    assert "scikit-learn>=1.6" in project["dependencies"]
    assert project["optional-dependencies"]["torch"] == ["torch>=2.4"]
