# ruff: noqa: INP001 - a script of its own, in no package
"""Write sources.json, the table of ADBench's files, from a clone of its repository.

Run it with the path of a clone at the commit below::

    python tools/list_sources.py CLONE

Sizes, hashes, shapes and numbers of anomalies are those of the files as
committed. Of a file that the clone lists without holding it (a partial clone)
only the name and git's hash are known; `PUBLISHED` has the sizes that ADBench
states for these, and a file that is held is compared with it.
"""

import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

OUTPUT = Path(__file__).parents[1] / "src" / "ad_datasets_tabular" / "sources.json"
COMMIT = "3dac8221081e190f157d78e93bfa8867f90d0965"
BELOW = "adbench/datasets"
GROUPS = ("Classical", "CV_by_ResNet18", "CV_by_ViT", "NLP_by_BERT", "NLP_by_RoBERTa")
PUBLISHED = {  # adbench/datasets/README.md, full list: n_samples, n_features, n_anomalies
    "3_backdoor": (95329, 196, 2329),
    "9_census": (299285, 500, 18568),
    "13_fraud": (284807, 29, 492),
    "36_speech": (3686, 400, 61),
    # One row each, and so for every class: the classes of the original data are of one size, or
    # larger than the limit of 10,000 rows. SVHN and 20newsgroups, where they are not, are left out.
    "CIFAR10": (5263, None, 263),
    "FashionMNIST": (6315, None, 315),
    "MNIST-C": (10000, None, 500),
    "agnews": (10000, None, 500),
    "amazon": (10000, None, 500),
    "imdb": (10000, None, 500),
    "yelp": (10000, None, 500),
}


def git(clone: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in the clone."""
    program = shutil.which("git") or "git"
    return subprocess.run(  # noqa: S603 - the arguments are constants and names from the listing
        [program, "-C", str(clone), *arguments], capture_output=True, check=False
    )


def published(path: PurePosixPath) -> dict[str, int]:
    """Return the sizes that ADBench states for a file."""
    sizes = PUBLISHED.get(path.stem) or PUBLISHED.get(path.stem.partition("_")[0]) or ()
    named = zip(("n", "d", "anomalies"), sizes, strict=False)
    return {name: size for name, size in named if size is not None}


def row(clone: Path, blob: str, path: PurePosixPath) -> dict[str, Any]:
    """Describe one file."""
    facts: dict[str, Any] = {"file": path.name, "git_blob": blob}
    held = git(clone, "cat-file", "blob", blob)
    if held.returncode != 0:
        return facts | published(path)
    with np.load(io.BytesIO(held.stdout)) as arrays:
        X, y = arrays["X"], arrays["y"]
    found = {"n": X.shape[0], "d": X.shape[1], "anomalies": int((y == 1).sum())}
    differ = {name: size for name, size in published(path).items() if found[name] != size}
    if differ:
        raise SystemExit(f"{path} has {found}, but ADBench states {differ}")
    return facts | {
        "sha256": hashlib.sha256(held.stdout).hexdigest(),
        "size": len(held.stdout),
        **found,
    }


def main() -> None:
    """Write the table."""
    clone = Path(sys.argv[1])
    listed = git(clone, "ls-tree", "-r", COMMIT, BELOW).stdout.decode().splitlines()
    files = [(line.split()[2], PurePosixPath(line.split("\t")[1])) for line in listed]
    table = {
        group: [row(clone, blob, path) for blob, path in files if path.parent.name == group]
        for group in GROUPS
    }
    lines = [
        f" {json.dumps(group)}: [\n" + ",\n".join(f"  {json.dumps(one)}" for one in rows) + "\n ]"
        for group, rows in table.items()
    ]
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
