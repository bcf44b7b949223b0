"""Specs of ADBench's sets, read from the table of its files; imports only `ad_core.spec`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ad_core.spec import DatasetSpec, RemoteFile
from ad_datasets_tabular._classical import CLASSICAL
from ad_datasets_tabular._embeddings import COLLECTIONS, NETWORKS

__all__ = ["COMMIT", "adbench_specs"]

SOURCES = Path(__file__).with_name("sources.json")
"""Written by tools/list_sources.py."""
COMMIT = "3dac8221081e190f157d78e93bfa8867f90d0965"
BASE = f"https://raw.githubusercontent.com/Minqi824/ADBench/{COMMIT}/adbench/datasets"
HOMEPAGE = "https://github.com/Minqi824/ADBench"
CITATION = (
    "Han, Hu, Huang, Jiang and Zhao, ADBench: anomaly detection benchmark, "
    "NeurIPS Datasets and Benchmarks 2022, arXiv:2206.09426"
)
LICENCE = "BSD-2-Clause (ADBench's repository); the terms of the original data apply too"
MVTEC_LICENCE = "CC-BY-NC-SA-4.0 (MVTec AD); BSD-2-Clause (ADBench's repository)"


def adbench_specs() -> Iterator[DatasetSpec]:
    """Build the spec of every set: the classical ones, then the groups of embeddings."""
    table = json.loads(SOURCES.read_text())
    for row in table["Classical"]:
        yield _classical(row)
    for folder in NETWORKS:
        for row in table[folder]:
            yield _embedding(folder, row)


def _classical(row: dict[str, Any]) -> DatasetSpec:
    name = _stem(row).partition("_")[2]
    about = CLASSICAL[name]
    return _spec(
        f"adbench/{name}",
        "Classical",
        row,
        summary=f"{about.summary}; anomalies: {about.anomalies}",
        construction=(
            f"{about.summary}. Anomalies: {about.anomalies}. Features and labels as ADBench "
            "distributes them, not scaled."
        ),
        aliases=(f"odds/{about.odds}",) if about.odds else (),
    )


def _embedding(folder: str, row: dict[str, Any]) -> DatasetSpec:
    network = NETWORKS[folder]
    name = _stem(row)
    collection, _, part = name.partition("_")
    about = COLLECTIONS[collection]
    rows, anomalies = (
        text.format(part=part.replace("_", " ")) for text in (about.rows, about.anomalies)
    )
    return _spec(
        f"{network.group}/{name}",
        folder,
        row,
        summary=f"{name}: {network.short}",
        construction=(
            f"{rows}. Anomalies: {anomalies}. Features: {network.embedding}. As ADBench "
            "distributes them, not scaled."
        ),
        n_features=network.n_features,
        licence=MVTEC_LICENCE if collection == "MVTec-AD" else LICENCE,
    )


def _spec(name: str, folder: str, row: dict[str, Any], **fields: Any) -> DatasetSpec:
    remote = RemoteFile(
        path=f"adbench/{folder}/{row['file']}",
        url=f"{BASE}/{folder}/{row['file']}",
        sha256=row.get("sha256"),
        git_blob=row["git_blob"],
        size=row.get("size"),
    )
    return DatasetSpec(
        **{
            "name": name,
            "target": "ad_datasets_tabular.loaders:load_adbench",
            "citation": CITATION,
            "licence": LICENCE,
            "homepage": HOMEPAGE,
            "n_samples": row.get("n"),
            "n_features": row.get("d"),
            "n_anomalies": row.get("anomalies"),
            "files": (remote,),
            **fields,
        }
    )


def _stem(row: dict[str, Any]) -> str:
    return str(row["file"]).removesuffix(".npz")
