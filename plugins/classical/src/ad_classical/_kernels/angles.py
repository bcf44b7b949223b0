"""How much the angles vary under which rows see those around them."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import FLOAT, FLOATS, INT, compiled, given, ready

__all__ = ["angle_variances"]


@compiled
def angle_variances(
    X: Any, near: Any, distances: Any, coincident: float, k: int, variances: Any
) -> None:
    """Write the variance of the weighted angles between each two of the nearest rows.

    Parameters
    ----------
    X
        Rows, shape (m, d).
    near
        Rows near each, the nearest first, shape (m, w, d).
    distances
        How near they are, shape (m, w).
    coincident
        Distance up to which they are passed over.
    k
        How many are looked at, or those that there are.
    variances
        Written, shape (m,), but where all are passed over.
    """
    most, d = near.shape[1:]
    vectors, products = np.empty((k, d)), np.empty(k * (k - 1) // 2)
    for i in range(len(X)):
        first = 0
        while first < most and distances[i, first] <= coincident:
            first += 1
        if first == most:
            continue
        count = min(k, most - first)
        for a in range(count):
            _invert(X[i], near[i, first + a], vectors[a])
        n_pairs, total = 0, 0.0
        for a in range(count):
            for b in range(a):
                product = 0.0
                for j in range(d):
                    product += vectors[a, j] * vectors[b, j]
                products[n_pairs] = product
                total += product
                n_pairs += 1
        deviations = 0.0
        for pair in range(n_pairs):
            deviations += (products[pair] - total / n_pairs) ** 2
        variances[i] = deviations / n_pairs if n_pairs else 0.0


@compiled
def _invert(row: Any, other: Any, vector: Any) -> None:
    """Write v / |v|^2, v being the way to the other row."""
    squares = 0.0
    for j in range(len(row)):
        vector[j] = other[j] - row[j]
        squares += vector[j] * vector[j]
    length = np.sqrt(squares)
    for j in range(len(row)):
        vector[j] = vector[j] / length / length


ready(angle_variances, (given(2), given(3), given(2), FLOAT, INT, FLOATS))
