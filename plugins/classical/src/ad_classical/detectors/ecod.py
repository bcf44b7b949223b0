"""ECOD: outliers by empirical cumulative distribution functions."""

from ad_classical._tails import TailsDetector

__all__ = ["ECOD"]


class ECOD(TailsDetector):
    r"""Unlikely values in either tail, column by column.

    With the empirical tail probabilities F (left) and G (right) of the training
    values of each column, a row x scores

    .. math:: \sum_j \max(-\log F_j(x_j), -\log G_j(x_j), U_j(x_j)),

    where U is the tail on the side to which the column is skewed, or the sum of
    both where its skewness is exactly 0. Columns are taken as independent. A
    column's share is at most log n in a skewed column (2 log n in a symmetric
    one), reached beyond the training range. A constant column scores 0 for its
    own value. The paper takes the largest of three sums; as the reference
    implementation (PyOD), this sums the largest of three terms.

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
    Z. Li, Y. Zhao, X. Hu, N. Botta, C. Ionescu, G. H. Chen, "ECOD: Unsupervised
    outlier detection using empirical cumulative distribution functions", IEEE
    TKDE 35(12), 2023. doi:10.1109/TKDE.2022.3159580
    """

    _copula = False
