"""COPOD: outliers by the empirical copula."""

from ad_classical._tails import TailsDetector

__all__ = ["COPOD"]


class COPOD(TailsDetector):
    r"""Unlikely values by the tails of the empirical copula, corrected for skewness.

    With the empirical tail probabilities F (left) and G (right) of the training
    values of each column, a row x scores

    .. math:: \sum_j \max\Bigl(U_j(x_j),
              \tfrac{1}{2}\bigl(-\log F_j(x_j) - \log G_j(x_j)\bigr)\Bigr),

    where U is the tail on the side to which the column is skewed (left for a
    negative, right for a positive skewness, both added where it is exactly 0).
    A column's share is at most log n (2 log n in a symmetric column), reached
    beyond the training range.

    Parameters
    ----------
    scoring
        ``"inductive"`` counts the training rows only, so that a row's score does
        not depend on its batch. ``"transductive"`` counts the training rows and
        the scored batch together, as PyOD does: for reproducing its tables.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    Z. Li, Y. Zhao, N. Botta, C. Ionescu, X. Hu, "COPOD: Copula-based outlier
    detection", ICDM 2020. doi:10.1109/ICDM50108.2020.00135
    """

    _copula = True
