"""Two folders of runs, before and after: what got worse beyond noise.

Losses are paired: the same model, protocol, data set, content and seed before
and after. A cell is a model on a data set. Its noise is the spread of the paired
differences over seeds, at least the one pooled over the model's data sets, so
that few seeds that happen to agree do not pass for certainty: a t test with the
pooled degrees of freedom, adjusted over all cells. A model is tested over its
data sets as in J. Demšar, Statistical comparisons of classifiers over multiple
data sets, JMLR 7, 2006: Wilcoxon's signed-rank test, Holm's method over models.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from ad_core.errors import ResultsError
from ad_core.results._record import Record, Status
from ad_core.results._statistics import LEAST_DATASETS, Interval, holm, wilcoxon_pratt

__all__ = ["ALPHA", "CellChange", "Comparison", "Failure", "ModelChange", "TimeRatio", "compare"]

ALPHA = 0.05
_DRAWS = 10_000


@frozen(kw_only=True)
class CellChange:
    """One model on one data set.

    Parameters
    ----------
    model, dataset
        Which.
    before, after
        Means over the common seeds.
    change
        Their difference; positive is better, whichever way the metric goes.
    n_seeds
        Number of common seeds.
    noise
        Standard error of `change`; None where no spread over seeds is known.
    p_value
        That the change is not beyond the tolerance, adjusted; None without noise.
    verdict
        ``worse``, ``better``, ``same`` (not beyond noise and tolerance) or ``unknown``.
    """

    model: str
    dataset: str
    before: float
    after: float
    change: float
    n_seeds: int
    noise: float | None = None
    p_value: float | None = None
    verdict: str = "unknown"


@frozen(kw_only=True)
class ModelChange:
    """One model over its data sets; `interval` is a bootstrap over them, None for fewer than two.

    `p_value` is None, and the verdict ``unknown``, below ten data sets.
    """

    model: str
    n_datasets: int
    change: float
    interval: Interval | None = None
    p_value: float | None = None
    verdict: str = "unknown"


@frozen(kw_only=True)
class Failure:
    """A run that gave a value before and gives none now."""

    key: str
    model: str
    dataset: str
    seed: int
    reason: str


@frozen(kw_only=True)
class TimeRatio:
    """Time of fit and score after over before: geometric mean, and 95 % t interval of it."""

    model: str
    ratio: float
    interval: Interval | None


@frozen(kw_only=True)
class Comparison:
    """What changed.

    Parameters
    ----------
    metric
        What was compared.
    cells, models
        From the worst to the best change.
    failures
        Runs that have no value any more.
    times
        By model; empty where machines differ.
    notes
        What a reader has to know.
    """

    metric: str
    cells: tuple[CellChange, ...]
    models: tuple[ModelChange, ...]
    failures: tuple[Failure, ...]
    times: tuple[TimeRatio, ...]
    notes: tuple[str, ...]

    @property
    def regressed(self) -> bool:
        """Whether anything got worse beyond noise, or fails now."""
        return bool(self.failures) or "worse" in self._verdicts

    @property
    def decided(self) -> bool:
        """Whether there was enough to tell a change from noise anywhere."""
        return bool(self.failures) or bool(self._verdicts - {"unknown"})

    @property
    def _verdicts(self) -> set[str]:
        return {cell.verdict for cell in self.cells} | {model.verdict for model in self.models}

    def slower(self, factor: float) -> tuple[TimeRatio, ...]:
        """Return the models whose whole interval lies above `factor`."""
        return tuple(
            one for one in self.times if one.interval is not None and one.interval.low > factor
        )


Place = tuple[str, str, str, int]
Pairs = dict[str, dict[str, list[tuple[Record, Record]]]]
"""By model and data set."""


def compare(
    before: Iterable[Record],
    after: Iterable[Record],
    metric: str = "roc_auc",
    *,
    higher_is_better: bool = True,
    tolerance: float = 0.001,
) -> Comparison:
    """Compare runs before and after.

    Parameters
    ----------
    before, after
        Records; of several for one place the newest that ended `ok` counts.
    metric
        What to compare.
    higher_is_better
        Which way it goes.
    tolerance
        Changes up to this size never count.

    Raises
    ------
    ResultsError
        The two have no run with the metric in common.
    """
    old, new = _newest(before), _newest(after)
    common = sorted(place for place in old.keys() & new.keys() if _value(old[place], metric)[0])
    sound = [place for place in common if _value(new[place], metric)[0]]
    failures = [_failure(new[place], metric) for place in common if place not in {*sound}]
    same = [p for p in sound if old[p].dataset_sha256 == new[p].dataset_sha256]
    if not same and not failures:
        raise ResultsError(
            f"the two folders have no run with {metric} in common: same model, protocol, data "
            "and seed; compare two runs of one experiment"
        )
    pairs: Pairs = defaultdict(lambda: defaultdict(list))
    for place in same:
        pairs[place[0]][place[2]].append((old[place], new[place]))
    sign = 1.0 if higher_is_better else -1.0
    cells = _cells(pairs, metric, sign, tolerance)
    alike, notes = _notes(old, new, sound, same)
    return Comparison(
        metric=metric,
        cells=tuple(sorted(cells, key=lambda one: (one.change, one.model, one.dataset))),
        models=_models(cells, tolerance),
        failures=tuple(failures),
        times=_times(pairs) if alike else (),
        notes=notes,
    )


def _newest(records: Iterable[Record]) -> dict[Place, Record]:
    found: dict[Place, Record] = {}
    for one in sorted(records, key=lambda one: (one.ok, one.finished_at, one.key)):
        found[(one.model, one.protocol, one.dataset, one.seed)] = one
    return {place: one for place, one in found.items() if one.status is not Status.INTERRUPTED}


def _value(record: Record, metric: str) -> tuple[bool, float]:
    value = record.metrics.get(metric) if record.ok else None
    return (value is not None, 0.0 if value is None else value)


def _failure(record: Record, metric: str) -> Failure:
    if record.ok:
        reason = record.reasons.get(metric, f"{metric} was not computed")
    else:
        reason = f"{record.status}: {record.error.message}" if record.error else record.status
    return Failure(
        key=record.key,
        model=record.model,
        dataset=record.dataset,
        seed=record.seed,
        reason=str(reason),
    )


def _cells(pairs: Pairs, metric: str, sign: float, tolerance: float) -> list[CellChange]:
    cells: list[CellChange] = []
    p_values: list[float | None] = []
    for model, by_dataset in pairs.items():
        values = {
            name: np.array([[_value(a, metric)[1], _value(b, metric)[1]] for a, b in runs])
            for name, runs in by_dataset.items()
        }
        changes = {name: sign * (both[:, 1] - both[:, 0]) for name, both in values.items()}
        pooled, freedom = _pooled(changes)
        for name, change in changes.items():
            noise = p_value = None
            if freedom:
                own = float(change.var(ddof=1)) if len(change) > 1 else 0.0
                noise = float(np.sqrt(max(own, pooled) / len(change)))
                p_value = _t_test(float(change.mean()), noise, freedom, tolerance)
            cells.append(
                CellChange(
                    model=model,
                    dataset=name,
                    before=fmean(values[name][:, 0].tolist()),
                    after=fmean(values[name][:, 1].tolist()),
                    change=fmean(change.tolist()),
                    n_seeds=len(change),
                    noise=noise,
                )
            )
            p_values.append(p_value)
    adjusted = _adjusted(p_values)
    return [
        evolve(cell, p_value=p, verdict=_verdict(cell.change, p, tolerance))
        for cell, p in zip(cells, adjusted, strict=True)
    ]


def _pooled(changes: Mapping[str, NDArray[np.float64]]) -> tuple[float, int]:
    """Return the variance over seeds pooled over data sets, and its degrees of freedom."""
    freedom = sum(len(one) - 1 for one in changes.values())
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in changes.values())
    return (squares / freedom if freedom else 0.0, freedom)


def _t_test(change: float, noise: float, freedom: int, tolerance: float) -> float:
    beyond = abs(change) - tolerance
    if beyond <= 0:
        return 1.0
    from scipy.stats import t as student  # half a second to import: only where it is needed

    return 0.0 if noise == 0 else float(2 * student.sf(beyond / noise, freedom))


def _adjusted(p_values: list[float | None]) -> list[float | None]:
    known = [p for p in p_values if p is not None]
    adjusted = iter(holm(known).tolist() if known else [])
    return [None if p is None else min(1.0, next(adjusted)) for p in p_values]


def _verdict(change: float, p_value: float | None, tolerance: float) -> str:
    if p_value is None:
        return "unknown"
    if p_value >= ALPHA or abs(change) <= tolerance:
        return "same"
    return "worse" if change < 0 else "better"


def _models(cells: list[CellChange], tolerance: float) -> tuple[ModelChange, ...]:
    by_model: dict[str, list[float]] = defaultdict(list)
    for cell in sorted(cells, key=lambda one: (one.model, one.dataset)):
        by_model[cell.model].append(cell.change)
    adjusted = _adjusted([_signed_rank(np.array(changes)) for changes in by_model.values()])
    found = [
        ModelChange(
            model=model,
            n_datasets=len(changes),
            change=fmean(changes),
            interval=_interval(np.array(changes)),
            p_value=p,
            verdict=_verdict(fmean(changes), p, tolerance),
        )
        for (model, changes), p in zip(by_model.items(), adjusted, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.change, one.model)))


def _signed_rank(changes: NDArray[np.float64]) -> float | None:
    if len(changes) < LEAST_DATASETS:
        return None
    return float(wilcoxon_pratt(changes[None, :])[0])


def _interval(changes: NDArray[np.float64]) -> Interval | None:
    """Return the 95 % bootstrap interval of the mean over data sets; seeded."""
    n = len(changes)
    if n < 2:
        return None
    weights = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    low, high = np.quantile(weights @ changes / n, [ALPHA / 2, 1 - ALPHA / 2]).tolist()
    return Interval(low=low, high=high)


def _times(pairs: Pairs) -> tuple[TimeRatio, ...]:
    from scipy.stats import t as student

    found = []
    for model, by_dataset in pairs.items():
        logs = [[_log_ratio(a, b) for a, b in runs] for runs in by_dataset.values()]
        # Data sets weigh the same; of a single one, its seeds are the sample.
        sample = np.array(logs[0] if len(logs) == 1 else [fmean(one) for one in logs])
        interval = None
        if len(sample) > 1:
            half = float(student.ppf(1 - ALPHA / 2, len(sample) - 1))
            half *= float(sample.std(ddof=1)) / np.sqrt(len(sample))
            low, high = np.exp([sample.mean() - half, sample.mean() + half]).tolist()
            interval = Interval(low=low, high=high)
        found.append(TimeRatio(model=model, ratio=float(np.exp(sample.mean())), interval=interval))
    return tuple(sorted(found, key=lambda one: (-one.ratio, one.model)))


def _log_ratio(before: Record, after: Record) -> float:
    least = 1e-9  # of the clock
    took = [max(least, (one.fit_time or 0.0) + (one.score_time or 0.0)) for one in (before, after)]
    return float(np.log(took[1] / took[0]))


def _notes(
    old: Mapping[Place, Record],
    new: Mapping[Place, Record],
    sound: list[Place],
    same: list[Place],
) -> tuple[bool, tuple[str, ...]]:
    """Return whether times can be compared, and what a reader has to know."""
    notes = []
    for what, alone in (("before", old.keys() - new.keys()), ("after", new.keys() - old.keys())):
        if alone:
            notes.append(f"{len(alone)} runs are there {what} only and are left out.")
    changed = sorted({place[2] for place in {*sound} - {*same}})
    if changed:
        notes.append(f"Left out, the data themselves differ: {', '.join(changed)}.")
    differing = sorted({p[0] for p in same if old[p].params != new[p].params})
    if differing:
        notes.append(f"Other arguments before and after: {', '.join(differing)}.")
    machines = [sorted({one[place].hardware for place in same}) for one in (old, new)]
    alike = all(old[place].hardware == new[place].hardware for place in same)
    if not alike:
        notes.append(
            f"Times are not compared, the machines differ: {'; '.join(machines[0])} before, "
            f"{'; '.join(machines[1])} after."
        )
    return alike and bool(same), tuple(notes)
