"""Throw-away distributions: what is wrong with one of them costs none of the others."""

import importlib.util
import json
import os
import re
import subprocess
import sys

import pytest

DETECTOR = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec

{marker}
def {hook}():
    return [
        DetectorSpec(
            name="{name}",
            target="healthy_detectors:Center",
            summary="From {where}",
            family="{family}",
        )
    ]
"""


def plugin(name, *, hook="ad_detectors", marker="@hookimpl", family="proximity", where="somewhere"):
    return DETECTOR.format(name=name, hook=hook, marker=marker, family=family, where=where)


@pytest.fixture
def crowd(site):
    """Install one distribution for each thing that can be wrong, and healthy ones."""
    site.add_healthy()
    site.add("raising", "raise RuntimeError('no\\nluck')")
    site.add("exiting", "raise SystemExit(3)")
    site.add("unparsable", "def ad_detectors(:\n")
    site.add("wrong-family", plugin("misfit", family="wizardry"))
    site.add(
        "no-list",
        "from ad_core.hookspecs import hookimpl\n@hookimpl\ndef ad_detectors():\n    return 7\n",
    )
    site.add("misspelled", plugin("lost", hook="ad_detectorz"))
    site.add("unmarked", plugin("forgotten", marker=""))
    site.add("twin-a", plugin("twin", where="A"))
    site.add("twin-b", plugin("twin", where="B"))
    return site


ERRORS = {
    "raising": "RuntimeError: no luck",
    "exiting": "SystemExit: 3",
    "unparsable": "SyntaxError: invalid syntax (unparsable_plugin.py, line 1)",
    "wrong-family": "SpecError: 'wizardry' is not a Family; known are proximity, density, ",
    "no-list": "SpecError: no_list_plugin.ad_detectors must return a list of DetectorSpec, got 7",
    "misspelled": "PluginValidationError: unknown hook 'ad_detectorz' in plugin ",
    "unmarked": "PluginError: unmarked_plugin.ad_detectors lacks the decorator @hookimpl",
}


def test_each_broken_distribution_is_a_row_with_its_error(crowd, ad_process):
    result = ad_process("list-plugins", "--json")
    assert result.status == 0
    rows = {row["name"]: row for row in json.loads(result.out)["plugins"]}
    for name, error in ERRORS.items():
        assert rows[name]["state"] == "broken"
        assert rows[name]["error"].startswith(error)
        assert rows[name]["distribution"] == name
        assert rows[name]["version"] == "1.0"
        assert rows[name]["detectors"] == []


def test_the_others_work_beside_broken_ones(crowd, ad_process):
    result = ad_process("list-detectors", "--json")
    assert result.status == 0
    names = {row["full_name"] for row in json.loads(result.out)}
    assert {"healthy/center", "twin-a/twin", "twin-b/twin", "core/random"} <= names
    assert not {"lost", "forgotten", "misfit"} & {name.split("/")[-1] for name in names}
    for name in ERRORS:
        assert name in result.err
    assert "broken plugins are left out" in result.err


def test_list_plugins_prints_a_row_a_plugin_with_whole_names_when_piped(crowd, ad_process):
    lines = ad_process("list-plugins").out.splitlines()
    healthy = next(line for line in lines if line.startswith("healthy "))
    assert healthy.split()[:4] == ["healthy", "healthy", "1.2", "ok"]
    assert healthy.endswith("7 detectors, 1 data sets")
    broken = next(line for line in lines if line.startswith("unmarked "))
    assert broken.split()[:4] == ["unmarked", "unmarked", "1.0", "broken"]
    assert broken.endswith(ERRORS["unmarked"])


BESIDES = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import CheckSpec, CommandSpec


@hookimpl
def ad_commands():
    return [CommandSpec(name="say-hello", target="nowhere:command", summary="Says hello.")]


@hookimpl
def ad_checks():
    return [CheckSpec(name=name, module="nowhere", summary="Asks.") for name in ("mine", "yours")]
"""


def test_commands_and_groups_of_checks_are_counted_in_a_plugins_row(site, ad):
    site.add("besides", BESIDES)
    row = next(line for line in ad("list-plugins").out.splitlines() if line.startswith("besides"))
    assert row.endswith(" ok     1 commands, 2 groups of checks")
    rows = json.loads(ad("list-plugins", "--json").out)["plugins"]
    (plugin,) = [row for row in rows if row["name"] == "besides"]
    assert plugin["commands"] == ["say-hello"]
    assert plugin["checks"] == ["mine", "yours"]


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ('name="Say_Hello"', "CommandSpec 'Say_Hello': name must be kebab-case, for example"),
        ('target="nowhere"', "CommandSpec 'say-hello': target must be an import string"),
    ],
)
def test_a_command_with_a_wrong_spec_is_a_row_with_its_error(site, ad, field, error):
    key = field.partition("=")[0]
    wrong = re.sub(rf'{key}="(say-hello|nowhere:command)"', field, BESIDES)
    assert wrong != BESIDES
    site.add("besides", wrong)
    rows = json.loads(ad("list-plugins", "--json").out)["plugins"]
    (plugin,) = [row for row in rows if row["name"] == "besides"]
    assert plugin["error"].startswith(f"SpecError: {error}")


def test_a_clash_is_a_row_that_names_both_distributions(crowd, ad_process):
    out = ad_process("list-plugins").out
    message = "detector 'twin' is registered by twin-a and twin-b; use twin-a/twin or twin-b/twin"
    row = next(line for line in out.splitlines() if line.startswith("twin "))
    assert "twin-a and twin-b" in row
    assert row.endswith(message)
    (clash,) = json.loads(ad_process("list-plugins", "--json").out)["clashes"]
    assert clash["distributions"] == ["twin-a", "twin-b"]
    assert clash["message"] == message


def test_a_clashing_name_is_refused_and_the_full_names_reach_each(crowd, ad):
    result = ad("describe", "twin")
    assert result.status == 1
    assert result.err == (
        "error: detector 'twin' is registered by twin-a and twin-b; "
        "use twin-a/twin or twin-b/twin\n"
    )
    for letter in "ab":
        data = json.loads(ad("describe", f"twin-{letter}/twin", "--json").out)
        assert data["summary"] == f"From {letter.upper()}"
        assert data["distribution"] == f"twin-{letter}"


def test_a_clashing_name_is_listed_in_full(crowd, ad):
    names = [line.split()[0] for line in ad("list-detectors").out.splitlines()[1:]]
    assert "twin-a/twin" in names
    assert "twin-b/twin" in names
    assert "center" in names


def test_strict_exits_with_1_when_a_plugin_is_broken(site, ad):
    site.add_healthy()
    assert ad("list-plugins", "--strict").status == 0
    site.add("raising", "raise RuntimeError('no luck')")
    assert ad("list-plugins").status == 0
    assert ad("list-plugins", "--strict").status == 1
    assert ad("list-plugins", "--strict", "--json").status == 1


def test_strict_exits_with_1_when_names_clash(site, ad):
    site.add_healthy()
    site.add("twin-a", plugin("twin"))
    assert ad("list-plugins", "--strict").status == 0
    site.add("twin-b", plugin("twin"))
    assert ad("list-plugins", "--strict").status == 1


def test_two_distributions_with_one_plugin_name_are_told_apart(site, ad):
    site.add("first", plugin("one"))
    site.add("second", plugin("two"))
    entry_points = site.path / "second-1.0.dist-info" / "entry_points.txt"
    entry_points.write_text("[ad.plugins]\nfirst = second_plugin\n")
    rows = json.loads(ad("list-plugins", "--json").out)["plugins"]
    errors = {row["distribution"]: row["error"] for row in rows}
    assert errors["first"] is None
    assert errors["second"] == (
        "PluginError: the plugin name 'first' is taken by first; rename the entry point of second"
    )


def test_a_missing_backend_is_listed_with_the_command_that_brings_it(site, ad):
    site.add_healthy()
    needs = "needs nowhere_at_all: pip install 'nowhere-at-all[fast]'"
    row = next(line for line in ad("list-detectors").out.splitlines() if line.startswith("needy"))
    assert needs in row
    assert "needy" not in ad("list-detectors", "--available").out
    (data,) = json.loads(ad("list-detectors", "needy", "--json").out)
    assert data["available"] is False
    assert data["missing"] == ["nowhere_at_all"]
    assert data["remedy"] == "pip install 'nowhere-at-all[fast]'"


def test_core_alone_says_which_packages_would_bring_detectors(ad):
    result = ad("list-plugins")
    assert result.status == 0
    assert "pip install 'ad-classical'" in result.out
    assert "ad-classical" in json.loads(ad("list-plugins", "--json").out)["suggestions"]


def test_nothing_is_suggested_where_detectors_are_installed(site, ad):
    site.add_healthy()
    assert "pip install" not in ad("list-plugins").out


@pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason="hatchling is not installed, and building without isolation needs it",
)
def test_a_distribution_that_pip_installed_is_listed_without_another_step(
    site, tmp_path, ad_process
):
    project = tmp_path / "project"
    (project / "src" / "tiny").mkdir(parents=True)
    (project / "src" / "tiny" / "__init__.py").write_text("")
    (project / "src" / "tiny" / "plugin.py").write_text(plugin("tiny_one"))
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "ad-tiny"\nversion = "0.3"\n'
        '[project.entry-points."ad.plugins"]\ntiny = "tiny.plugin"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["src/tiny"]\n'
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--disable-pip-version-check"),
            *("--target", str(site.path), str(project)),
        ],
        check=True,
        env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
        timeout=120,
    )
    result = ad_process("list-plugins", "--json")
    row = next(row for row in json.loads(result.out)["plugins"] if row["name"] == "tiny")
    assert (row["distribution"], row["version"], row["state"]) == ("ad-tiny", "0.3", "ok")
    assert row["detectors"] == ["tiny_one"]
