"""The arguments of a detector, read from the real class: never written down twice."""

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

from attrs import evolve, field, frozen

from ad_core.errors import TargetError
from ad_core.load._importing import import_target
from ad_core.load._types import (
    from_annotation,
    from_constraints,
    from_docstring,
    with_default,
)
from ad_core.spec import DetectorSpec

__all__ = ["COMMON", "Parameter", "class_parameters", "parameters"]


@frozen(kw_only=True)
class Parameter:
    """One keyword argument.

    Parameters
    ----------
    name
        The keyword.
    default
        Its default; meaningless when `required`.
    required
        Whether it has no default.
    schema
        JSON Schema of its values; empty when nothing is known.
    doc
        One line of documentation.
    """

    name: str
    default: Any = None
    required: bool = False
    schema: Mapping[str, Any] = field(factory=dict)
    doc: str = ""


COMMON = (
    Parameter(
        name="contamination",
        default=0.1,
        schema={"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        doc="Share of the training rows to flag; sets the decision threshold.",
    ),
    Parameter(
        name="threshold",
        default="quantile",
        schema={
            "anyOf": [
                {"enum": ["quantile", "holdout", "mad", "conformal", None]},
                {
                    "type": "object",
                    "properties": {"kind": {"enum": ["quantile", "holdout", "mad", "conformal"]}},
                    "required": ["kind"],
                },
            ]
        },
        doc="How the decision threshold is found: a strategy's name, a mapping with its "
        "'kind' and arguments, or None for no threshold.",
    ),
)
"""The arguments that every detector has, because `BaseDetector` owns them."""

_OWNED = frozenset(parameter.name for parameter in COMMON)


@cache
def class_parameters(cls: type[Any]) -> tuple[Parameter, ...]:
    """Read the arguments of a class, without those that every detector has.

    The signature gives names and defaults; types and ranges come from the
    annotations, else from scikit-learn's ``_parameter_constraints``, else from
    the NumPy-style docstring, which also gives the line of documentation.

    Raises
    ------
    TargetError
        The constructor hides its arguments behind ``*args`` or ``**kwargs``.
    """
    constructor = cls.__init__
    if constructor is object.__init__:
        return ()
    hints = _hints(cls, constructor)
    docs = _docstring_parameters(cls)
    constraints = getattr(cls, "_parameter_constraints", {})
    found = []
    for name, argument in list(inspect.signature(constructor).parameters.items())[1:]:
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            raise TargetError(
                f"{cls.__module__}.{cls.__qualname__} takes *args or **kwargs, "
                "so its arguments cannot be read; name each one in its __init__"
            )
        if name in _OWNED:
            continue
        type_text, doc = docs.get(name, ("", ""))
        if name in hints:
            schema = from_annotation(hints[name])
        elif name in constraints:
            schema = from_constraints(constraints[name])
        else:
            schema = from_docstring(f"{type_text} {doc}" if "{" in doc else type_text)
        required = argument.default is argument.empty
        default = None if required else argument.default
        found.append(
            Parameter(
                name=name,
                default=default,
                required=required,
                schema=schema if required else with_default(schema, default),
                doc=doc,
            )
        )
    return tuple(found)


def parameters(spec: DetectorSpec) -> tuple[Parameter, ...]:
    """Read every argument that a detector takes: its class's own, then the common ones.

    What the spec pins (`fixed`) is left out; its `defaults` replace the class's.

    Raises
    ------
    TargetError
        The spec's target cannot be imported, or it pins what the class does not have.
    """
    own = {parameter.name: parameter for parameter in class_parameters(import_target(spec.target))}
    for name in (*spec.fixed, *spec.defaults):
        if name not in own:
            raise TargetError(
                f"{spec.name}: the spec sets {name!r}, which {spec.target} does not take"
            )
    changed = [
        evolve(parameter, default=spec.defaults[name], required=False)
        if name in spec.defaults
        else parameter
        for name, parameter in own.items()
        if name not in spec.fixed
    ]
    return (*changed, *COMMON)


def _hints(cls: type[Any], constructor: Any) -> dict[str, Any]:
    try:
        return get_type_hints(constructor, include_extras=True)
    except NameError as error:
        raise TargetError(
            f"{cls.__module__}.{cls.__qualname__}: an annotation of __init__ "
            f"cannot be resolved: {error}"
        ) from error


def _docstring_parameters(cls: type[Any]) -> dict[str, tuple[str, str]]:
    """Map each documented argument to (type text, first sentence)."""
    import docstring_parser

    docs: dict[str, tuple[str, str]] = {}
    for base in reversed(cls.__mro__):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        parsed = docstring_parser.parse(text, style=docstring_parser.DocstringStyle.NUMPYDOC)
        for entry in parsed.params:
            if entry.args[0] != "param":
                continue
            for name in entry.arg_name.split(","):
                docs[name.strip(" *")] = (entry.type_name or "", _sentence(entry.description or ""))
    return docs


_ROLE = re.compile(r":[a-z:]+:`~?([^`<]*?)(?: *<[^`]*>)?`")
"""A reference in reStructuredText, such as :meth:`fit`."""


def _sentence(text: str) -> str:
    """Return the first sentence of a description, on one line."""
    plain = _ROLE.sub(r"`\1`", text)
    paragraphs = [" ".join(part.split()) for part in plain.split("\n\n")]
    said = [part for part in paragraphs if part and not part.startswith("{")]
    paragraph = said[0] if said else ""
    for stop in (". ", ".. "):
        head, found, _ = paragraph.partition(stop)
        if found and not head.endswith((" e.g", " i.e", "(e.g", "(i.e")):
            paragraph = head + "."
    return paragraph
