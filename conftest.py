"""Throw-away distributions, and the command ``ad`` in this process or in one of its own."""

import importlib
import importlib.metadata
import os
import signal
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field, frozen

from ad_core.cli import main
from ad_core.registry import _discovery, get_registry

pytest_plugins = ["pytester"]


def pytest_configure() -> None:
    """Hear Ctrl-C, which some tests send: what a script starts with ``&`` is deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


CENTER = '''
import time
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from ad_core.detector import BaseDetector


class Center(BaseDetector):
    """Distance from the center.

    Parameters
    ----------
    power
        Exponent of the norm. One is the city-block distance.
    method
        What the center is.
    """

    def __init__(
        self, power: Annotated[int, Ge(1)] = 2, method: Literal["mean", "median"] = "mean"
    ) -> None:
        self.power = power
        self.method = method

    def _fit(self, X, y):
        self.center_ = getattr(np, self.method)(X, axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, ord=self.power, axis=1)


class Noise(BaseDetector):
    """Random scores.

    Parameters
    ----------
    random_state
        Seed.
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def _fit(self, X, y):
        self.seed_ = self._int_seed()

    def _score(self, X):
        return np.random.default_rng(self.seed_).random(len(X))


class Taught(BaseDetector):
    """Distance from the mean of the normal rows."""

    _needs_labels = True

    def _fit(self, X, y):
        self.center_ = X[y == 0].mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)


class Slow(BaseDetector):
    """Takes its time, or fails.

    Parameters
    ----------
    seconds
        How long `fit` takes.
    fails
        Whether it raises.
    """

    def __init__(self, seconds: float = 0.0, fails: bool = False) -> None:
        self.seconds = seconds
        self.fails = fails

    def _fit(self, X, y):
        time.sleep(self.seconds)
        if self.fails:
            raise RuntimeError("no luck")

    def _score(self, X):
        return X[:, 0]


class Tolerant(BaseDetector):
    """Counts missing values."""

    _accepts_missing = True

    def _fit(self, X, y):
        pass

    def _score(self, X):
        return np.isnan(X).sum(axis=1).astype(float)
'''

HEALTHY = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec, DetectorSpec, Deviation


@hookimpl
def ad_detectors():
    return [
        DetectorSpec(
            name="center",
            target="healthy_detectors:Center",
            summary="Distance from the center",
            family="proximity",
            aliases=("middle",),
            capabilities=("novelty", "deterministic", "serializable"),
            references=("Nobody 1900, doi:10.0/0",),
            deviations=(Deviation(check="one_row", reason="needs two"),),
        ),
        DetectorSpec(
            name="noise",
            target="healthy_detectors:Noise",
            summary="Noise from a seed",
            family="baseline",
            capabilities=("novelty", "seeded"),
        ),
        DetectorSpec(
            name="taught",
            target="healthy_detectors:Taught",
            summary="Learns from labels",
            family="proximity",
            learning="supervised",
            capabilities=("supervised",),
        ),
        DetectorSpec(
            name="slow",
            target="healthy_detectors:Slow",
            summary="Takes its time",
            family="rule",
            capabilities=("novelty", "deterministic"),
        ),
        DetectorSpec(
            name="tolerant",
            target="healthy_detectors:Tolerant",
            summary="Takes missing values",
            family="rule",
            capabilities=("missing_values",),
        ),
        DetectorSpec(
            name="of_pictures",
            target="healthy_detectors:Center",
            summary="For images",
            family="neural",
            data=("image",),
            hardware=("cpu", "gpu"),
        ),
        DetectorSpec(
            name="needy",
            target="nowhere_at_all.sub:Thing",
            summary="Needs a library that is not installed",
            family="neural",
            modules=("nowhere_at_all",),
            extra="nowhere-at-all[fast]",
        ),
    ]


@hookimpl
def ad_datasets():
    return [
        DatasetSpec(
            name="center",
            target="healthy_detectors:load",
            summary="A data set by the name of a detector",
            construction="none",
            citation="nobody",
            licence="MIT",
        )
    ]
"""


@frozen
class Result:
    """What a command printed and its exit status."""

    status: int
    out: str
    err: str


@define
class Site:
    """A folder of throw-away distributions, laid out as an installer lays them out."""

    path: Path
    modules: set[str] = field(factory=set)

    def add(self, name: str, source: str, *, version: str = "1.0", **modules: str) -> None:
        """Install a distribution whose plugin module holds `source`, beside other modules."""
        plugin = f"{name.replace('-', '_')}_plugin"
        info = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[ad.plugins]\n{name} = {plugin}\n")
        for module, text in {plugin: source, **modules}.items():
            (self.path / f"{module}.py").write_text(textwrap.dedent(text))
            self.modules.add(module)

    def add_healthy(self) -> None:
        """Install a distribution with nothing wrong."""
        self.add("healthy", HEALTHY, version="1.2", healthy_detectors=CENTER)


@pytest.fixture
def site(tmp_path: Path, new_site: Callable[[Path], Site]) -> Site:
    """An empty folder of distributions; nothing looks into it yet."""
    return new_site(tmp_path / "site")


@pytest.fixture(scope="session")
def new_site() -> Callable[[Path], Site]:
    """Make a folder of distributions, for tests that share one."""

    def new_site(folder: Path) -> Site:
        folder.mkdir()
        _end_pool()
        return Site(folder)

    return new_site


def _end_pool() -> None:
    """End joblib's pool, whose processes look for modules where this one did when they began."""
    loky = sys.modules.get("joblib.externals.loky")
    if loky is not None:
        loky.get_reusable_executor(max_workers=1).shutdown(wait=True)


@pytest.fixture
def beside() -> frozenset[str]:
    """Return the names of the installed distributions that `ad` sees; a part may override it."""
    return frozenset({"ad-core"})


@pytest.fixture
def installed(
    site: Site, beside: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """See the distributions of `site` and those `beside` them only; call it to look again."""

    def found(group: str) -> list[importlib.metadata.EntryPoint]:
        return [
            point
            for point in importlib.metadata.entry_points(group=group)
            if point.dist is not None
            and (point.dist.name in beside or Path(str(point.dist._path)).parent == site.path)
        ]

    def look_again() -> None:
        get_registry.cache_clear()
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(site.path)
    monkeypatch.setattr(_discovery, "entry_points", found)
    yield look_again
    get_registry.cache_clear()
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def ad(installed: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run ``ad`` in this process, with the distributions that are `installed`."""

    def run(*arguments: object) -> Result:
        installed()
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    return run


@pytest.fixture
def ad_process(site: Site) -> Callable[..., Result]:
    """Run ``ad`` in a process of its own that sees the distributions of `site`."""

    def run(*arguments: object, **environment: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "ad_core", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(site.path), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def lay_out() -> Callable[[Path], dict[str, str]]:
    """Make a project's sources look installed; return the environment in which they are found."""

    def lay_out(root: Path) -> dict[str, str]:
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
        name, version = project["name"], project["version"]
        extras = project.get("optional-dependencies", {})
        info = root / "src" / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = [
            *("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"),
            *(f"Requires-Dist: {one}" for one in project["dependencies"]),
            *(f"Provides-Extra: {extra}" for extra in extras),
            *(
                f'Requires-Dist: {one}; extra == "{extra}"'
                for extra in extras
                for one in extras[extra]
            ),
        ]
        (info / "METADATA").write_text("\n".join(lines))
        points = project["entry-points"]["ad.plugins"]
        lines = ["[ad.plugins]", *(f"{point} = {module}" for point, module in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines))
        paths = os.pathsep.join([str(root / "src"), *sys.path])
        return {**os.environ, "PYTHONPATH": paths}

    return lay_out
