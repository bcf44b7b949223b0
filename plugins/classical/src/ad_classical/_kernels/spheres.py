"""Which hypersphere of a sample is the first around a row."""

from typing import Any

from ad_classical._kernels._compiling import FLOAT, INTS_2D, SINGLE, compiled, given, ready

__all__ = ["first_around"]


@compiled
def first_around(excess: Any, doubt: Any, X: Any, centers: Any, radii: Any, first: Any) -> None:
    """Write the place of the first hypersphere around each row, in each sample.

    Parameters
    ----------
    excess
        Positive where a row is inside, but for rounding; shape (m, n_samples, size).
    doubt
        Up to which, either way, the squared distance itself is compared; shape (m,).
    X
        Rows, shape (m, d).
    centers, radii
        Of the hyperspheres, shape (n_samples, size, d) and (n_samples, size); the radii
        are squared.
    first
        Written, shape (m, n_samples): a place, or `size` where none is around the row.
    """
    m, n_samples, size = excess.shape
    for row in range(m):
        limit = doubt[row]
        for sample in range(n_samples):
            at = size
            for place in range(size):
                value = excess[row, sample, place]
                if value < -limit:
                    continue
                if value > limit or _within(X[row], centers[sample, place], radii[sample, place]):
                    at = place
                    break
            first[row, sample] = at


@compiled
def _within(row: Any, center: Any, radius: float) -> bool:
    total = 0.0
    for j in range(len(row)):
        difference = row[j] - center[j]
        total += difference * difference
    return total <= radius


ready(
    first_around,
    *(
        (given(3, kind), given(1, kind), given(2), given(3), given(2), INTS_2D)
        for kind in (SINGLE, FLOAT)
    ),
)
