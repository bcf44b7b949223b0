# ruff: noqa: INP001 - a script of its own, in no package
"""Write sources.json, the table of ADBench's files, from a clone of its repository.

Run it with the path of a clone at the commit below::

    python tools/list_sources.py CLONE

Sizes, hashes, shapes and numbers of anomalies are those of the files as
committed. Of a file that the clone lists without holding it (a partial clone)
only the name and git's hash are known; `PUBLISHED` has the sizes that the paper
states for these.
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
PUBLISHED = {  # ADBench, NeurIPS 2022, table 4: n_samples, n_features, n_anomalies
    "3_backdoor": (95329, 196, 2329),
    "9_census": (299285, 500, 18568),
    "13_fraud": (284807, 29, 492),
    "36_speech": (3686, 400, 61),
}


def git(clone: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in the clone."""
    program = shutil.which("git") or "git"
    return subprocess.run(  # noqa: S603 - the arguments are constants and names from the listing
        [program, "-C", str(clone), *arguments], capture_output=True, check=False
    )


def row(clone: Path, blob: str, path: PurePosixPath) -> dict[str, Any]:
    """Describe one file."""
    facts: dict[str, Any] = {"file": path.name, "git_blob": blob}
    held = git(clone, "cat-file", "blob", blob)
    if held.returncode != 0:
        sizes = PUBLISHED.get(path.stem)
        return facts | (dict(zip(("n", "d", "anomalies"), sizes, strict=True)) if sizes else {})
    with np.load(io.BytesIO(held.stdout)) as arrays:
        X, y = arrays["X"], arrays["y"]
    return facts | {
        "sha256": hashlib.sha256(held.stdout).hexdigest(),
        "size": len(held.stdout),
        "n": X.shape[0],
        "d": X.shape[1],
        "anomalies": int((y == 1).sum()),
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
