"""A new plugin package: names that work, and files that are written whole or not at all."""

import ast
import keyword
import os
import re
import sys
from importlib import metadata, resources, util
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from attrs import asdict, frozen

from ad_core.errors import ParameterError
from ad_core.registry import get_registry

__all__ = ["FILES", "Names", "new_names", "render", "write"]

FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "tests.yml": ".github/workflows/tests.yml",
    "init.py": "src/$package/__init__.py",
    "py.typed": "src/$package/py.typed",
    "plugin.py": "src/$package/plugin.py",
    "detectors_init.py": "src/$package/detectors/__init__.py",
    "detector.py": "src/$package/detectors/$detector.py",
    "test_contract.py": "tests/test_contract.py",
    "test_detectors.py": "tests/test_detectors.py",
}
"""Each file of the folder ``template``, without its suffix ``.in``, and where it goes."""

_DISTRIBUTION = re.compile(r"[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_DETECTOR = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@frozen(kw_only=True)
class Names:
    """What the placeholders of the templates stand for.

    Parameters
    ----------
    distribution
        What ``pip install`` takes; also the folder's and the plugin's name.
    package
        What ``import`` takes.
    detector
        Registered name of the worked detector, and its module's.
    detector_class
        Its class.
    versions
        Range of versions of ad-core and ad-contracts to require.
    """

    distribution: str
    package: str
    detector: str
    detector_class: str
    versions: str


def new_names(name: str, detector: str) -> Names:
    """Check the names of a plugin and its detector, and derive the others.

    Raises
    ------
    ParameterError
        A name cannot be used, or is taken; the message offers another.
    """
    distribution = _new_distribution(name)
    names = Names(
        distribution=distribution,
        package=distribution.replace("-", "_"),
        detector=detector,
        detector_class="".join(word.capitalize() for word in detector.split("_")),
        versions=_range(metadata.version("ad-core")),
    )
    _check_detector(names)
    return names


def _new_distribution(name: str) -> str:
    """Return a distribution name in its normal form, if it can be had."""
    if not _DISTRIBUTION.fullmatch(name):
        raise ParameterError(
            f"{name!r} cannot be a distribution's name: use letters, digits and hyphens, with a "
            "letter first and no hyphen last, for example my-detectors"
        )
    distribution = re.sub(r"[-_.]+", "-", name).lower()
    obstacle = _obstacle(distribution)
    if obstacle:
        raise ParameterError(
            f"a plugin cannot be called {name!r}: {obstacle}; "
            f"choose another name, for example {distribution}-detectors"
        )
    return distribution


def _obstacle(distribution: str) -> str:
    """Say why a name cannot be used; empty when it can."""
    package = distribution.replace("-", "_")
    if keyword.iskeyword(package):
        return f"{package} is a keyword of Python and cannot be imported"
    if package in sys.stdlib_module_names:
        return f"it would hide the module {package} of Python's standard library"
    if _installed(distribution):
        return f"{distribution} {_installed(distribution)} is installed"
    if util.find_spec(package) is not None:
        return f"the module {package} exists in this environment"
    for plugin in get_registry().plugins:
        if plugin.name == distribution:
            return f"{plugin.distribution} registers a plugin of that name"
    return ""


def _installed(distribution: str) -> str:
    """Return the version of an installed distribution; empty for one that is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _check_detector(names: Names) -> None:
    detector = names.detector
    remedy = "give another: --detector NAME"
    if not _DETECTOR.fullmatch(detector):
        raise ParameterError(
            f"{detector!r} cannot be a detector's name: use snake_case, for example "
            "--detector robust_distance"
        )
    made = (detector, names.detector_class)
    if any(map(keyword.iskeyword, made)) or names.detector_class in _imported(names):
        raise ParameterError(
            f"a detector called {detector!r} would make a module or a class whose name Python "
            f"or the module uses already; {remedy}"
        )
    for entry in get_registry().detectors:
        if detector in (entry.name, *entry.spec.aliases):
            raise ParameterError(
                f"{entry.distribution} registers a detector called {detector!r}; {remedy}"
            )


def _imported(names: Names) -> set[str]:
    """Return the names that the module of the worked detector imports."""
    module = ast.parse(render(names)[f"src/{names.package}/detectors/{names.detector}.py"])
    imports = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {one.asname or one.name for node in imports for one in node.names}


def _range(version: str) -> str:
    """Return the versions that go with an installed one, for example ``>=0.1,<0.2``."""
    public = version.partition("+")[0]
    major, minor = map(int, public.split(".")[:2])
    least = f"{major}.{minor}" if re.fullmatch(r"[\d.]+", public) else public
    return f">={least},<{f'0.{minor + 1}' if major == 0 else major + 1}"


def render(names: Names) -> dict[str, str]:
    """Return the text of every file, by its path in the new folder."""
    folder = resources.files("ad_contracts") / "template"
    values = asdict(names)
    return {
        Template(path).substitute(values): Template(
            (folder / f"{source}.in").read_text(encoding="utf-8")
        ).substitute(values)
        for source, path in FILES.items()
    }


def write(names: Names, into: Path) -> Path:
    """Write the package to a new folder in `into`, whole or not at all, and return its path.

    Raises
    ------
    ParameterError
        `into` is no folder, or holds something of that name.
    OSError
        A file cannot be written; nothing is left behind.
    """
    if not into.is_dir():
        raise ParameterError(f"there is no folder {into}; make it first, or leave out --into")
    target = into / names.distribution
    if os.path.lexists(target):
        raise ParameterError(
            f"{target} exists; choose another name, or another folder with --into FOLDER"
        )
    with TemporaryDirectory(dir=into, prefix=f".{names.distribution}.") as hidden:
        folder = Path(hidden) / names.distribution
        for path, text in render(names).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        folder.rename(target)
    return target
