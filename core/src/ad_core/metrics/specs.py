"""The metrics of the core, as data."""

from collections.abc import Sequence

from ad_core.spec import MetricExample, MetricInput, MetricSpec

__all__ = ["METRICS"]

TIED = (0, 0, 1, 1, 0, 1, 0, 0, 0, 1), (0.1, 0.4, 0.35, 0.8, 0.4, 0.7, 0.2, 0.4, 0.9, 0.4)
"""Labels and scores, four of them equal."""
EQUAL = (0, 1, 0, 0), (0.3, 0.3, 0.3, 0.3)
LONG = (1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1), (12, 11, 10, 9, 8, 7, 6, 5, 3, 3, 3, 1)
"""The ninth to the eleventh score are equal."""


def _example(
    given: tuple[Sequence[int], Sequence[float]], expected: float, source: str
) -> MetricExample:
    y_true, values = given
    return MetricExample(y_true=y_true, values=values, expected=expected, source=source)


METRICS: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="roc_auc",
        target="ad_core.metrics:roc_auc",
        summary="Area under the ROC curve; a tie counts one half.",
        aliases=("auroc",),
        references=("Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747",),
        examples=(
            _example(TIED, 15.5 / 24, "scikit-learn 1.9.1: roc_auc_score"),
            _example(EQUAL, 1 / 2, "By hand: every pair is a tie."),
        ),
    ),
    MetricSpec(
        name="pr_auc",
        target="ad_core.metrics:average_precision",
        summary="Average precision: sum of (R_n - R_(n-1)) P_n; by chance it is the prevalence.",
        aliases=("average_precision",),
        references=("Davis and Goadrich 2006, doi:10.1145/1143844.1143874",),
        examples=(
            _example(TIED, 11 / 21, "scikit-learn 1.9.1: average_precision_score"),
            _example(EQUAL, 1 / 4, "By hand: the prevalence."),
        ),
    ),
    MetricSpec(
        name="f1",
        target="ad_core.metrics:f1_youden",
        summary="F1 at the Youden threshold of the test labels (an oracle).",
        oracle=True,
        references=(
            "Youden 1950, doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3",
        ),
        aliases=("f1_youden",),
        examples=(
            _example(TIED, 4 / 7, "scikit-learn 1.9.1: roc_curve and f1_score at 0.7"),
            _example(EQUAL, 2 / 5, "By hand: all four are flagged."),
        ),
    ),
    MetricSpec(
        name="f1_fit",
        target="ad_core.metrics:f1_fit",
        summary="F1 at the detector's own decision threshold.",
        input=MetricInput.PREDICTIONS,
        examples=(
            _example(
                ((0, 1, 1, 0, 1), (0, 1, 0, 1, 1)),
                2 / 3,
                "By hand: two true positives, one false one, one miss.",
            ),
            _example(((0, 1, 0), (0, 0, 0)), 0.0, "By hand: nothing is flagged."),
        ),
    ),
    MetricSpec(
        name="f1_best",
        target="ad_core.metrics:f1_best",
        summary="Largest F1 over all thresholds (an oracle).",
        oracle=True,
        examples=(
            _example(TIED, 2 / 3, "scikit-learn 1.9.1: the largest f1_score, at 0.35"),
            _example(EQUAL, 2 / 5, "By hand: all four are flagged."),
        ),
    ),
    MetricSpec(
        name="precision_at_n",
        target="ad_core.metrics:precision_at_n",
        summary="Share of anomalies among the 10 highest scores; the expectation under ties.",
        params={"n": 10},
        aliases=("precision_at_10",),
        examples=(
            _example(LONG, 14 / 30, "By hand: 4 in the first 8, and 2 of 3 ranks of a tie with 1."),
        ),
    ),
    MetricSpec(
        name="r_precision",
        target="ad_core.metrics:r_precision",
        summary="Share of anomalies among the n highest scores, n = the number of anomalies.",
        references=("Manning et al. 2008, Introduction to Information Retrieval, section 8.4",),
        examples=(
            _example(TIED, 9 / 16, "By hand: 2 in the first 3, and 1 of 4 ranks of a tie with 1."),
            _example(EQUAL, 1 / 4, "By hand: the prevalence."),
        ),
    ),
)
