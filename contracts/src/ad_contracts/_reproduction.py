"""The lines of Python that show a failure: the check's own body, made to stand by itself."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any

from attrs import fields

from ad_contracts._cases import Case
from ad_contracts._check import AnySpec
from ad_core.registry import get_registry

__all__ = ["reproduction"]


def reproduction(case: Case) -> str:
    """Return a script that runs the case's check and raises what it found."""
    function = case.check.function
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    body = definition.body[1:]  # after the docstring
    lines = source.splitlines()[body[0].lineno - 1 : definition.end_lineno]
    names = list(inspect.signature(function).parameters)
    setup = [f"{names[0]} = load_subject({_subject(case.spec)})"]
    if case.scenario is not None:
        setup.append(f"{names[1]} = load_sample({case.scenario.name!r})")
    loaders = "load_sample, load_subject" if case.scenario is not None else "load_subject"
    head = [*_imports(function, body), f"from ad_contracts import {loaders}"]
    if "Spec(" in setup[0]:
        head.append(f"from ad_core.spec import {type(case.spec).__name__}")
    return "\n".join([*head, "", *setup, *textwrap.dedent("\n".join(lines)).splitlines()]) + "\n"


def _imports(function: Any, body: list[ast.stmt]) -> list[str]:
    """Return the imports of the globals that the body uses."""
    used = sorted(
        {
            node.id
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and node.id in function.__globals__
        }
    )
    modules = [name for name in used if isinstance(function.__globals__[name], ModuleType)]
    others = [name for name in used if name not in modules]
    lines = [_module_import(name, function.__globals__[name].__name__) for name in modules]
    if others:
        lines.append(f"from {function.__module__} import {', '.join(others)}")
    return lines


def _module_import(name: str, module: str) -> str:
    return f"import {module}" if name == module else f"import {module} as {name}"


def _subject(spec: AnySpec) -> str:
    """Return Python for the argument of `load_subject`: a name where one leads to the spec."""
    registry = get_registry()
    catalogs = (registry.detectors, registry.datasets, registry.metrics)
    registered = (entry for catalog in catalogs for entry in catalog if entry.spec == spec)
    entry = next(registered, None)
    if entry is not None:
        return repr(entry.name)
    return _source(spec)


def _source(spec: AnySpec) -> str:
    """Return a call that makes the spec again, with the fields that are not empty."""
    values = {one.name: _plain(getattr(spec, one.name)) for one in fields(type(spec)) if one.init}
    given = [f"{name}={value!r}" for name, value in values.items() if value or value is False]
    return f"{type(spec).__name__}({', '.join(given)})"


def _plain(value: Any) -> Any:
    """Turn words of the vocabulary, sets and mappings into literals."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return tuple(sorted(_plain(one) for one in value))
    return value
