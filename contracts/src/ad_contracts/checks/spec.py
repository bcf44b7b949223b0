"""What the spec says is true: its target, its arguments, what it needs, its names."""

import inspect
import json
import re
import sys
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ad_contracts import DetectorSubject, cases, check
from ad_contracts._distributions import (
    brought_by,
    imported_libraries,
    owners_of,
    provides,
    unknown_extras,
)
from ad_contracts._fresh import python
from ad_contracts.expect import expect, violation
from ad_core.detector import AdapterDetector, BaseDetector
from ad_core.errors import ParameterError, TargetError
from ad_core.load import check_arguments, import_target, json_schema
from ad_core.registry import Entry, get_registry
from ad_core.spec import DetectorSpec, Family

__all__ = [
    "arguments_are_documented",
    "arguments_can_be_read",
    "arguments_have_a_schema",
    "arguments_have_defaults",
    "defaults_are_allowed",
    "deviations_name_cases",
    "extra_brings_the_modules",
    "libraries_are_required",
    "listing_imports_no_library",
    "names_are_its_own",
    "references_are_given",
    "summary_fits_a_list",
    "target_is_a_detector",
]

_HIDING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_YEAR_OR_LINK = re.compile(r"\b(1[6-9]|20)\d\d\b|doi|https?://", re.IGNORECASE)

_LISTING = """
import sys
from importlib.metadata import EntryPoint
from ad_core.registry import GROUP, Registry
Registry([])
before = {*sys.modules}
row, = Registry([EntryPoint("it", sys.argv[1], GROUP)]).plugins
if row.error:
    sys.exit(row.error)
print(*{name.partition(".")[0] for name in {*sys.modules} - before})
"""


def _registered(spec: DetectorSpec) -> bool:
    return any(entry.spec == spec for entry in get_registry().detectors)


def _needs_modules(spec: DetectorSpec) -> bool:
    return bool(spec.modules)


def _registered_and_no_baseline(spec: DetectorSpec) -> bool:
    return _registered(spec) and spec.family is not Family.BASELINE


def _has_deviations(spec: DetectorSpec) -> bool:
    return bool(spec.deviations)


def _entry(subject: DetectorSubject) -> Entry[DetectorSpec]:
    assert subject.entry is not None  # the checks that ask apply to registered specs
    return subject.entry


def _plugin_module(subject: DetectorSubject) -> str:
    name = _entry(subject).plugin
    return next(row.module for row in get_registry().plugins if row.name == name)


@cache
def _loaded_by_listing(module: str) -> tuple[str, ...]:
    """Return the top-level modules that a plugin's registration imports in a new process."""
    return tuple(sorted({*python(_LISTING, module).split()} - sys.stdlib_module_names))


@check(when=_registered)
def listing_imports_no_library(subject: DetectorSubject) -> None:
    """Registering the plugin imports its own modules and nothing that computes."""
    module = _plugin_module(subject)
    own = {canonicalize_name(_entry(subject).distribution), "ad-core"}
    loaded = [name for name in _loaded_by_listing(module) if owners_of(name) - own]
    expect(not loaded, f"{module} to import nothing but ad_core.spec", f"{', '.join(loaded)} too")


@check()
def target_is_a_detector(subject: DetectorSubject) -> None:
    """The target is a class: a `BaseDetector`, or one that an `AdapterDetector` drives."""
    spec = subject.spec
    base = AdapterDetector if spec.adapter else BaseDetector
    target, driver = _named(spec.target), _named(spec.adapter or spec.target)
    expect(inspect.isclass(target), f"{spec.target} to be a class", repr(target))
    expect(
        inspect.isclass(driver) and issubclass(driver, base),
        f"{spec.adapter or spec.target} to be a subclass of {base.__name__}",
        repr(driver),
    )


def _named(target: str) -> Any:
    try:
        return import_target(target)
    except TargetError as error:
        raise violation(f"{target} to lead to an object", str(error)) from error


@check()
def arguments_can_be_read(subject: DetectorSubject) -> None:
    """The constructor names each argument: no ``*args``, no ``**kwargs``."""
    constructor = inspect.signature(import_target(subject.spec.target))
    hidden = [str(one) for one in constructor.parameters.values() if one.kind in _HIDING]
    got = f"{', '.join(hidden)} in {subject.spec.target}"
    expect(not hidden, "every argument to have a name in the constructor", got)


@check()
def arguments_are_documented(subject: DetectorSubject) -> None:
    """The docstring says something of each argument."""
    silent = [one.name for one in subject.parameters if not one.doc]
    where = f"the section Parameters of {subject.spec.target}"
    expect(not silent, f"{where} to explain every argument", f"nothing on {', '.join(silent)}")


@check()
def arguments_have_defaults(subject: DetectorSubject) -> None:
    """The detector can be built without arguments."""
    required = [one.name for one in subject.parameters if one.required]
    rule = "a default for every argument, from the class or the spec's `defaults`"
    expect(not required, rule, f"none for {', '.join(required)}")


@check()
def arguments_have_a_schema(subject: DetectorSubject) -> None:
    """The arguments have a valid JSON Schema, which states each default."""
    schema = json_schema(subject.spec)
    fault = _schema_fault(schema)
    expect(not fault, "a valid JSON Schema of the arguments", fault)
    stated = {name for name, one in schema["properties"].items() if "default" in one}
    unstated = sorted({*schema["properties"]} - stated - {*schema["required"]})
    expect(not unstated, "defaults that JSON can express", f"others for {', '.join(unstated)}")


def _schema_fault(schema: dict[str, Any]) -> str:
    """Return what is wrong with a JSON Schema; empty when nothing is."""
    try:
        json.dumps(schema, allow_nan=False)
        Draft202012Validator.check_schema(schema)
    except (TypeError, ValueError) as error:
        return str(error)
    except SchemaError as error:
        return f"{error.message} at {error.json_path}"
    return ""


@check()
def defaults_are_allowed(subject: DetectorSubject) -> None:
    """Each default is of the type and in the range that the argument states."""
    for one in [one for one in subject.parameters if not one.required]:
        try:
            check_arguments(subject.name, subject.parameters, {one.name: one.default})
        except ParameterError as error:
            raise violation(f"the default of {one.name!r} to be allowed", str(error)) from error


@check(when=_registered)
def libraries_are_required(subject: DetectorSubject) -> None:
    """Each library that the code imports is required by the distribution, or among `modules`."""
    spec, own = subject.spec, _entry(subject).distribution
    code = [spec.target, *([spec.adapter] if spec.adapter else [])]
    imported = {name for one in code for name in imported_libraries(one, own)} - {*spec.modules}
    backends = [owner for module in spec.modules for owner in owners_of(module)]
    brought = {name for one in (own, *backends) for name in brought_by(one)}
    absent = sorted(name for name in imported if not any(provides(one, name) for one in brought))
    rule = f"what the code imports to be a requirement of {own} or among the spec's `modules`"
    expect(not absent, rule, f"{', '.join(absent)}, which neither brings")


@check(when=_needs_modules)
def extra_brings_the_modules(subject: DetectorSubject) -> None:
    """``pip install`` of `extra` brings each of `modules`."""
    extra, modules = subject.spec.extra, subject.spec.modules
    try:
        unknown = unknown_extras(Requirement(extra))
    except InvalidRequirement as error:
        raise violation("`extra` to be what pip installs", repr(extra)) from error
    expect(not unknown, f"an extra of its distribution in {extra!r}", f"none called {unknown}")
    absent = [name for name in modules if not any(provides(one, name) for one in brought_by(extra))]
    got = f"nothing that provides {', '.join(absent)}"
    expect(not absent, f"{extra!r} to bring {', '.join(modules)}", got)


@check(when=_registered)
def names_are_its_own(subject: DetectorSubject) -> None:
    """No other plugin registers the name or an alias."""
    own = {subject.spec.name, *subject.spec.aliases}
    clashes = [one.message for one in get_registry().detectors.clashes() if one.name in own]
    expect(not clashes, "a name and aliases that nobody else has", "; ".join(clashes))


@check(when=_registered)
def summary_fits_a_list(subject: DetectorSubject) -> None:
    """The summary has at most 100 characters, and no full stop at its end."""
    summary = subject.spec.summary
    fits = len(summary) <= 100 and not summary.rstrip().endswith(".")
    expect(fits, "a summary of at most 100 characters without a full stop", repr(summary))


@check(when=_registered_and_no_baseline)
def references_are_given(subject: DetectorSubject) -> None:
    """There is a reference, and each has a year, a DOI or a link."""
    references = subject.spec.references
    expect(references, "a reference to the method", "none")
    vague = [one for one in references if not _YEAR_OR_LINK.search(one)]
    expect(not vague, "a year, a DOI or a link in each reference", repr(vague))


@check(when=_has_deviations)
def deviations_name_cases(subject: DetectorSubject) -> None:
    """Each deviation names a check, and a scenario, that apply to the detector."""
    for one in subject.spec.deviations:
        met = [case for case in cases([subject.spec], only=[one.check]) if case.deviation is one]
        where = f"{one.check}{f' in {one.scenario}' if one.scenario else ''}"
        expect(met, f"the deviation {where} to name a case of {subject.name}", "no such case")
