"""The lines of Python that show a failure: the check's own body, made to stand by itself."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any

from attrs import fields

import ad_core.spec
from ad_contracts._cases import Case
from ad_contracts._check import AnySpec
from ad_contracts._find import reference_to
from ad_contracts._scenario import Scenario
from ad_contracts._table import load_table

__all__ = ["reproduction"]

_SHOWN_ELSEWHERE = ("deviations",)
"""Fields that change nothing about what a check sees."""
_EMPTY: tuple[Any, ...] = (None, "", (), {})


def reproduction(case: Case) -> str:
    """Return a script that runs the case's check and raises what it found."""
    function = case.check.function
    names = list(inspect.signature(function).parameters)
    name = reference_to(case.spec)
    subject = _source(case.spec) if name is None else repr(name)
    imports, loaders, setup = [], ["load_subject"], [f"{names[0]} = load_subject({subject})"]
    if case.scenario is not None and _is_registered(case.scenario):
        loaders.insert(0, "load_sample")
        setup.append(f"{names[1]} = load_sample({case.scenario.name!r})")
    elif case.scenario is not None:
        imports.append(_import_of(case.scenario.make))
        setup.append(f"{names[1]} = {case.scenario.make.__name__}()")
    body = _body(function)
    if body is None:
        imports.append(_import_of(function))
        body = [f"{function.__name__}({', '.join(names)})"]
    else:
        imports += _imports(function, "\n".join(body))
    imports.append(f"from ad_contracts import {', '.join(loaders)}")
    if name is None:
        imports.append(f"from ad_core.spec import {', '.join(_specs_in(subject))}")
    lines = sorted({*imports}, key=lambda line: (line.startswith("from"), line))
    return "\n".join([*lines, "", *setup, *body]) + "\n"


def _is_registered(scenario: Scenario) -> bool:
    return load_table().scenarios.get(scenario.name) == scenario


def _import_of(function: Callable[..., Any]) -> str:
    return f"from {function.__module__} import {function.__name__}"


def _body(function: Callable[..., None]) -> list[str] | None:
    """Return the lines below the docstring; None where they cannot stand by themselves."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):  # made without a file
        return None
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.FunctionDef):
        return None
    if any(isinstance(node, ast.Return) for node in ast.walk(definition)):
        return None
    docstring = definition.body[0]
    lines = source.splitlines()[docstring.end_lineno : definition.end_lineno]
    return textwrap.dedent("\n".join(lines)).splitlines()


def _imports(function: Callable[..., None], body: str) -> list[str]:
    """Return the imports of the globals that the body uses."""
    known = function.__globals__
    used = sorted(
        {
            node.id
            for node in ast.walk(ast.parse(body))
            if isinstance(node, ast.Name) and node.id in known
        }
    )
    modules = [name for name in used if isinstance(known[name], ModuleType)]
    others = [name for name in used if name not in modules]
    lines = [_module_import(name, known[name].__name__) for name in modules]
    if others:
        lines.append(f"from {function.__module__} import {', '.join(others)}")
    return lines


def _module_import(name: str, module: str) -> str:
    return f"import {module}" if name == module else f"import {module} as {name}"


def _source(spec: AnySpec) -> str:
    """Return a call that makes the spec again, with the fields that are not empty."""
    names = [
        one.name for one in fields(type(spec)) if one.init and one.name not in _SHOWN_ELSEWHERE
    ]
    values = {name: _plain(getattr(spec, name)) for name in names}
    given = [f"{name}={value!r}" for name, value in values.items() if value not in _EMPTY]
    return f"{type(spec).__name__}({', '.join(given)})"


def _specs_in(source: str) -> list[str]:
    """Return the classes of specs that a source calls."""
    return sorted({*ad_core.spec.__all__} & {*re.findall(r"(\w+)\(", source)})


def _plain(value: Any) -> Any:
    """Turn words of the vocabulary, sets and mappings into literals."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return tuple(sorted(_plain(one) for one in value))
    return value
