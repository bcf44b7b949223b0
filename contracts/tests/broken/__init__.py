"""Deliberately broken subjects: for each check at least one that it must catch.

One module a question, as in `ad_contracts.checks`; each has a list ``BROKEN``.
"""

import importlib
import pickle
import sys
from contextlib import contextmanager

from attrs import frozen

from ad_core.registry import get_registry
from ad_core.spec import DetectorSpec


@frozen(kw_only=True)
class Plugin:
    """The distribution that registers a stub.

    `requires` is what its metadata require; `code` and `hook` are lines at the top of
    its plugin module and of the hook in it.
    """

    requires: tuple = ("ad-core",)
    code: str = ""
    hook: str = ""


@frozen(kw_only=True)
class Broken:
    """A subject that fails a check.

    `message` is a regular expression for what the check says of it; `scenario`
    is the name of the scenario to use, where it matters; `plugin` registers it.
    """

    check: str
    spec: object
    message: str
    scenario: str = ""
    plugin: Plugin | None = None


@contextmanager
def installed(spec, plugin, folder):
    """Install the distribution that registers a spec, if there is one, for a while."""
    if plugin is None:
        yield
        return
    name = f"ad_{spec.name}"
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0", *plugin.requires]
    (info / "METADATA").write_text("\nRequires-Dist: ".join(lines) + "\n")
    (info / "entry_points.txt").write_text(f"[ad.plugins]\n{name} = {name}_plugin\n")
    (folder / f"{name}_plugin.py").write_text(
        f"{plugin.code}\n"
        "import pickle\n"
        "from ad_core.hookspecs import hookimpl\n"
        "@hookimpl\n"
        "def ad_detectors():\n"
        f"    {plugin.hook or 'pass'}\n"
        f"    return [pickle.loads({pickle.dumps(spec)!r})]\n"
    )
    _look_again(sys.path.insert, 0, str(folder))
    try:
        yield
    finally:
        _look_again(sys.path.remove, str(folder))
        sys.modules.pop(f"{name}_plugin", None)


def _look_again(change, *arguments):
    change(*arguments)
    importlib.invalidate_caches()
    get_registry.cache_clear()


def detector(kind, /, **fields):
    """Return the spec of a stub class; capabilities are those of a plain good detector."""
    given = {
        "target": f"{kind.__module__}:{kind.__name__}",
        "name": kind.__name__.lower(),
        "summary": "A stub",
        "family": "rule",
        "capabilities": ("novelty", "multivariate", "deterministic", "serializable"),
        **fields,
    }
    return DetectorSpec(**given)


def catching(found):
    """Return a decorator ``caught(check, message, **fields)`` that adds a class to `found`."""

    def caught(check, message, **fields):
        def note(kind):
            found.append(Broken(check=check, spec=detector(kind, **fields), message=message))
            return kind

        return note

    return caught
