"""What stands on the page, as data for its template."""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from markupsafe import Markup

from ad_core.results._board import Board, Cell
from ad_core.results._cells import gather
from ad_core.results._leaderboard import leaderboard
from ad_core.results._record import Record, to_dict
from ad_core.results.html._charts import difference_diagram, pareto_plot

__all__ = ["Page", "View", "page"]

LEVELS = 20
"""Shades of the heat map."""
_SHARED = (
    ("detector", "plugin", "family", "params", "protocol"),
    ("hardware", "environment", "versions"),
    (
        *("dataset_sha256", "n_samples", "n_features", "n_train", "n_test", "n_pos", "n_neg"),
        *("prevalence", "data_seed", "repetition"),
    ),
    ("isolation", "limits", "threshold_provenance"),
)
"""What many runs have in common, and so stands on the page once."""
_PLACE = re.compile(r'(?<=File ")[^"\n]*/')
"""The folder of a line of code in a traceback."""
_ROOT = re.compile(r".*/(?:site-packages|dist-packages|src|lib/python3\.\d+)/")
"""Where code is installed: it tells of a machine, not of a run."""
_LEFT_OUT = {"$schema", "schema_version", "model", "dataset"}
_LEFT_OUT.update(*_SHARED)


@frozen(kw_only=True)
class View:
    """What depends on the metric: a board, its charts, the shades of its cells."""

    board: Board
    difference: Markup
    pareto: Markup
    levels: tuple[tuple[int, ...], ...]


@frozen(kw_only=True)
class Page:
    """Everything on the page.

    Parameters
    ----------
    views
        One a metric.
    models, datasets
        In the order of the numbers by which runs name them.
    failures
        The runs that count and did not end `ok`, with the numbers of model and data set.
    fields, runs
        Every run that counts, by ``model-dataset``: its values in the order of `fields`,
        None for what it does not have; its field `shared` holds numbers of `shared`.
    shared
        What runs have in common.
    facts
        Counts: of protocols, machines and the like.
    """

    views: tuple[View, ...]
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    failures: tuple[tuple[int, int, Record], ...]
    fields: tuple[str, ...]
    runs: Mapping[str, list[list[Any]]]
    shared: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Mapping[str, int]]
    n_runs: int
    n_machines: int

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each model."""
        return {model: number for number, model in enumerate(self.models)}


def page(records: list[Record], metrics: Mapping[str, bool], oracles: Collection[str]) -> Page:
    """Gather the page from records."""
    grid = gather(records)
    models, datasets = tuple(grid.models), grid.datasets
    shared: dict[str, tuple[int, dict[str, Any]]] = {}
    runs: dict[str, list[dict[str, Any]]] = {}
    failures = []
    for m, model in enumerate(models):
        for d, dataset in enumerate(datasets):
            found = list(grid.models[model].get(dataset, {}).values())
            if found:
                runs[f"{m}-{d}"] = [_plain(record, shared) for record in found]
            failures += [(m, d, record) for record in found if not record.ok]
    counted = list(grid.records())
    everything = [run for found in runs.values() for run in found]
    fields = tuple(dict.fromkeys(name for run in everything for name in run))
    return Page(
        views=tuple(
            _view(leaderboard(records, name, higher_is_better=higher, oracle=name in oracles))
            for name, higher in metrics.items()
        ),
        models=models,
        datasets=datasets,
        failures=tuple(failures),
        fields=fields,
        runs={
            cell: [[run.get(name) for name in fields] for run in found]
            for cell, found in runs.items()
        },
        shared=tuple(part for _, part in shared.values()),
        facts=_facts(counted),
        n_runs=len(counted),
        n_machines=len({record.hardware for record in counted if record.ok}),
    )


def _plain(record: Record, shared: dict[str, tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    whole = to_dict(record)
    left_out = _LEFT_OUT | {*record.metrics}
    kept = {name: value for name, value in whole.items() if name not in left_out}
    kept = {name: value for name, value in kept.items() if value not in (None, {}, "")}
    if record.error is not None:
        shown = _PLACE.sub(_package, record.error.traceback)
        kept["error"] = {**kept["error"], "traceback": shown}
    numbers = []
    for names in _SHARED:
        part = {name: whole[name] for name in names if name in whole}
        text = json.dumps(part, sort_keys=True)
        numbers.append(shared.setdefault(text, (len(shared), part))[0])
    return {**kept, "metrics": dict(record.metrics), "shared": numbers}


def _package(folder: re.Match[str]) -> str:
    """Return a folder below where packages are installed; nothing of one that is elsewhere."""
    package, found = _ROOT.subn("", folder[0])
    return package if found or not folder[0].startswith("/") else ""


def _view(board: Board) -> View:
    return View(
        board=board,
        difference=Markup(difference_diagram(board)),  # noqa: S704 - matplotlib escapes
        pareto=Markup(pareto_plot(board)),  # noqa: S704
        levels=_levels(board),
    )


def _levels(board: Board) -> tuple[tuple[int, ...], ...]:
    """Return the shade of each cell, rows as in the board; the best value is the darkest."""
    values = [cell.value for row in board.rows for cell in row.cells if cell.value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)

    def level(cell: Cell) -> int:
        if cell.value is None:
            return 0
        share = (cell.value - low) / (high - low) if high > low else 1.0
        return round(LEVELS * (share if board.higher_is_better else 1 - share))

    return tuple(tuple(level(cell) for cell in row.cells) for row in board.rows)


def _facts(records: list[Record]) -> dict[str, dict[str, int]]:
    """Count the runs by what they were run with."""
    found: dict[str, Counter[str]] = {
        "hardware": Counter(record.hardware for record in records),
        "protocol": Counter(record.protocol for record in records),
        "plugin": Counter(
            f"{record.plugin.distribution} {record.plugin.version}" for record in records
        ),
    }
    for name in sorted({name for record in records for name in record.environment}):
        found[name] = Counter(
            record.environment[name] for record in records if name in record.environment
        )
    for name in sorted({name for record in records for name in record.versions}):
        found[f"{name} version"] = Counter(
            record.versions[name] for record in records if name in record.versions
        )
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}
