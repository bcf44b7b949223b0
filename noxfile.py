"""Every job of the project. `nox -l` lists them; `nox -s tests` runs the test suite."""

import json
import shutil
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = [
    *("lint", "types", "imports", "docs"),
    *("wheels", "alone", "stranger", "tests"),
]
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
    *("tests", "mutation", "benchmarks", "docs", "conftest.py", "noxfile.py"),
]


def install(session: nox.Session, *arguments: str) -> None:
    """Install within the pins of constraints.txt."""
    session.install("--constraint", str(ROOT / "constraints.txt"), *arguments)


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group of the root pyproject.toml."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


BACKENDS = {"core": "[dask,ray,report]", "plugins/deep": "[torch]"}
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
    "ad-contracts": "from ad_contracts import cases, run; "
    "assert all([run(case).ok for case in cases('constant', only=['fit'])])",
}
"""What each plugin must be able to do with nothing but the core beside it."""

OUTSIDE = {"PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
"""Nothing is imported from the checkout."""

QUIET: dict[str, Any] = {"silent": True, "stderr": None, "env": OUTSIDE}
"""How to run a command for what it prints."""


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
    """Install the core alone from its wheel, every plugin beside it, then every subset of them.

    The contract suite reads the others through the registry only, so it is left out of the subsets.
    """
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
    session.run("pip", "uninstall", "--yes", "--quiet", *built)
    del built["ad-contracts"]
    for size in range(len(built)):
        for subset in combinations(built, size):
            session.run("pip", "uninstall", "--yes", "--quiet", *built)
            if subset:
                session.install("--no-deps", *(built[name] for name in subset))
            session.run("ad", "list-plugins", "--strict", env=OUTSIDE, silent=True)
            together = "\n".join(ALONE[name] for name in subset)
            session.run("python", "-W", "error", "-c", together, env=OUTSIDE, silent=True)


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


STRANGER = "my-detectors"
"""Name of the plugin that a stranger writes."""

RANKING = """\
name: ranking
datasets: [breast_cancer, toy-blobs]
detectors: [mahalanobis, random, constant]
seeds: [0, 1]
output: ranking
"""
"""An experiment that the stranger's detector has to win."""


@nox.session(reuse_venv=False)
def stranger(session: nox.Session) -> None:
    """Walk a plugin author's path from wheels: write, test, list, check, rank, uninstall."""
    built = build_wheels(session, "ad-core", "ad-contracts")
    install(session, *built.values())
    with TemporaryDirectory() as folder, session.chdir(folder):
        session.run("ad", "new-plugin", STRANGER, env=OUTSIDE)
        install(session, f"./{STRANGER}[test]", "mypy", "ruff")
        with session.chdir(STRANGER):
            session.run("pytest", "--require-backends", env=OUTSIDE)
            session.run("mypy", env=OUTSIDE)
            session.run("ruff", "check", env=OUTSIDE)
            session.run("ruff", "format", "--check", env=OUTSIDE)
        if detectors_of(session, STRANGER) != ["mahalanobis"]:
            session.error(f"ad list-detectors does not show the detector of {STRANGER}")
        session.run("ad", "check", STRANGER, env=OUTSIDE)
        Path("ranking.yaml").write_text(RANKING)
        session.run("ad", "benchmark", "ranking.yaml", env=OUTSIDE)
        board = session.run("ad", "leaderboard", "ranking", "--format", "json", **QUIET)
        if json.loads(str(board))["rows"][0]["model"] != "mahalanobis":
            session.error("the leaderboard does not rank mahalanobis above the null baselines")
        session.run("pip", "uninstall", "--yes", "--quiet", STRANGER)
        if detectors_of(session, STRANGER):
            session.error(f"{STRANGER} is uninstalled and still listed")


def detectors_of(session: nox.Session, distribution: str) -> list[str]:
    """Return what `ad list-detectors` shows of a distribution."""
    listed = json.loads(str(session.run("ad", "list-detectors", "--json", **QUIET)))
    return [one["name"] for one in listed if one["distribution"] == distribution]


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the HTML leaderboard in headless Chromium: loads, sorts, filters, drills down."""
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        session.error("Chromium is not installed; for example: apt-get install chromium")
    install(session, "--editable", "core[report]", *group("test"), *group("browser"))
    shots = Path(session.create_tmp()).absolute()
    session.run("pytest", "tests/html", *session.posargs, env={"AD_SCREENSHOTS": str(shots)})
    session.log(f"screenshots are in {shots}")


@nox.session
def startup(session: nox.Session) -> None:
    """Measure what a listing costs beside `import numpy`."""
    install(session, *editable_parts())
    session.run("python", "benchmarks/startup.py", *session.posargs)


@nox.session
def reproduce(session: nox.Session) -> None:
    """Run ADBench's detectors by its published protocol, and write docs/reproduction.*."""
    install(session, *editable_parts())
    session.run("python", "benchmarks/reproduce_adbench.py", *session.posargs)


@nox.session
def board(session: nox.Session) -> None:
    """Run every unsupervised detector for tables on every set at hand; write docs/board.*."""
    install(session, *editable_parts())
    session.run("python", "benchmarks/board.py", *session.posargs)


@nox.session
def performance(session: nox.Session) -> None:
    """Measure what docs/performance.md shows, and write it there; takes a machine of its own."""
    install(session, *editable_parts(), "matplotlib")
    session.run("python", "benchmarks/performance.py", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the code one place at a time; a change that no test notices must be explained."""
    install(session, *editable_parts(), *group("test"), *group("mutation"))
    session.run("pytest", "-q", "mutation", env={"PYTHONPATH": "mutation"})
    session.run("python", "mutation/run.py", *session.posargs)


@nox.session
def changelog(session: nox.Session) -> None:
    """Build CHANGELOG.md from the fragments: nox -s changelog -- --version X.Y.Z."""
    install(session, *group("changelog"))
    session.run("towncrier", "build", *session.posargs)
