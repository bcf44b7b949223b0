"""The command as a whole: help, version, exit statuses, completeness."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ad_core.cli import app, main
from ad_core.cli._app import COMMANDS

COMMANDS_PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import CommandSpec

@hookimpl
def ad_commands():
    return [
        CommandSpec(name=name, target=target, summary="What " + name + " does.")
        for name, target in {commands!r}.items()
    ]
"""

GREET = """
import click
import heavy_thing

@click.command()
@click.argument("whom")
def command(whom):
    '''Greet WHOM.'''
    click.echo("hello " + whom)
    return 3
"""


def commands_plugin(**commands):
    """Return a plugin module; underscores of its commands' names stand for dashes."""
    named = {name.replace("_", "-"): target for name, target in commands.items()}
    return COMMANDS_PLUGIN.format(commands=named)


def core_commands():
    context = click.Context(app)
    return {name: app.get_command(context, name) for name in COMMANDS}


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_is_readable_at_80_columns(ad, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "80")
    result = ad(*([] if name is None else [name]), "--help")
    assert result.status == 0
    assert result.out.startswith("Usage: ad ")
    assert max(map(len, result.out.splitlines())) <= 80
    assert "..." not in result.out.partition("Commands:")[2]  # a summary that was cut


def test_every_command_is_documented_and_so_is_each_of_its_options():
    for name, command in core_commands().items():
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


def test_a_command_of_a_plugin_is_listed_and_runs(ad, site):
    site.add(
        "greeter", commands_plugin(say_hello="greeting:command"), greeting=GREET, heavy_thing=""
    )
    assert "  say-hello       What say-hello does.\n" in ad("--help").out
    result = ad("say-hello", "you")
    assert (result.status, result.out, result.err) == (3, "hello you\n", "")
    assert ad("say-hello").status == 2
    assert "did you mean say-hello?" in ad("say-helo").err


def test_the_help_page_imports_no_command_of_a_plugin(ad_process, site):
    raising = "raise SystemExit('imported')"
    site.add("greeter", commands_plugin(say_hello="greeting:command"), greeting=raising)
    result = ad_process("--help")
    assert result.status == 0
    assert "What say-hello does." in result.out


@pytest.mark.parametrize(
    ("target", "source", "message"),
    [
        ("nowhere:command", "", "cannot import 'nowhere' (for 'nowhere:command'): ModuleNotFound"),
        (
            "broken:command",
            "raise SystemExit(7)",
            "cannot import 'broken' (for 'broken:command'): ",
        ),
        ("broken:command", "1 / 0", "ZeroDivisionError: division by zero"),
        ("broken:command", "", "module 'broken' has no attribute 'command'"),
        ("broken:command", "command = 7", "broken:command is not a click.Command, got 7"),
    ],
)
def test_a_broken_command_says_so_when_it_is_called(ad, site, target, source, message):
    site.add("sick", commands_plugin(fine="greeting:command", ill=target), broken=source)
    site.add("healthy-one", "", greeting=GREET, heavy_thing="")
    result = ad("ill", "--with", "arguments")
    assert result.status == 1
    assert result.out == ""
    assert result.err.startswith("error: the command 'ill' cannot be had; from sick: ")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert "Broken: the command 'ill' cannot be had" in ad("ill", "--help").out
    assert ad("fine", "you").out == "hello you\n"
    assert ad("--help").status == 0


def test_a_command_that_two_plugins_bring_is_reached_by_its_full_name(ad, site):
    site.add("a", commands_plugin(say_hello="greeting:command"), greeting=GREET, heavy_thing="")
    site.add("b", commands_plugin(say_hello="greeting:command"))
    result = ad("say-hello", "you")
    assert result.status == 1
    assert result.err == (
        "error: the command 'say-hello' cannot be had; command 'say-hello' is registered by a and b; "
        "use a/say-hello or b/say-hello\n"
    )
    shown = ad("--help").out
    assert "  a/say-hello " in shown
    assert "  b/say-hello " in shown
    assert "  say-hello " not in shown
    assert ad("b/say-hello", "you").out == "hello you\n"


def test_a_plugin_cannot_replace_a_command_of_the_core(ad, site):
    site.add("thief", commands_plugin(detect="greeting:command"), greeting=GREET, heavy_thing="")
    shown = ad("--help").out
    assert "  detect          Find the anomalous rows of FILE.\n" in shown
    assert "  thief/detect    What detect does.\n" in shown
    assert "FILE" in ad("detect", "--help").out
    assert ad("thief/detect", "you").out == "hello you\n"
