"""The metrics of the core, as data."""

from ad_core.spec import MetricInput, MetricSpec

__all__ = ["METRICS"]

METRICS: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="roc_auc",
        target="ad_core.metrics:roc_auc",
        summary="Area under the ROC curve; a tie counts one half.",
        aliases=("auroc",),
        references=("Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747",),
    ),
    MetricSpec(
        name="pr_auc",
        target="ad_core.metrics:average_precision",
        summary="Average precision: sum of (R_n - R_(n-1)) P_n; by chance it is the prevalence.",
        aliases=("average_precision",),
        references=("Davis and Goadrich 2006, doi:10.1145/1143844.1143874",),
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
    ),
    MetricSpec(
        name="f1_fit",
        target="ad_core.metrics:f1_fit",
        summary="F1 at the detector's own decision threshold.",
        input=MetricInput.PREDICTIONS,
    ),
    MetricSpec(
        name="f1_best",
        target="ad_core.metrics:f1_best",
        summary="Largest F1 over all thresholds (an oracle).",
        oracle=True,
    ),
    MetricSpec(
        name="precision_at_n",
        target="ad_core.metrics:precision_at_n",
        summary="Share of anomalies among the 10 highest scores; the expectation under ties.",
        params={"n": 10},
        aliases=("precision_at_10",),
    ),
    MetricSpec(
        name="r_precision",
        target="ad_core.metrics:r_precision",
        summary="Share of anomalies among the n highest scores, n = the number of anomalies.",
        references=("Manning et al. 2008, Introduction to Information Retrieval, section 8.4",),
    ),
)
