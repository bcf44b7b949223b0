"""The JSON Schemas of what a results folder holds, and checking against them."""

import json
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import fastjsonschema

from ad_core.errors import ResultsError

__all__ = ["Kind", "load_schema", "validate"]


class Kind(StrEnum):
    """A kind of JSON file in a results folder; the value names its schema file."""

    RECORD = "results"
    CONFIG = "config"
    ENVIRONMENT = "environment"
    LEADERBOARD = "leaderboard"


@cache
def _compiled(kind: Kind) -> Callable[[object], object]:
    """Return what raises for most that does not fit; it takes a tenth of jsonschema's time."""
    check: Callable[[object], object] = fastjsonschema.compile(
        load_schema(kind), use_default=False, use_formats=False
    )
    return check


def load_schema(kind: Kind = Kind.RECORD) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file."""
    path = files("ad_core.results").joinpath("schemas", f"{kind}-schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def validate(values: object, where: str, kind: Kind = Kind.RECORD) -> None:
    """Check the plain data of a file.

    Parameters
    ----------
    values
        What the file holds.
    where
        How messages call it.
    kind
        What it should be.

    Raises
    ------
    ResultsError
        It does not fit the schema; the message names the key and the rule.
    """
    try:
        _compiled(kind)(values)
    except fastjsonschema.JsonSchemaValueException:
        _explain(values, where, kind)


def _explain(values: object, where: str, kind: Kind) -> None:
    """Raise for what does not fit."""
    from jsonschema import Draft202012Validator

    schema = load_schema(kind)
    found = Draft202012Validator(schema).iter_errors(values)
    errors = sorted(found, key=lambda error: list(map(str, error.path)))
    if errors:
        first = errors[0]
        key = ".".join(map(str, first.absolute_path)) or "the whole"
        title = str(schema["title"]).lower()
        raise ResultsError(f"{where} is not a valid {title}: {key}: {first.message}")
