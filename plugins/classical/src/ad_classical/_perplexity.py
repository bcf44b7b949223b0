r"""Binding distributions of a given perplexity, for SOS.

A row binds to others at distances d with probabilities proportional to
:math:`e^{-\beta d}`; beta makes the entropy of these what is wanted.

When one more row joins, beta has to be found anew, not far from where it was. With
:math:`u = \beta d` and a relative change s of beta,

.. math:: \sum e^{-(1 + s) u} = \sum_k (-s)^k c_k, \qquad c_k = \sum \frac{u^k}{k!} e^{-u},

so a few coefficients stand for all other rows, as long as s is small.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_BETA", "N_COEFFICIENTS", "Bindings", "adjusted", "entropy_series", "precisions"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MAX_BETA = 1e100
_MAX_STEPS = 200
_RADIUS = 0.15
"""Largest relative change of beta for which the series stands."""
_TERMS = 20
"""With so many, what is left out is below 1e-16 times the number of rows."""
N_COEFFICIENTS = _TERMS + 2
"""Two more for the first and second moments."""


def precisions(excess: Floats, wanted: float, eps: float) -> Floats:
    """Find beta a row such that the binding entropy is `wanted`, by bisection.

    Parameters
    ----------
    excess
        Distances to the other rows, less the smallest of each row, shape (m, n - 1).
    wanted, eps
        The entropy wanted, and the tolerance.
    """
    reachable = _reachable(np.count_nonzero(excess == 0.0, axis=1), wanted)
    beta = np.where(reachable, 1.0, MAX_BETA)
    low, high = np.zeros(len(excess)), np.full(len(excess), np.inf)
    active = np.flatnonzero(reachable)
    kept = excess if reachable.all() else excess[active]
    scratch = np.empty_like(kept)
    for _ in range(_MAX_STEPS):
        difference = _entropy(kept, beta[active], scratch[: len(kept)]) - wanted
        unmet = np.abs(difference) > eps
        if not unmet.all():
            active, difference, kept = active[unmet], difference[unmet], kept[unmet]
        if not len(active):
            break
        wide = active[difference > 0]
        narrow = active[difference < 0]
        low[wide] = beta[wide]
        high[narrow] = beta[narrow]
        unbounded = np.isinf(high[active])
        middle = (low[active] + np.where(unbounded, 0.0, high[active])) / 2.0
        beta[active] = np.where(unbounded, beta[active] * 2.0, middle)
    return beta


def _reachable(n_nearest: Indices, wanted: float) -> NDArray[np.bool_]:
    """Tell whether so many rows, equally near, are fewer than the entropy asks for."""
    return np.asarray(np.log(n_nearest) < wanted)


def _entropy(excess: Floats, beta: Floats, affinities: Floats) -> Floats:
    """Return the entropy of each row's binding distribution; overwrites `affinities`."""
    np.multiply(excess, -beta[:, None], out=affinities)
    np.exp(affinities, out=affinities)
    total = affinities.sum(axis=1)
    weighted = np.einsum("ij,ij->i", affinities, excess)
    return np.asarray(np.log(total) + beta * weighted / total)


def adjusted(excess: Floats, wanted: float, eps: float, start: Floats) -> Floats:
    """Find the same beta as `precisions`, from a start nearby, by bracketed Newton steps."""
    reachable = _reachable(np.count_nonzero(excess == 0.0, axis=1), wanted)
    beta = np.where(reachable, start, MAX_BETA)
    low, high = np.zeros(len(excess)), np.full(len(excess), np.inf)
    active = np.flatnonzero(reachable)
    for _ in range(_MAX_STEPS):
        distances, now = excess[active], beta[active]
        affinities = np.exp(-now[:, None] * distances)
        total = affinities.sum(axis=1)
        mean = np.einsum("ij,ij->i", affinities, distances) / total
        variance = np.einsum("ij,ij,ij->i", affinities, distances, distances) / total - mean**2
        difference = np.log(total) + now * mean - wanted
        step = _newton(
            now, difference, now**2 * variance, low, high, active, np.full(len(active), MAX_BETA)
        )
        unmet = np.abs(difference) > eps
        beta[active] = np.where(unmet, step, now)
        active = active[unmet]
        if not len(active):
            break
    return beta


def _newton(
    now: Floats,
    difference: Floats,
    slope: Floats,
    low: Floats,
    high: Floats,
    active: Indices,
    most: Floats,
) -> Floats:
    """Return the next beta, and narrow the brackets of the active ones."""
    low[active] = np.where(difference > 0, now, low[active])
    high[active] = np.where(difference > 0, high[active], now)
    # The entropy falls by beta^2 variance for each unit of log beta.
    step = now * np.exp(np.clip(difference / np.maximum(slope, 1e-12), -3.0, 3.0))
    inside = (step > low[active]) & (step < high[active])
    middle = (low[active] + np.minimum(high[active], most)) / 2
    return np.minimum(np.where(inside, step, middle), most)


def entropy_series(excess: Floats, beta: Floats) -> Floats:
    """Return the coefficients c of each row, shape (N_COEFFICIENTS, m).

    Parameters
    ----------
    excess
        Distances to the other rows, less the smallest of each row, shape (m, n - 1).
    beta
        What they are multiplied by, shape (m,).
    """
    coefficients = np.zeros((N_COEFFICIENTS, len(excess)))
    # Beyond 300 the terms vanish; 0 times infinity would not.
    exponents = np.minimum(excess * beta[:, None], 300.0)
    terms = np.exp(-exponents)
    for k in range(N_COEFFICIENTS):
        if k:
            terms *= exponents
            terms /= k
        coefficients[k] = terms.sum(axis=1)
    return coefficients


class Bindings:
    """Training rows with their beta, ready for one more row.

    Parameters
    ----------
    beta
        Shape (n,).
    coefficients
        `entropy_series` of each, shape (N_COEFFICIENTS, n).
    n_nearest
        How many others are nearest to each, equally.
    wanted, eps
        The entropy wanted, and the tolerance.
    """

    def __init__(
        self, beta: Floats, coefficients: Floats, n_nearest: Indices, wanted: float, eps: float
    ) -> None:
        self.beta, self.coefficients = beta, coefficients
        self.n_nearest = n_nearest
        self.wanted, self.eps = wanted, eps

    def unbound(self, rows: Indices, excess: Floats) -> Floats:
        """Return the probability that a training row does not bind to a new one.

        Parameters
        ----------
        rows
            Which training rows, shape (p,).
        excess
            Distance from each to one new row, less that to its nearest training row.

        Returns
        -------
        ndarray of shape (p,)
            NaN where beta changes too much for the series.
        """
        found = np.full(len(rows), np.nan)
        count = np.where(excess < 0, 0, self.n_nearest[rows]) + (excess <= 0)
        active = np.flatnonzero(_reachable(count, self.wanted) & (self.beta[rows] < MAX_BETA))
        beta, change = self.beta[rows], np.ones(len(rows))
        low, high = np.zeros(len(rows)), np.full(len(rows), np.inf)
        for _ in range(_MAX_STEPS):
            if not len(active):
                break
            now, scale = change[active], beta[active]
            others, entropy, slope = self._moments(rows[active], now, scale * excess[active])
            difference = entropy - self.wanted
            met = np.abs(difference) <= self.eps
            found[active[met]] = others[met]
            step = _newton(now, difference, slope, low, high, active, MAX_BETA / scale)
            change[active] = step
            active = active[~met & (np.abs(step - 1.0) <= _RADIUS)]
        return found

    def _moments(self, rows: Indices, change: Floats, new: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the others' share, the entropy, and its slope, at beta times `change`.

        `new` is the exponent of the new row at beta itself.
        """
        coefficients = self.coefficients[:, rows]
        sums = np.zeros((3, len(rows)))
        for k in range(_TERMS - 1, -1, -1):
            sums *= 1.0 - change
            sums[0] += coefficients[k]
            sums[1] += (k + 1) * coefficients[k + 1]
            sums[2] += (k + 1) * (k + 2) * coefficients[k + 2]
        # All relative to the nearest row, which may be the new one.
        shift = np.minimum(new, 0.0)
        own = new - shift
        affinity, others = np.exp(-change * own), np.exp(change * shift)
        zeroth, first, second = sums * others
        total = zeroth + affinity
        mean = (first - shift * zeroth + affinity * own) / total
        squares = (second - 2 * shift * first + shift**2 * zeroth + affinity * own**2) / total
        entropy = np.log(total) + change * mean
        return zeroth / total, entropy, change**2 * (squares - mean**2)
