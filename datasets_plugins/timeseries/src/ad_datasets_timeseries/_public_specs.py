"""Specs of the public series, read from the table of their files; imports only `ad_core.spec`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ad_core.spec import DatasetSpec, PinnedFile, RemoteFile

__all__ = ["public_specs"]

SOURCES = Path(__file__).with_name("sources.json")
"""Written by tools/list_sources.py."""


class Collection(NamedTuple):
    """What the series of one collection have in common."""

    loader: str
    summary: str
    construction: str
    citation: str
    licence: str
    homepage: str


CONVERTED = (
    " Where the mirror folder holds {npz}, the same values are read from there; else the files of "
    "the repository are downloaded."
)
HUNDMAN = (
    "Hundman, Constantinou, Laporte, Colwell and Soderstrom, Detecting spacecraft anomalies using "
    "LSTMs and nonparametric dynamic thresholding, KDD 2018, doi:10.1145/3219819.3219845"
)
INTERFUSION = "https://github.com/zhhlee/InterFusion"


def _telemanom(spacecraft: str, channels: int) -> Collection:
    return Collection(
        "telemanom",
        f"{spacecraft} spacecraft telemetry, channel {{name}}",
        f"One telemetry value and {channels - 1} one-hot encoded commands a time step, scaled by "
        "its publishers, as copied in TranAD's repository and rounded to float32. The split is the "
        "published one: train is unlabelled; in test, a step inside a labelled sequence (both ends "
        "included) is an anomaly; for a channel listed twice the later row counts."
        + CONVERTED.format(npz=f"telemanom/{spacecraft}.npz"),
        HUNDMAN,
        "BSD-3-Clause (TranAD repository); telemetry published by NASA JPL",
        "https://github.com/khundman/telemanom",
    )


COLLECTIONS = {
    "nab": Collection(
        "nab",
        "NAB series {name}",
        "One value a time step. A step is an anomaly when its timestamp lies in one of the windows "
        "of combined_windows.json, ends included. Train is NAB's probationary period, the first "
        "15 % of the steps but at most 750; test is the rest. Steps are taken as they come; gaps "
        "in time are not filled.",
        "Lavin and Ahmad, Evaluating real-time anomaly detection algorithms: the Numenta Anomaly "
        "Benchmark, ICMLA 2015, doi:10.1109/ICMLA.2015.141",
        "MIT",
        "https://github.com/numenta/NAB",
    ),
    "skab": Collection(
        "skab",
        "SKAB water circulation testbed, experiment {name}",
        "Eight sensors, one step a second. The column 'anomaly' holds the labels; 'changepoint' is "
        "not used. Train is the first 400 steps, as in SKAB's own notebooks; test is the rest. The "
        "experiment 'anomaly-free' has no label column: all its steps are normal, cut 70/30.",
        "Katser and Kozitsin, Skoltech Anomaly Benchmark (SKAB), Kaggle 2020, "
        "doi:10.34740/KAGGLE/DSV/1693952",
        "GPL-3.0",
        "https://github.com/waico/SKAB",
    ),
    "smap": _telemanom("SMAP", 25),
    "msl": _telemanom("MSL", 55),
    "smd": Collection(
        "interfusion",
        "Server Machine Dataset, {name}",
        "38 metrics of a server, one step a minute, each scaled to [0, 1], as prepared in "
        "InterFusion's repository. The split is the published one: train is unlabelled; test is "
        "labelled a step." + CONVERTED.format(npz="smd/<machine>.npz"),
        "Su, Zhao, Niu, Liu, Sun and Pei, Robust anomaly detection for multivariate time series "
        "through stochastic recurrent neural network, KDD 2019, doi:10.1145/3292500.3330672",
        "MIT",
        INTERFUSION,
    ),
    "asd": Collection(
        "interfusion",
        "Application Server Dataset, {name}",
        "19 metrics of an application server, one step each five minutes, each scaled to [0, 1]. "
        "The split is the published one: train is unlabelled; test is labelled a step."
        + CONVERTED.format(npz="asd/ASD.npz"),
        "Li, Zhao, Han, Su, Jiao, Wen and Pei, Multivariate time series anomaly detection and "
        "interpretation using hierarchical inter-metric and temporal embedding, KDD 2021, "
        "doi:10.1145/3447548.3467075",
        "MIT",
        INTERFUSION,
    ),
}


def public_specs() -> Iterator[DatasetSpec]:
    """Build the spec of every public series."""
    table = json.loads(SOURCES.read_text())
    for group, rows in table.items():
        for row in rows:
            yield _spec(group, COLLECTIONS[group], row)


def _spec(group: str, collection: Collection, row: dict[str, Any]) -> DatasetSpec:
    return DatasetSpec(
        name=f"{group}/{row['name']}",
        target=f"ad_datasets_timeseries.loaders:{collection.loader}",
        summary=collection.summary.format(name=row["name"]),
        construction=collection.construction,
        citation=collection.citation,
        licence=collection.licence,
        homepage=collection.homepage,
        data="timeseries",
        n_samples=row["n_samples"],
        n_features=row["n_features"],
        n_anomalies=row["n_anomalies"],
        params={"prefix": row["prefix"]} if "prefix" in row else {},
        files=tuple(RemoteFile(**file) for file in row["files"]),
        converted=PinnedFile(**row["conversion"]) if "conversion" in row else None,
    )
