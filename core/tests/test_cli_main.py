"""The command as a whole: help, version, exit statuses, completeness."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ad_core.cli import app, main
from ad_core.cli._app import COMMANDS


def walk(group):
    context = click.Context(group)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_is_readable_at_80_columns(ad, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "80")
    result = ad(*([] if name is None else [name]), "--help")
    assert result.status == 0
    assert result.out.startswith("Usage: ad ")
    assert max(map(len, result.out.splitlines())) <= 80
    assert "..." not in result.out.partition("Commands:")[2]  # a summary that was cut


def test_every_command_is_documented_and_so_is_each_of_its_options():
    assert set(walk(app)) == set(COMMANDS)
    for name, command in walk(app).items():
        assert command.name == name
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"


def test_every_command_has_tests_that_call_it():
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_cli_*.py"))
    for name in COMMANDS:
        assert f'"{name}"' in text, name


def test_the_version_is_that_of_the_distribution(ad):
    result = ad("--version")
    assert (result.status, result.out) == (0, f"ad-core {importlib.metadata.version('ad-core')}\n")


def test_without_a_command_the_help_is_shown_and_the_usage_wrong(ad):
    result = ad()
    assert result.status == 2
    assert result.err.startswith("Usage: ad ")


def test_python_m_and_the_console_script_are_the_same_command():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="ad")
    assert script.load() is main
    done = subprocess.run(
        [sys.executable, "-m", "ad_core", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: ad [OPTIONS] COMMAND")


def test_an_interrupt_outside_a_benchmark_is_one_word_and_130(ad, monkeypatch, tmp_path):
    import ad_core.data

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(ad_core.data, "read_table", interrupted)
    result = ad("detect", tmp_path / "x.csv", "-m", "random")
    assert result.status == 130
    assert result.err.splitlines()[-1] == "interrupted"


def test_a_bug_is_not_hidden(ad, monkeypatch, tmp_path):
    import ad_core.data

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(ad_core.data, "read_table", broken)
    with pytest.raises(ZeroDivisionError):
        ad("detect", tmp_path / "x.csv", "-m", "random")


def test_a_full_disk_is_one_line():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ad_core", "list-metrics"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "error: No space left on device\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_control_characters_of_a_file_do_not_reach_the_terminal(ad, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,note\n1,\x1b[31mred\n2,b\n3,c\n")
    result = ad("detect", path, "-m", "random")
    assert result.status == 0
    assert "\x1b" not in result.out
    assert "\ufffd[31mred" in result.out
