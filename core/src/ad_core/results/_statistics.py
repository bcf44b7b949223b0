"""Do models differ? Ranks with their uncertainty, and tests, over data sets.

The unit is the data set: one value a model and data set, seeds averaged before.
After J. Demšar, Statistical comparisons of classifiers over multiple data sets,
JMLR 7, 2006; intervals by a bootstrap over data sets, which are drawn together
for all models (paired).
"""

from itertools import combinations

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LEAST_DATASETS",
    "Interval",
    "Statistics",
    "holm",
    "mean_ranks",
    "statistics",
    "wilcoxon_pratt",
]

LEAST_DATASETS = 10
"""Below this number of data sets no p-values are given: the tests have too little power there."""
_DRAWS = 10_000
_COVERAGE = 0.95
_MOST_EXACT = 50


@frozen(kw_only=True)
class Interval:
    """Ends of an interval that covers 95 % of the bootstrap draws."""

    low: float
    high: float


@frozen(kw_only=True)
class Statistics:
    """How sure a ranking is.

    Parameters
    ----------
    mean_ranks
        One a model; 1 is best, ties share the mean rank.
    rank_intervals
        For the mean rank; None for a single data set, which has no bootstrap.
    place_intervals
        For the place among all models, 1 for the lowest mean rank; None likewise.
    friedman, friedman_p
        Tie-corrected statistic and p-value of Friedman's test that no model
        differs; None where there is no test.
    p_values
        Symmetric matrix of two-sided Wilcoxon–Pratt tests, adjusted by Holm's
        method over all pairs; None where there is no test.
    cliques
        Places in `mean_ranks` of models between whom no pair differs at 5 %,
        neighbours in rank, best first; only maximal ones of two and more.
    """

    mean_ranks: tuple[float, ...]
    rank_intervals: tuple[Interval, ...] | None = None
    place_intervals: tuple[Interval, ...] | None = None
    friedman: float | None = None
    friedman_p: float | None = None
    p_values: tuple[tuple[float, ...], ...] | None = None
    cliques: tuple[tuple[int, ...], ...] = ()


def statistics(values: ArrayLike, *, higher_is_better: bool = True) -> Statistics:
    """Compare models over data sets.

    Parameters
    ----------
    values : array-like of shape (n_models, n_datasets)
        One value each, none missing.
    higher_is_better
        Which way to rank.

    Returns
    -------
    Statistics
        The same for the same values: the bootstrap is seeded.
    """
    table = np.asarray(values, dtype=np.float64)
    n_models, n_datasets = table.shape
    ranks = _ranks(table, higher_is_better)
    found = Statistics(mean_ranks=tuple(ranks.mean(axis=1).tolist()))
    if n_models > 1 and n_datasets > 1:
        rank_intervals, place_intervals = _bootstrap(ranks)
        found = evolve(found, rank_intervals=rank_intervals, place_intervals=place_intervals)
    if n_models > 1 and n_datasets >= LEAST_DATASETS:
        return _tested(found, table, ranks.mean(axis=1))
    return found


def mean_ranks(values: ArrayLike, *, higher_is_better: bool = True) -> NDArray[np.float64]:
    """Return each model's rank (1 is best, ties share the mean) averaged over data sets.

    Parameters
    ----------
    values : array-like of shape (n_models, n_datasets)
    higher_is_better
        Which way to rank.

    Returns
    -------
    ndarray of shape (n_models,)
    """
    ranks = _ranks(np.asarray(values, dtype=np.float64), higher_is_better)
    averaged: NDArray[np.float64] = ranks.mean(axis=1)
    return averaged


def _ranks(table: NDArray[np.float64], higher_is_better: bool) -> NDArray[np.float64]:
    from scipy.stats import rankdata  # half a second to import: only where something is ranked

    ranks: NDArray[np.float64] = rankdata(-table if higher_is_better else table, axis=0)
    return ranks


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values by Holm's step-down method.

    Parameters
    ----------
    p_values : array-like of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
        The i-th smallest times ``n - i`` (i from 0), made monotone, at most 1.

    References
    ----------
    S. Holm. A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics 6, 1979.
    """
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    steps = given[order] * (len(given) - np.arange(len(given)))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def _bootstrap(ranks: NDArray[np.float64]) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Draw data sets with replacement; return intervals of mean ranks and of places."""
    from scipy.stats import rankdata

    n_datasets = ranks.shape[1]
    rng = np.random.default_rng(0)
    weights = rng.multinomial(n_datasets, np.full(n_datasets, 1 / n_datasets), size=_DRAWS)
    # Sums of halves are exact in floating point, so ties stay ties.
    means = weights @ ranks.T / n_datasets
    places = rankdata(means, method="min", axis=1)
    ends = [(1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2]
    rank_ends = np.quantile(means, ends, axis=0)
    # A place is a whole number: the interval ends at draws that occurred.
    place_ends = np.quantile(places, ends, axis=0, method="inverted_cdf")
    return (
        tuple(Interval(low=low, high=high) for low, high in rank_ends.T.tolist()),
        tuple(Interval(low=low, high=high) for low, high in place_ends.T.tolist()),
    )


def _tested(
    described: Statistics, table: NDArray[np.float64], means: NDArray[np.float64]
) -> Statistics:
    from scipy.stats import friedmanchisquare

    n_models = len(table)
    pairs = list(combinations(range(n_models), 2))
    adjusted = holm(wilcoxon_pratt(np.array([table[i] - table[j] for i, j in pairs])))
    matrix = np.eye(n_models)
    for (i, j), p in zip(pairs, adjusted, strict=True):
        matrix[i, j] = matrix[j, i] = p
    friedman: float | None = None
    friedman_p: float | None = None
    # Friedman's test needs three models, and is not defined where all are tied.
    if n_models > 2 and np.ptp(table, axis=0).any():
        found = friedmanchisquare(*table)
        friedman, friedman_p = float(found.statistic), float(found.pvalue)
    return evolve(
        described,
        friedman=friedman,
        friedman_p=friedman_p,
        p_values=tuple(map(tuple, matrix.tolist())),
        cliques=_cliques(matrix, means),
    )


def wilcoxon_pratt(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two-sided signed-rank tests, one a row; zero differences are ranked as Pratt does.

    Exact where no differences are zero or tied and there are at most 50, the
    normal approximation (corrected for ties) elsewhere.
    """
    from scipy.stats import wilcoxon

    sizes = np.sort(np.abs(differences), axis=1)
    plain = (sizes[:, 0] > 0) & (np.diff(sizes, axis=1) > 0).all(axis=1)
    plain &= differences.shape[1] <= _MOST_EXACT
    p_values = np.ones(len(differences))  # 1 where all are zero: the test is not defined there
    for method, rows in (("exact", plain), ("approx", ~plain & (sizes[:, -1] > 0))):
        if rows.any():
            # Never "auto": with ties in few data sets it tries every permutation.
            found = wilcoxon(differences[rows], zero_method="pratt", axis=1, method=method)
            p_values[rows] = found.pvalue
    return p_values


def _cliques(
    p_values: NDArray[np.float64], means: NDArray[np.float64], alpha: float = 0.05
) -> tuple[tuple[int, ...], ...]:
    order = np.argsort(means, kind="stable")
    same = p_values[np.ix_(order, order)] > alpha
    found: list[tuple[int, int]] = []
    for start in range(len(order)):
        stop = start + 1
        while stop < len(order) and same[start : stop + 1, start : stop + 1].all():
            stop += 1
        if stop - start > 1 and (not found or stop > found[-1][1]):
            found.append((start, stop))
    return tuple(tuple(order[start:stop].tolist()) for start, stop in found)
