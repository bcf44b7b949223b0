"""What ``ad describe`` says of a detector."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any

import click

from ad_core.cli._listing import identity
from ad_core.cli._output import print_pairs, print_table
from ad_core.errors import AdError
from ad_core.load import Parameter, availability, json_schema, parameters
from ad_core.load._schema import accepts
from ad_core.registry import Entry
from ad_core.spec import Capability, DataKind, DetectorSpec, Hardware, Learning

__all__ = ["detector_as_json", "meaning", "print_detector"]


def print_detector(entry: Entry[DetectorSpec]) -> None:
    """Describe a detector for people."""
    spec = entry.spec
    click.echo(f"{entry.full_name}: {spec.summary}\n")
    print_pairs(
        {
            "aliases": ", ".join(spec.aliases),
            "from": f"{entry.distribution} {entry.version}",
            "class": spec.target,
            "family": spec.family,
            "data": _explained(spec.data),
            "learning": _explained([spec.learning]),
            "hardware": ", ".join(sorted(spec.hardware)),
            "available": _available(spec),
            "fixed": ", ".join(f"{name}={value!r}" for name, value in spec.fixed.items()),
        }
    )
    if spec.capabilities:
        click.echo("\nCapabilities")
        print_pairs({f"  {one}": meaning(one) for one in sorted(spec.capabilities)})
    _print_parameters(spec)
    for title, lines in (
        ("References", spec.references),
        ("Known deviations from the contract", _deviations(spec)),
    ):
        if lines:
            click.echo(f"\n{title}")
            print_pairs({f"  {number}.": line for number, line in enumerate(lines, start=1)})


def detector_as_json(entry: Entry[DetectorSpec]) -> dict[str, Any]:
    """Describe a detector as data; `parameters` is a JSON Schema, null where it cannot be read."""
    spec = entry.spec
    found = availability(spec)
    schema, problem = None, None
    try:
        schema = json_schema(spec) if found else None
    except AdError as error:
        problem = str(error)
    return {
        **identity(entry),
        "target": spec.target,
        "family": spec.family,
        "data": sorted(spec.data),
        "learning": spec.learning,
        "capabilities": {str(one): meaning(one) for one in sorted(spec.capabilities)},
        "hardware": sorted(spec.hardware),
        "available": bool(found),
        "missing": list(found.missing),
        "remedy": found.remedy,
        "fixed": {name: value for name, value in spec.fixed.items() if _is_plain(value)},
        "parameters": schema,
        "parameters_problem": problem if found else found.message,
        "references": list(spec.references),
        "deviations": [
            {"check": one.check, "reason": one.reason, "issue": one.issue}
            for one in spec.deviations
        ],
    }


def meaning(member: StrEnum) -> str:
    """Return the line of documentation that stands below an enum's member."""
    return _meanings(type(member)).get(member.name, "").replace("`", "")


@cache
def _meanings(kind: type[StrEnum]) -> dict[str, str]:
    import docstring_parser

    attributes = docstring_parser.parse_from_object(kind).params
    return {one.arg_name: " ".join((one.description or "").split()) for one in attributes}


def _explained(members: Iterable[Capability | DataKind | Hardware | Learning]) -> str:
    return "; ".join(f"{one}: {meaning(one)}" for one in sorted(members))


def _available(spec: DetectorSpec) -> str:
    found = availability(spec)
    return "yes" if found else f"no, {found.message}"


def _deviations(spec: DetectorSpec) -> list[str]:
    return [
        f"{one.check}: {one.reason}" + (f" ({one.issue})" if one.issue else "")
        for one in spec.deviations
    ]


def _print_parameters(spec: DetectorSpec) -> None:
    click.echo("\nParameters")
    found = availability(spec)
    if not found:
        click.echo(f"  can be read once it is installed: {found.remedy}")
        return
    try:
        known = parameters(spec)
    except AdError as error:
        click.echo(f"  cannot be read: {error}")
        return
    print_table(
        ("name", "accepts", "default", "meaning"),
        [(one.name, _accepted(one), _default(one), one.doc) for one in known],
    )


def _accepted(parameter: Parameter) -> str:
    return accepts(parameter.schema) if parameter.schema else "anything"


def _default(parameter: Parameter) -> str:
    return "required" if parameter.required else repr(parameter.default)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
