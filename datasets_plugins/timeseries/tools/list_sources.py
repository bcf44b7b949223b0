# ruff: noqa: INP001 - a script of its own, in no package
"""Write sources.json, the table of the public files, from clones of their repositories.

Run it with a folder that holds clones at the commits below, named
``<owner>+<name>/repo`` or ``<owner>+<name>``, and with the mirror folder that
holds the conversions::

    python tools/list_sources.py CLONES MIRROR

Sizes and hashes are those of the files as committed; lengths and numbers of
anomalies are read from the same bytes through the package's own readers.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ad_datasets_timeseries import loaders

OUTPUT = Path(__file__).parents[1] / "src" / "ad_datasets_timeseries" / "sources.json"
REPOSITORIES = {
    "numenta/NAB": "ea702d75cc2258d9d7dd35ca8e5e2539d71f3140",
    "waico/SKAB": "b2c0d46c2971dcbfe71e26087b6d231998bb91c2",
    "imperial-qore/TranAD": "7ffb98d0c18189cc3d9ab732b4cb0278200a0af0",
    "zhhlee/InterFusion": "8c85d511c1f070669ba8c5cf097b8fa4a202d15b",
}
WINDOWS = "labels/combined_windows.json"
INTERVALS = "data/SMAP_MSL/labeled_anomalies.csv"


class Clones:
    """Committed files of the repositories, copied out once each."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch = folder, scratch
        self.program = shutil.which("git") or "git"

    def git(self, repository: str, *arguments: str) -> bytes:
        """Run git in the clone of `repository`."""
        home = self.folder / repository.replace("/", "+")
        home = home / "repo" if (home / "repo").is_dir() else home
        command = [self.program, "-C", str(home), *arguments]
        # The arguments are paths below the constants of this file.
        return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603

    def names(self, repository: str, below: str) -> list[str]:
        """Return the paths below a folder."""
        listed = self.git(
            repository, "ls-tree", "-r", "--name-only", REPOSITORIES[repository], below
        )
        return listed.decode().splitlines()

    def file(self, repository: str, path: str) -> Path:
        """Return a local copy of a committed file."""
        target = self.scratch / repository / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.git(repository, "show", f"{REPOSITORIES[repository]}:{path}"))
        return target

    def entry(self, repository: str, path: str, local: str) -> dict[str, Any]:
        """Describe a committed file as a row of the table."""
        data = self.file(repository, path).read_bytes()
        return {
            "path": local,
            "url": f"https://raw.githubusercontent.com/{repository}/{REPOSITORIES[repository]}/{path}",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
        }


def sizes(*parts: Any) -> dict[str, int]:
    """Return the sizes of a set made of (X, y) parts."""
    labels = [y for _, y in parts if y is not None]
    return {
        "n_samples": sum(len(X) for X, _ in parts),
        "n_features": int(parts[0][0].shape[1]),
        "n_anomalies": int(sum(int(np.sum(y)) for y in labels)),
    }


def nab(clones: Clones) -> list[dict[str, Any]]:
    """List the series of NAB."""
    repository = "numenta/NAB"
    windows = clones.file(repository, WINDOWS)
    rows = []
    for path in clones.names(repository, "data/"):
        if not path.endswith(".csv"):
            continue
        series = path.removeprefix("data/")
        X, y = loaders.read_nab(clones.file(repository, path), windows, series)
        rows.append(
            {
                "name": series.removesuffix(".csv"),
                **sizes((X, y)),
                "files": [
                    clones.entry(repository, path, f"nab/{path}"),
                    clones.entry(repository, WINDOWS, f"nab/{WINDOWS}"),
                ],
            }
        )
    return rows


def skab(clones: Clones, mirror: Path) -> list[dict[str, Any]]:
    """List the series of SKAB that the mirror holds."""
    repository = "waico/SKAB"
    rows = []
    for path in clones.names(repository, "data/"):
        local = f"skab/{path.removeprefix('data/')}"
        if not (path.endswith(".csv") and (mirror / local).is_file()):
            continue
        X, y, _ = loaders.read_skab(clones.file(repository, path))
        name = path.removeprefix("data/").removesuffix(".csv").removeprefix("anomaly-free/")
        rows.append(
            {"name": name, **sizes((X, y)), "files": [clones.entry(repository, path, local)]}
        )
    return rows


def conversion(mirror: Path, path: str) -> dict[str, Any]:
    """Describe a converted file of the mirror."""
    data = (mirror / path).read_bytes()
    return {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def telemanom(clones: Clones, mirror: Path, spacecraft: str) -> list[dict[str, Any]]:
    """List the channels of a spacecraft that the mirror holds."""
    repository, folder = "imperial-qore/TranAD", "data/SMAP_MSL"
    converted = f"telemanom/{spacecraft}.npz"
    with np.load(mirror / converted) as archive:
        channels = sorted(
            name.removesuffix("_train") for name in archive if name.endswith("_train")
        )
    rows = []
    for channel in channels:
        paths = [f"{folder}/{part}/{channel}.npy" for part in ("train", "test")] + [INTERVALS]
        files = [clones.file(repository, path) for path in paths]
        train, test, y = loaders.read_telemanom(*files, channel)
        locals_ = [f"telemanom/{path.removeprefix(folder + '/')}" for path in paths]
        rows.append(
            {
                "name": channel,
                **sizes((train, None), (test, y)),
                "files": [
                    clones.entry(repository, path, local)
                    for path, local in zip(paths, locals_, strict=True)
                ],
                "conversion": conversion(mirror, converted),
                "prefix": f"{channel}_",
            }
        )
    return rows


def interfusion(clones: Clones, mirror: Path, group: str) -> list[dict[str, Any]]:
    """List the series of SMD (one file a machine) or ASD (one file) that the mirror holds."""
    repository = "zhhlee/InterFusion"
    rows = []
    for found in sorted((mirror / group).glob("*.npz")):
        with np.load(found) as archive:
            prefixes = sorted(
                name.removesuffix("train") for name in archive if name.endswith("train")
            )
        for prefix in prefixes:
            name = prefix.removesuffix("_") or found.stem
            paths = [
                f"data/processed/{name}_{part}.pkl" for part in ("train", "test", "test_label")
            ]
            files = [clones.file(repository, path) for path in paths]
            train, test, y = loaders.read_interfusion(*files)
            rows.append(
                {
                    "name": name,
                    **sizes((train, None), (test, y)),
                    "files": [
                        clones.entry(repository, path, f"{group}/{Path(path).name}")
                        for path in paths
                    ],
                    "conversion": conversion(mirror, f"{group}/{found.name}"),
                    "prefix": prefix,
                }
            )
    return rows


def main() -> None:
    """Write the table."""
    folder, mirror = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as scratch:
        clones = Clones(folder, Path(scratch))
        table = {
            "nab": nab(clones),
            "skab": skab(clones, mirror),
            "smap": telemanom(clones, mirror, "SMAP"),
            "msl": telemanom(clones, mirror, "MSL"),
            "smd": interfusion(clones, mirror, "smd"),
            "asd": interfusion(clones, mirror, "asd"),
        }
    OUTPUT.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
