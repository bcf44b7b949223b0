"""Every job of the project. `nox -l` lists them; `nox -s tests` runs the test suite."""

from itertools import combinations
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "types", "imports", "docs", "wheels", "alone", "tests"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")

PARTS = {
    "core": "ad-core",
    "plugins/classical": "ad-classical",
    "plugins/deep": "ad-deep",
    "plugins/timeseries": "ad-timeseries",
    "datasets_plugins/tabular": "ad-datasets-tabular",
    "datasets_plugins/timeseries": "ad-datasets-timeseries",
    "contracts": "ad-contracts",
}
"""Folder and distribution of every part: the only list of them."""

SOURCES = [
    *("core", "plugins", "datasets_plugins", "contracts"),
    *("tests", "benchmarks", "docs", "conftest.py", "noxfile.py"),
]


def install(session: nox.Session, *arguments: str) -> None:
    """Install within the pins of constraints.txt."""
    session.install("--constraint", str(ROOT / "constraints.txt"), *arguments)


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group of the root pyproject.toml."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


BACKENDS = {"plugins/deep": "[torch]"}
"""Extras without which a part's tests would be skipped."""


def editable_parts() -> list[str]:
    """Return pip's arguments that install every part in place, backends included."""
    places = [f"{folder}{BACKENDS.get(folder, '')}" for folder in PARTS]
    return [argument for place in places for argument in ("--editable", place)]


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test; arguments after -- go to pytest."""
    install(session, *editable_parts(), *group("test"))
    session.run("pytest", *(session.posargs or ["--numprocesses", "2", "--dist", "worksteal"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    install(session, *group("lint"))
    session.run("ruff", "check", *SOURCES)
    session.run("ruff", "format", "--check", *SOURCES)


@nox.session
def types(session: nox.Session) -> None:
    """Check types strictly."""
    install(session, *editable_parts(), *group("types"))
    session.run("mypy", *(f"{folder}/src" for folder in PARTS), "noxfile.py")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that imports run downwards only."""
    install(session, *editable_parts(), *group("imports"))
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site; the generated pages must be up to date."""
    install(session, *editable_parts(), *group("docs"))
    session.run("python", "docs/generate.py", "--check")
    session.run("mkdocs", "build", "--strict", "--site-dir", str(ROOT / "build" / "site"))


ALONE = {
    "ad-classical": "from ad_core import create; create('ecod').fit([[0.0], [1.0], [2.0]])",
    "ad-deep": "from ad_core.load import availability, parameters; "
    "from ad_core import get_registry; "
    "spec = get_registry().detectors.get('autoencoder').spec; "
    "assert availability(spec).message == "
    "\"needs torch: pip install 'ad-deep[torch]'\"; "
    "import sys; assert 'torch' not in sys.modules",
    "ad-timeseries": "from ad_core import create; create('matrix_profile').fit(list(range(99)))",
    "ad-datasets-tabular": "from ad_core import get_registry; "
    "assert get_registry().datasets.get('odds/cardio').spec.n_samples == 1831",
    "ad-datasets-timeseries": "from ad_core import load_dataset; load_dataset('toy-series-spikes')",
}
"""What each plugin must be able to do with nothing but the core beside it."""

OUTSIDE = {"PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
"""Nothing is imported from the checkout."""


def build_wheels(session: nox.Session, *names: str) -> dict[str, str]:
    """Build wheels of distributions and return their absolute paths by name."""
    folder = Path(session.create_tmp()).absolute() / "wheels"
    install(session, "build")
    built = {}
    for part, name in PARTS.items():
        if name in names:
            session.run("python", "-m", "build", "--wheel", "--outdir", folder, part, silent=True)
            built[name] = str(next(folder.glob(f"{name.replace('-', '_')}-*.whl")))
    return built


@nox.session(reuse_venv=False)
def wheels(session: nox.Session) -> None:
    """Install the core alone from its wheel, every plugin beside it, then every subset of them."""
    built = build_wheels(session, *PARTS.values())
    install(session, built.pop("ad-core"))
    session.chdir(session.create_tmp())
    session.run("ad", "list-plugins", env=OUTSIDE)
    session.run("ad", "list-detectors", env=OUTSIDE)
    for name, wheel in built.items():
        install(session, wheel)
        listed = session.run("ad", "list-plugins", "--json", silent=True, env=OUTSIDE)
        if f'"{name}"' not in str(listed):
            session.error(f"{name} is installed but not listed")
    session.run("ad", "list-plugins", "--strict", env=OUTSIDE)
    session.run("ad", "benchmark", ROOT / "examples/quickstart.yaml", env=OUTSIDE)
    for size in range(len(built)):
        for subset in combinations(built, size):
            session.run("pip", "uninstall", "--yes", "--quiet", *built)
            if subset:
                session.install("--no-deps", *(built[name] for name in subset))
            session.run("ad", "list-plugins", "--strict", env=OUTSIDE, silent=True)
            for name in subset:
                session.run("python", "-W", "error", "-c", ALONE[name], env=OUTSIDE)


@nox.session(reuse_venv=False)
@nox.parametrize("name", list(ALONE), ids=list(ALONE))
def alone(session: nox.Session, name: str) -> None:
    """Install one plugin from its wheel, with nothing but the core and what it requires."""
    built = build_wheels(session, "ad-core", name)
    install(session, *built.values())
    session.run("pip", "check")
    session.chdir(session.create_tmp())
    session.run("ad", "list-plugins", "--strict", env=OUTSIDE)
    session.run("python", "-W", "error", "-c", ALONE[name], env=OUTSIDE)


@nox.session
def startup(session: nox.Session) -> None:
    """Measure what a listing costs beside `import numpy`."""
    install(session, *editable_parts())
    session.run("python", "benchmarks/startup.py", *session.posargs)


@nox.session
def changelog(session: nox.Session) -> None:
    """Build CHANGELOG.md from the fragments: nox -s changelog -- --version X.Y.Z."""
    install(session, *group("changelog"))
    session.run("towncrier", "build", *session.posargs)
