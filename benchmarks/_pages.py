"""What `benchmarks/detectors.py` measured, as a table, a CSV file and a plot."""

import csv
import platform
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from _sides import CASES, THREADS

Row = dict[str, Any]
FAILS = "fails"
OTHERS = {"pyod": "PyOD", "sklearn": "scikit-learn"}
USED = ("numpy", "scikit-learn", "pyod", "numba")

INTRODUCTION = """\
<!-- Written by `python benchmarks/detectors.py --output docs/performance`; do not edit. -->

Python {python}, {versions}; {threads} threads.
A ratio is the other's time, or memory, over ours: below 1 it is bold, and we are slower, or take
more.
"""


def write(folder: Path, rows: list[Row], one_row: list[Row], first: list[Row]) -> None:
    """Write detectors.md, detectors.svg and the files of medians."""
    folder.mkdir(parents=True, exist_ok=True)
    text = INTRODUCTION.format(
        python=platform.python_version(), threads=THREADS, versions=", ".join(map(release, USED))
    )
    for n in sorted({row["n"] for row in rows}):
        text += f"\n### {n:,} rows\n\n" + table(BATCH, by_detector(rows, n))
    text += "\n### One row, fitted on 10,000\n\n" + table(ONE_ROW, one_row)
    text += "\n### First call in a fresh process, 1,000 rows\n\n" + table(FIRST, first)
    (folder / "detectors.md").write_text(text)
    for name, found in {"detectors": rows, "one-row": one_row, "first-call": first}.items():
        save(folder / f"{name}.csv", found)
    plot(folder / "detectors.svg", rows)
    print(f"wrote detectors.md, detectors.svg and the medians as CSV to {folder}")


def release(distribution: str) -> str:
    """Return name and version."""
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"no {distribution}"


def save(path: Path, rows: list[Row]) -> None:
    """Write a CSV file; what one row lacks is empty."""
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def by_detector(rows: Iterable[Row], n: int) -> list[Row]:
    """Return a row a detector, with the sides beside one another."""
    found: dict[str, Row] = {}
    for row in rows:
        if row["n"] == n:
            one = found.setdefault(row["detector"], {"detector": row["detector"]})
            one[row["side"]] = row
    return list(found.values())


def ratio(other: float | None, ours: float | None) -> str:
    """Return how many times as much the other takes; bold where it takes less, – without one."""
    if other is None or ours is None or ours <= 0:
        return "–"
    value = other / ours
    text = f"{value:.0f}×" if value >= 20 else f"{value:.2g}×"
    return text if value >= 1 else f"**{text}**"


def compared(side: str, what: str) -> Callable[[Row], str]:
    """Return a cell that holds a side against ours."""
    return lambda row: ratio(row[side][what] if side in row else None, row["ours"][what])


def difference(row: Row) -> str:
    """Return the largest relative difference to the reference's scores, where they should agree."""
    reference = row.get("sklearn", row.get("pyod"))
    if reference is None or not CASES[row["detector"]].same:
        return "–"
    return f"{reference['difference']:.0e}"


Columns = dict[str, Callable[[Row], str]]
BATCH: Columns = {
    "detector": lambda row: f"`{row['detector']}`",
    "fit ms": lambda row: f"{1e3 * row['ours']['fit']:.1f}",
    "score ms": lambda row: f"{1e3 * row['ours']['score']:.1f}",
    "MiB": lambda row: "–" if row["ours"]["memory"] is None else f"{row['ours']['memory']:.0f}",
    "PyOD, wall": compared("pyod", "wall"),
    "CPU": compared("pyod", "cpu"),
    "memory": compared("pyod", "memory"),
    "scikit-learn, wall": compared("sklearn", "wall"),
    "score alone": compared("sklearn", "score"),
    "memory ": compared("sklearn", "memory"),
    "difference": difference,
}
ONE_ROW: Columns = {
    "detector": lambda row: f"`{row['detector']}`",
    "µs": lambda row: f"{row['ours']:.0f}",
    "of it the framework": lambda row: f"{row['ours'] - row['alone']:.0f}",
    "PyOD": lambda row: FAILS if row.get("pyod") == FAILS else ratio(row.get("pyod"), row["ours"]),
}
FIRST: Columns = {
    "detector": lambda row: f"`{row['detector']}`",
    "s": lambda row: f"{row['ours']:.2f}",
    "PyOD": lambda row: ratio(row.get("pyod"), row["ours"]),
    "scikit-learn": lambda row: ratio(row.get("sklearn"), row["ours"]),
}


def table(columns: Columns, rows: Iterable[Row]) -> str:
    """Return a Markdown table."""
    lines = [list(columns), ["---", *["---:"] * (len(columns) - 1)]]
    lines += [[cell(row) for cell in columns.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def plot(path: Path, rows: list[Row]) -> None:
    """Draw the other's wall time over ours: a panel a library, a row a detector, a mark a size."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "ad"
    names = list(dict.fromkeys(row["detector"] for row in rows))
    figure = Figure(figsize=(10, 0.34 * len(names) + 1.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (side, title) in zip(panels, OTHERS.items(), strict=True):
        for n in sorted({row["n"] for row in rows}):
            values = [
                (one[side]["wall"] / one["ours"]["wall"], names.index(one["detector"]))
                for one in by_detector(rows, n)
                if side in one
            ]
            axes.plot(*np.reshape(values, (-1, 2)).T, "o", label=f"{n:,} rows", alpha=0.8)
        axes.axvline(1, color="0.5")
        axes.set(title=title, xscale="log", xlabel="time of fit and score over ours")
        axes.set_yticks(range(len(names)), names)
        axes.grid(axis="x", alpha=0.3)
    panels[0].invert_yaxis()
    panels[0].legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None})
