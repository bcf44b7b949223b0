"""From a detector's name and the user's options to a detector fitted on a file."""

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ad_core.cli._options import finite
from ad_core.errors import AdError, InputError, UnknownNameError
from ad_core.spec import Capability, DataKind, DetectorSpec

if TYPE_CHECKING:
    from ad_core.cli._reading import Rows
    from ad_core.detector import BaseDetector

__all__ = ["DEFAULT_DETECTOR", "Fitting", "find_spec", "fit_detector", "fitting_options"]

DEFAULT_DETECTOR = "isolation_forest"
"""Fast on many rows, indifferent to the columns' units, no assumption on their distribution."""
DEFAULT_PACKAGE = "ad-classical"
DEFAULT_SERIES_DETECTOR = "matrix_profile"
"""Finds the most unusual stretch of any shape; its window is the series' own period."""
DEFAULT_SERIES_PACKAGE = "ad-timeseries"
SEED = 42

_OPTIONS = (
    click.option(
        "-m",
        "--method",
        metavar="DETECTOR",
        help=f"See: ad list-detectors.  [{DEFAULT_DETECTOR}; {DEFAULT_SERIES_DETECTOR} for a "
        "series]",
    ),
    click.option(
        "-p",
        "--param",
        "params",
        metavar="KEY=VALUE",
        multiple=True,
        help="Argument of the detector; see: ad describe DETECTOR.",
    ),
    click.option(
        "--contamination", type=float, metavar="SHARE", help="Share of the rows to flag.  [0.1]"
    ),
    click.option(
        "--threshold",
        metavar="RULE|NUMBER",
        help="quantile, holdout, mad, conformal, or the score from which a row is flagged.  "
        "[quantile]",
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help=f"Of the detector.  [{SEED}]"
    ),
)


@frozen(kw_only=True)
class Fitting:
    """What to fit; the options that `fitting_options` adds."""

    method: str | None
    params: tuple[str, ...]
    contamination: float | None
    threshold: str | None
    seed: int | None


def fitting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, which reach the command as one argument `fitting`."""

    @wraps(command)
    def with_fitting(**arguments: Any) -> Any:
        fitting = Fitting(**{name: arguments.pop(name) for name in Fitting.__annotations__})
        return command(fitting=fitting, **arguments)

    wrapped: Callable[..., Any] = with_fitting
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def find_spec(name: str | None, *, series: bool = False) -> DetectorSpec:
    """Look a detector up by name; None for the default one.

    Parameters
    ----------
    name
        What the user asked for.
    series
        Whether the rows are the steps of a series.

    Raises
    ------
    UnknownNameError
        No such detector; for a default one, the message names its package.
    InputError
        The detector is for another kind of data.
    """
    from ad_core.registry import get_registry

    if name is None:
        return _default_spec(series=series)
    spec = get_registry().detectors.get(name).spec
    wanted = {DataKind.TIMESERIES} if series else {DataKind.TABULAR, DataKind.TIMESERIES}
    if not spec.data & wanted:
        kinds = ", ".join(sorted(spec.data))
        what, kind = ("a series", "timeseries") if series else ("a table", "tabular")
        over = f"-m windowed -p detector={spec.name} runs it over windows; " if series else ""
        raise InputError(
            f"{spec.name} is for data of the kind {kinds}, not for {what}; "
            f"{over}see: ad list-detectors --data {kind}"
        )
    return spec


def _default_spec(*, series: bool) -> DetectorSpec:
    from ad_core.registry import get_registry

    name = DEFAULT_SERIES_DETECTOR if series else DEFAULT_DETECTOR
    package = DEFAULT_SERIES_PACKAGE if series else DEFAULT_PACKAGE
    try:
        return get_registry().detectors.get(name).spec
    except UnknownNameError as error:
        if package in _distributions():
            raise
        raise UnknownNameError(
            f"the default detector {name} is not installed: pip install {package}; "
            "or name another one: -m DETECTOR (see: ad list-detectors)"
        ) from error


def _distributions() -> set[str]:
    from ad_core.registry import get_registry

    return {plugin.distribution for plugin in get_registry().plugins}


def fit_detector(spec: DetectorSpec, fitting: Fitting, rows: "Rows") -> "BaseDetector":
    """Build the detector that the options describe, and fit it.

    Raises
    ------
    ParameterError
        An argument is wrong.
    InputError
        The rows cannot be used, or a supervised detector got no labels.
    """
    from ad_core.load import build

    if Capability.SUPERVISED in spec.capabilities and rows.y is None:
        raise InputError(f"{spec.name} learns from labels; name them with --label-column")
    params, limit = arguments(spec, fitting)
    detector = build(spec, params).fit(rows.features, rows.y)
    if limit is not None:
        detector.decision_threshold = limit
    return detector


def arguments(spec: DetectorSpec, fitting: Fitting) -> tuple[dict[str, Any], float | None]:
    """Return the detector's keyword arguments, and the threshold where it is a number."""
    from ad_core.load import parameters, require_available

    params = dict(_pair(text) for text in fitting.params)
    if fitting.contamination is not None:
        _once(params, "contamination", fitting.contamination)
    limit = None
    if fitting.threshold is not None:
        limit = finite(_number(fitting.threshold))
        if limit is None:
            _once(params, "threshold", _value(fitting.threshold))
    require_available(spec)
    seeded = any(one.name == "random_state" for one in parameters(spec))
    if seeded and "random_state" not in params:
        params["random_state"] = SEED if fitting.seed is None else fitting.seed
    elif fitting.seed is not None:
        why = "-p random_state is given" if seeded else f"{spec.name} takes no random_state"
        raise click.UsageError(f"--seed has no effect: {why}")
    return params, limit


def _once(params: dict[str, Any], name: str, value: object) -> None:
    if name in params:
        raise click.UsageError(f"{name} is given twice: as --{name} and as -p {name}")
    params[name] = value


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise click.UsageError(f"-p takes KEY=VALUE, for example -p n_neighbors=20, got {text!r}")
    return key.strip(), _value(value)


def _value(text: str) -> Any:
    """Read a value as JSON, else as Python's None, else as YAML."""
    import yaml

    try:
        return json.loads(text)  # YAML 1.1 takes 1e-3 for a string
    except ValueError:
        pass
    if text.strip() == "None":
        return None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AdError(f"cannot read the value {text!r}: {error}; put text in quotes") from error


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
