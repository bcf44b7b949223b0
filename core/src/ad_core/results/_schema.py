"""The JSON Schema of a record file, and checking against it."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from ad_core.errors import ResultsError

__all__ = ["load_schema", "validate"]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(load_schema())


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record file."""
    text = files("ad_core.results").joinpath("results-schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def validate(values: object, where: str) -> None:
    """Check a record's plain data.

    Parameters
    ----------
    values
        What the file holds.
    where
        How messages call it.

    Raises
    ------
    ResultsError
        It does not fit the schema; the message names the key and the rule.
    """
    errors = sorted(_validator().iter_errors(values), key=lambda error: list(map(str, error.path)))
    if errors:
        first = errors[0]
        key = ".".join(map(str, first.absolute_path)) or "the whole"
        raise ResultsError(f"{where} is not a valid run record: {key}: {first.message}")
