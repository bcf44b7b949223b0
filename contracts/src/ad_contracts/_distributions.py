"""What a distribution brings when it is installed, and what a plugin's code imports."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import (
    PackageNotFoundError,
    entry_points,
    metadata,
    packages_distributions,
    requires,
)
from importlib.util import find_spec, resolve_name
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ad_core.registry import GROUP

__all__ = ["brought_by", "imported_libraries", "owners_of", "provides", "unknown_extras"]


@cache
def _providers() -> dict[str, frozenset[str]]:
    """Map each top-level module to the distributions that bring it.

    An editable install lists no modules; those of its entry points stand for it.
    """
    found = {
        module: {canonicalize_name(name) for name in names}
        for module, names in packages_distributions().items()
    }
    for point in entry_points(group=GROUP):
        if point.dist is not None:
            owner = canonicalize_name(point.dist.name)
            found.setdefault(point.module.partition(".")[0], set()).add(owner)
    return {module: frozenset(names) for module, names in found.items()}


def owners_of(module: str) -> frozenset[str]:
    """Return the distributions that bring a top-level module; none for a loose one."""
    return _providers().get(module, frozenset())


def provides(distribution: str, module: str) -> bool:
    """Return whether a distribution brings a top-level module.

    It does when the installed one does, and when it bears the module's name (another
    build of the library, under another name, may be what is installed here).
    """
    own = canonicalize_name(distribution)
    return own == canonicalize_name(module) or own in owners_of(module)


@cache
def brought_by(requirement: str) -> frozenset[str]:
    """Return the names of all distributions that installing `requirement` brings.

    Raises
    ------
    packaging.requirements.InvalidRequirement
        It is not what ``pip install`` takes.
    """
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        one = waiting.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key not in seen:
            seen.add(key)
            waiting += [other for other in _requirements(one.name) if _applies(other, one.extras)]
    return frozenset(name for name, _ in seen)


def _requirements(distribution: str) -> list[Requirement]:
    try:
        return [Requirement(text) for text in requires(distribution) or ()]
    except PackageNotFoundError:
        return []


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def unknown_extras(requirement: Requirement) -> list[str]:
    """Return the extras asked for that the distribution, where it is installed, does not offer."""
    try:
        offered = metadata(requirement.name).get_all("Provides-Extra") or ()
    except PackageNotFoundError:
        return []
    known = {canonicalize_name(extra) for extra in offered}
    return sorted(extra for extra in requirement.extras if canonicalize_name(extra) not in known)


@cache
def imported_libraries(target: str, distribution: str) -> frozenset[str]:
    """Return the top-level modules of other distributions that an import string's code imports.

    The source is read, not run: the target's module, its parents, and the modules of
    the same distribution that they import, inside functions too. What is imported for
    types only, or may be missing (``except ImportError``), does not count; what is not
    installed here does.

    Parameters
    ----------
    target
        An import string.
    distribution
        The distribution whose code it is; the target itself may be another's.
    """
    libraries: set[str] = set()
    seen: set[str] = set()
    waiting = [target.partition(":")[0]]
    while waiting:
        name = waiting.pop()
        root = name.partition(".")[0]
        if name in seen or root in sys.stdlib_module_names:
            continue
        seen.add(name)
        if owners_of(root) - {canonicalize_name(distribution)} or find_spec(root) is None:
            libraries.add(root)
        else:
            waiting += [*_imports(name), *([name.rpartition(".")[0]] if "." in name else [])]
    return frozenset(libraries)


def _imports(module: str) -> list[str]:
    """Return the modules that a module names in its import statements."""
    file = _source_file(module)
    if file is None:
        return []
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    return list(_named(ast.parse(file.read_bytes()), package))


def _source_file(module: str) -> Path | None:
    """Find a module's file without importing its parents; None for an attribute of one."""
    root, *parts = module.split(".")
    found = find_spec(root)
    if found is None:
        return None
    folders = [Path(folder, *parts) for folder in found.submodule_search_locations or ()]
    files = [file for one in folders for file in (one / "__init__.py", Path(f"{one}.py"))]
    files += [] if parts else [Path(found.origin or "")]
    return next((file for file in files if file.suffix == ".py" and file.is_file()), None)


def _named(tree: ast.AST, package: str) -> Iterator[str]:
    for node in _needed(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _needed(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk over the nodes, without what is imported for types only or may be missing."""
    skipped: list[ast.stmt] = []
    if isinstance(tree, ast.If) and ast.unparse(tree.test).endswith("TYPE_CHECKING"):
        skipped += tree.body
    if isinstance(tree, ast.Try) and any(_catches_import(one) for one in tree.handlers):
        skipped += tree.body
    yield tree
    for child in ast.iter_child_nodes(tree):
        if child not in skipped:
            yield from _needed(child)


def _catches_import(handler: ast.ExceptHandler) -> bool:
    caught = "" if handler.type is None else ast.unparse(handler.type)
    return any(name in caught for name in ("ImportError", "ModuleNotFoundError"))
