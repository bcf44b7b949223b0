"""What ad-contracts brings: the contract checks and the commands that run them."""

from collections.abc import Iterable

from ad_core.hookspecs import hookimpl
from ad_core.spec import CheckSpec, CommandSpec

__all__ = ["ad_checks", "ad_commands"]

_GROUPS = {
    "spec": "What the spec says is true: its target, its arguments, what it needs, its names",
    "capabilities": "Every declared capability is true, and every true one is declared",
    "params": "Arguments can be read, set, refused and copied",
    "fit": "A fit learns from its data alone, every time the same",
    "inputs": "The same numbers in another form give the same scores, and are not changed",
    "effects": "Building, fitting and scoring leave no trace outside the detector",
    "extremes": "Odd data give finite scores or an error that says why not",
    "score": "Scores are finite, the right way up, and independent of the batch",
    "errors": "Bad input gets the right error, with a message that names it",
    "threshold": "Labels follow from scores and threshold",
    "state": "Copies, pickles and saved files give the same scores",
    "timeseries": "Every time step of a series gets its score",
    "hardware": "The hardware tags hold on this machine",
    "datasets": "A data set is the same everywhere, and it is said whose it is",
    "metrics": "A metric depends on what it should, and on nothing else",
}


@hookimpl
def ad_checks() -> Iterable[CheckSpec]:
    """Register one module of checks a question, and the scenarios."""
    checks = [
        CheckSpec(name=name, module=f"ad_contracts.checks.{name}", summary=question)
        for name, question in _GROUPS.items()
    ]
    scenarios = [
        CheckSpec(
            name=f"{kind}_scenarios",
            module=f"ad_contracts.scenarios.{kind}",
            summary=f"Scenarios: {what}",
        )
        for kind, what in {"tabular": "rows of numbers", "timeseries": "series"}.items()
    ]
    return [*checks, *scenarios]


@hookimpl
def ad_commands() -> Iterable[CommandSpec]:
    """Register ``ad check`` and ``ad new-plugin``."""
    return [
        CommandSpec(
            name="check",
            target="ad_contracts.cli.check:command",
            summary="Run the contract suite over detectors, data sets and metrics.",
        ),
        CommandSpec(
            name="new-plugin",
            target="ad_contracts.cli.new_plugin:command",
            summary="Write a new plugin package whose tests pass.",
        ),
    ]
