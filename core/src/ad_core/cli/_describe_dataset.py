"""What ``ad describe`` says of a data set."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._describe_detector import meaning
from ad_core.cli._histogram import Histogram, draw, histogram
from ad_core.cli._listing import identity
from ad_core.cli._output import number, print_pairs, print_text
from ad_core.cli.datasets._files import as_rows, counted, megabytes, remedy_for, status_of
from ad_core.errors import DatasetError
from ad_core.load import availability
from ad_core.registry import Catalog, Entry
from ad_core.spec import DatasetSpec, PinnedFile

if TYPE_CHECKING:
    from ad_core.data import Copy

__all__ = ["dataset_as_json", "print_dataset"]

MEASURES = {"n_samples": "rows", "n_features": "columns", "anomaly_ratio": "anomalies"}


def print_dataset(entry: Entry[DatasetSpec], catalog: Catalog[DatasetSpec]) -> None:
    """Describe a data set for people, and show how its sizes sit among those of its group."""
    spec = entry.spec
    found = availability(spec)
    click.echo(f"{entry.full_name}: {spec.summary}\n")
    print_pairs(
        {
            "aliases": ", ".join(spec.aliases),
            "from": f"{entry.distribution} {entry.version}",
            "data": f"{spec.data}: {meaning(spec.data)}",
            "size": _size(spec),
            "origin": "generated" if spec.synthetic else "real",
            "construction": spec.construction,
            "citation": spec.citation,
            "licence": spec.licence,
            "homepage": spec.homepage,
            "download": _download(spec),
            "at hand": _at_hand(entry),
            "available": "yes" if found else f"no, {found.message}",
        }
    )
    _print_group(entry, catalog)


def dataset_as_json(entry: Entry[DatasetSpec], catalog: Catalog[DatasetSpec]) -> dict[str, Any]:
    """Describe a data set as data."""
    spec = entry.spec
    found = availability(spec)
    return {
        **identity(entry),
        "target": spec.target,
        "data": spec.data,
        "n_samples": spec.n_samples,
        "n_features": spec.n_features,
        "n_anomalies": spec.n_anomalies,
        "anomaly_ratio": _ratio(spec),
        "synthetic": spec.synthetic,
        "construction": spec.construction,
        "citation": spec.citation,
        "licence": spec.licence,
        "homepage": spec.homepage,
        "files": [_file_as_json(entry, file) for file in spec.files],
        "converted": None if spec.converted is None else _file_as_json(entry, spec.converted),
        "group": _group_as_json(entry, catalog),
        "available": bool(found),
        "missing": list(found.missing),
        "remedy": found.remedy,
    }


# -- sizes --------------------------------------------------------------------------------------


def _ratio(spec: DatasetSpec) -> float | None:
    if not spec.n_samples or spec.n_anomalies is None:
        return None
    return spec.n_anomalies / spec.n_samples


def _percent(ratio: float, digits: int = 3) -> str:
    return f"{number(100 * ratio, digits)} %"


def _size(spec: DatasetSpec) -> str:
    counts = (
        (spec.n_samples, "rows"),
        (spec.n_features, "columns"),
        (spec.n_anomalies, "anomalies"),
    )
    said = ", ".join(f"{count} {what}" for count, what in counts if count is not None)
    ratio = _ratio(spec)
    return (said or "unknown") + ("" if ratio is None else f" ({_percent(ratio)})")


# -- files --------------------------------------------------------------------------------------


def _download(spec: DatasetSpec) -> str:
    if not spec.files:
        return "none"
    sizes = [file.size for file in spec.files if file.size is not None]
    size = megabytes(sum(sizes)) if len(sizes) == len(spec.files) else "of unknown size"
    return f"{counted(len(spec.files), 'file')}, {size}"


def _at_hand(entry: Entry[DatasetSpec]) -> str:
    """Say where the files are, the absent ones last."""
    from ad_core.data import copies, needed_files

    here: list[str] = []
    absent = 0
    try:
        found = [copies(file) for file in needed_files(entry.spec)]
    except DatasetError as error:  # the mirror is wrong; all else can be told
        return str(error)
    for copies_of_file in found:
        absent += not copies_of_file
        for copy in copies_of_file[:1]:
            fault = f" is damaged: {copy.fault}; {remedy_for([copy], entry.name)}"
            here.append(f"{copy.place}: {copy.path}{fault if copy.fault else ''}")
    if absent:
        count = "not here" if absent == len(found) else f"{absent} not here"
        here.append(f"{count}, fetch with: ad datasets fetch {entry.name}")
    return "; ".join(here)


def _file_as_json(entry: Entry[DatasetSpec], file: PinnedFile) -> dict[str, Any]:
    from ad_core.data import copies

    problem = ""
    found: list[Copy] = []
    try:
        found = copies(file)
    except DatasetError as error:
        problem = str(error)
    return {
        "path": file.path,
        "url": getattr(file, "url", None),
        "sha256": file.sha256,
        "git_blob": file.git_blob,
        "size": file.size,
        "status": status_of(found),
        "copies": as_rows(found),
        "remedy": problem or remedy_for(found, entry.name),
    }


# -- its group ----------------------------------------------------------------------------------


def _group(entry: Entry[DatasetSpec], catalog: Iterable[Entry[DatasetSpec]]) -> tuple[str, Any]:
    """Return the sets whose names differ in the last part only, and what they are called."""
    above = entry.name.rpartition("/")[0]
    members = [
        other.spec
        for other in catalog
        if other.plugin == entry.plugin and other.name.rpartition("/")[0] == above
    ]
    return f"{above}/*" if above else f"of {entry.distribution}", members


def _measured(spec: DatasetSpec, measure: str) -> float | None:
    value: float | None = _ratio(spec) if measure == "anomaly_ratio" else getattr(spec, measure)
    return value


def _histograms(spec: DatasetSpec, members: Iterable[DatasetSpec]) -> dict[str, Histogram]:
    """Return one for each measure that is known, positive and not the same of all."""
    made = {
        measure: histogram([_measured(one, measure) for one in members], _measured(spec, measure))
        for measure in MEASURES
    }
    return {measure: one for measure, one in made.items() if one is not None}


def _group_as_json(entry: Entry[DatasetSpec], catalog: Catalog[DatasetSpec]) -> dict[str, Any]:
    name, members = _group(entry, catalog)
    return {
        "name": name,
        "n_sets": len(members),
        "histograms": {
            measure: {
                "edges": list(one.edges),
                "counts": list(one.counts),
                "bin": one.bin,
            }
            for measure, one in _histograms(entry.spec, members).items()
        },
    }


def _print_group(entry: Entry[DatasetSpec], catalog: Catalog[DatasetSpec]) -> None:
    name, members = _group(entry, catalog)
    found = _histograms(entry.spec, members)
    if not found:
        return
    known = max(sum(one.counts) for one in found.values())
    which = f"{known} of the " if known < len(members) else "the "
    click.echo()
    print_text(f"Among {which}{len(members)} sets {name} (log scale; ^ marks this one)")
    shown = {
        measure: (lambda value: _percent(value, 2)) if measure == "anomaly_ratio" else _whole
        for measure in found
    }
    lows = {measure: shown[measure](one.edges[0]) for measure, one in found.items()}
    label = max(map(len, MEASURES.values()))
    low = max(map(len, lows.values()))
    for measure, one in found.items():
        blocks, carets = draw(one, shown[measure](_measured(entry.spec, measure) or 0))
        high = shown[measure](one.edges[-1])
        click.echo(f"  {MEASURES[measure]:<{label}}  {lows[measure]:>{low}} {blocks} {high}")
        click.echo(f"  {'':{label}}  {'':{low}} {carets}")


def _whole(value: float) -> str:
    return f"{value:.0f}"
