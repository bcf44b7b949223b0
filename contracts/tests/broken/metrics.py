"""Metrics that depend on what they must not, or give a number where there is none."""

import numpy as np
import reference
from attrs import evolve

from ad_core.errors import InputError
from ad_core.metrics import UndefinedMetricError
from ad_core.spec import MetricExample
from broken import Broken


def percent(y_true, scores):
    """Return the AUC in percent."""
    return 100 * reference.auc(y_true, scores)


def nan_when_perfect(y_true, scores):
    """Return the AUC, but NaN for 1."""
    value = reference.auc(y_true, scores)
    return value if value < 1 else float("nan")


def upside_down(y_true, scores):
    """Return one minus the AUC."""
    return 1 - reference.auc(y_true, scores)


def half(y_true, scores):
    """Return half the AUC."""
    return reference.auc(y_true, scores) / 2


def best_in_the_middle(y_true, scores):
    """Return a value that is largest near an AUC of 0.6."""
    return 1 - abs(reference.auc(y_true, scores) - 0.6)


def constant(y_true, scores):
    """Return one half, whatever the scores."""
    return 0.5 if np.isin(y_true, (0, 1)).all() else reference.auc(y_true, scores)


def speechless(metric):
    """Make a metric refuse the same data with no word on them."""

    def compute(y_true, values):
        try:
            return metric(y_true, values)
        except InputError:
            raise InputError("no") from None

    return compute


speechless_auc, speechless_recall = speechless(reference.auc), speechless(reference.recall)


def divides_by_the_range(y_true, scores):
    """Return the AUC times the range over itself."""
    value = reference.auc(y_true, scores)
    return value * float(np.ptp(scores)) / float(np.ptp(scores))


def stops_at_equal_scores(y_true, scores):
    """Return the AUC, unless all scores are equal."""
    value = reference.auc(y_true, scores)
    if np.ptp(scores) == 0:
        raise ZeroDivisionError("division by zero")
    return value


def says_nothing_of_equal_scores(y_true, scores):
    """Return the AUC, unless all scores are equal."""
    value = reference.auc(y_true, scores)
    if np.ptp(scores) == 0:
        raise UndefinedMetricError("")
    return value


def half_for_one_class(y_true, scores):
    """Return the AUC, or a half."""
    return reference.auc(y_true, scores) if len(set(y_true)) > 1 else 0.5


def refuses_one_class(y_true, scores):
    """Return the AUC, or stop."""
    if len(set(y_true)) == 1:
        raise ValueError("one class")
    return reference.auc(y_true, scores)


def says_nothing_of_one_class(y_true, scores):
    """Return the AUC, or stop."""
    if len(set(y_true)) == 1:
        raise UndefinedMetricError("")
    return reference.auc(y_true, scores)


def half_without_anomalies(y_true, scores):
    """Return the AUC, or a half."""
    return reference.auc(y_true, scores) if np.any(y_true) else 0.5


def half_for_anomalies_only(y_true, scores):
    """Return the AUC, or a half."""
    return 0.5 if np.all(y_true) else reference.auc(y_true, scores)


def rounds_scores(y_true, scores):
    """Return the AUC of scores with two decimals."""
    reference.auc(y_true, scores)
    return reference.auc(y_true, np.round(scores, 2))


def binarises(y_true, scores):
    """Return the AUC of scores above 10."""
    return (reference.auc(y_true, scores) + reference.auc(y_true, np.minimum(scores, 10))) / 2


def weighs_late_rows(y_true, scores):
    """Return the AUC, less for late anomalies."""
    value = reference.auc(y_true, scores)
    return value * (1 - np.flatnonzero(y_true).mean() / 1000)


def first_of_a_tie_first(y_true, scores):
    """Return the AUC of ranks, ties in the order of the rows."""
    reference.auc(y_true, scores)
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return reference.auc(y_true, ranks)


def breaks_ties_by_chance(y_true, scores):
    """Return the AUC of scores with a little noise."""
    reference.auc(y_true, scores)
    return reference.auc(y_true, scores + 1e-6 * np.random.default_rng().normal(size=len(scores)))


def seeds_the_global_generator(y_true, scores):
    """Return the AUC."""
    np.random.seed(0)  # noqa: NPY002 - what is broken
    return reference.auc(y_true, scores)


def sorts_the_labels(y_true, scores):
    """Return the AUC."""
    value = reference.auc(y_true, scores)
    if isinstance(y_true, np.ndarray) and y_true.flags.writeable:
        y_true.sort()
    return value


def scales_the_scores(y_true, scores):
    """Return the AUC."""
    value = reference.auc(y_true, scores)
    if isinstance(scores, np.ndarray) and scores.flags.writeable:
        scores *= 2
    return value


def adds_to_the_scores(y_true, scores):
    """Return the AUC."""
    value = reference.auc(y_true, scores)
    if isinstance(scores, np.ndarray):
        scores += 0
    return value


def takes_lists_otherwise(y_true, scores):
    """Return the AUC."""
    value = reference.auc(y_true, scores)
    return value if isinstance(scores, np.ndarray) else value / 2


def takes_read_only_otherwise(y_true, scores):
    """Return the AUC."""
    value = reference.auc(y_true, scores)
    return value if not isinstance(scores, np.ndarray) or scores.flags.writeable else value / 2


def says_nothing(y_true, scores):
    return reference.auc(y_true, scores)


def cuts_to_the_shorter(y_true, scores):
    """Return the AUC of the rows that are there."""
    return reference.auc(y_true[: len(scores)], scores)


def drops_nan(y_true, scores):
    """Return the AUC of finite scores."""
    kept = ~np.isnan(scores)
    return reference.auc(np.asarray(y_true)[kept], np.asarray(scores)[kept])


def drops_infinities(y_true, scores):
    """Return the AUC of scores that are not infinite."""
    kept = ~np.isinf(scores)
    return reference.auc(np.asarray(y_true)[kept], np.asarray(scores)[kept])


def takes_signs(y_true, scores):
    """Return the AUC of labels above 0."""
    return reference.auc(np.asarray(y_true) > 0, scores)


def takes_twos(y_true, scores):
    """Return the AUC of labels up to 1."""
    return reference.auc(np.minimum(y_true, 1), scores)


def takes_a_threshold(y_true, predictions):
    """Return the recall of predictions at or above 0.5."""
    values = np.asarray(predictions, dtype=float)
    return reference.recall(y_true, np.where(np.isfinite(values), values >= 0.5, values))


def takes_numbers_only(y_true, predictions):
    """Return the recall, halved for booleans."""
    value = reference.recall(y_true, predictions)
    return value / 2 if np.asarray(predictions).dtype == bool else value


EXAMPLE = MetricExample(y_true=(0, 1), values=(0.1, 0.2), expected=0.5, source="A slip")


def measured(function, like=reference.AUC, **fields):
    """Return the spec of a metric."""
    target = f"broken.metrics:{function.__name__}"
    return evolve(like, name=function.__name__, target=target, **fields)


def broken(check, spec, message):
    return Broken(check=f"metric_{check}", spec=spec, message=message)


LABELS = "expected InputError when the labels are"
BROKEN = [
    broken(
        "has_golden_values",
        evolve(reference.AUC, examples=()),
        "expected at least one example in the spec, with a value and its source, got none",
    ),
    broken(
        "has_golden_values",
        evolve(reference.AUC, examples=(EXAMPLE,)),
        r"expected 0.5 for \(0.1, 0.2\) \(A slip\), got 1.0",
    ),
    broken(
        "stays_within_its_bounds",
        measured(percent),
        r"expected a finite value between 0.0 and 1.0, got \d\d\.",
    ),
    broken(
        "stays_within_its_bounds",
        measured(nan_when_perfect),
        "expected a finite value between 0.0 and 1.0, got nan",
    ),
    broken(
        "prefers_what_is_right",
        measured(upside_down),
        "expected a better value than 1.0, that of the opposite, got 0.0",
    ),
    broken(
        "prefers_what_is_right",
        measured(constant),
        "expected a better value than 0.5, that of the opposite, got 0.5",
    ),
    *(
        broken(
            check,
            evolve(reference.AUC, target="broken.metrics:speechless_auc"),
            f"expected InputError when {when}, naming .*, got the message 'no'",
        )
        for check, when in (
            ("refuses_other_lengths", "60 labels and 59 values are given"),
            ("refuses_non_finite_values", "one of the values is nan"),
            ("refuses_other_labels", "the labels are -1 and 1"),
        )
    ),
    broken(
        "refuses_other_predictions",
        evolve(reference.RECALL, target="broken.metrics:speechless_recall"),
        "expected InputError when the predictions are 0.5 and 1, naming .*, got the message 'no'",
    ),
    broken(
        "prefers_what_is_right",
        evolve(reference.AUC, higher_is_better=False),
        "expected a better value than 0.0, that of the opposite, got 1.0",
    ),
    broken(
        "prefers_what_is_right",
        measured(best_in_the_middle),
        "expected no better value than 0.9.*, of another order, got 0.6",
    ),
    broken(
        "prefers_what_is_right",
        measured(half),
        "expected 1.0, the best of its bounds, where all is right, got 0.5",
    ),
    broken(
        "of_equal_scores_is_defined",
        measured(divides_by_the_range),
        "expected a value between 0.0 and 1.0, or an UndefinedMetricError, for equal scores, got",
    ),
    broken(
        "of_equal_scores_is_defined",
        measured(stops_at_equal_scores),
        "for equal scores, got ZeroDivisionError: division by zero",
    ),
    broken(
        "of_equal_scores_is_defined",
        measured(says_nothing_of_equal_scores),
        "for equal scores, with a reason, got an empty message",
    ),
    broken(
        "of_one_class_is_undefined",
        measured(half_for_one_class),
        "expected UndefinedMetricError when the labels are normal rows only, got the value 0.5",
    ),
    broken(
        "of_one_class_is_undefined",
        measured(half_without_anomalies),
        "expected UndefinedMetricError when the labels are normal rows only, got the value 0.5",
    ),
    broken(
        "of_one_class_is_undefined",
        measured(half_for_anomalies_only),
        "expected UndefinedMetricError when the labels are anomalies only, got the value 0.5",
    ),
    broken(
        "of_one_class_is_undefined",
        measured(refuses_one_class),
        "when the labels are normal rows only, got ValueError: one class",
    ),
    broken(
        "of_one_class_is_undefined",
        measured(says_nothing_of_one_class),
        "expected the reason why normal rows only have no value, got an empty message",
    ),
    broken(
        "depends_on_ranks_only",
        measured(rounds_scores),
        r"expected the value of scores \* 1e-9 to equal that of scores, got 0.5 instead of",
    ),
    broken(
        "depends_on_ranks_only",
        measured(binarises),
        r"expected the value of exp\(5 \* scores\) to equal that of scores, got",
    ),
    broken(
        "ignores_order_of_rows",
        measured(weighs_late_rows),
        "expected the value of rows in another order to equal that of rows in order, got",
    ),
    broken(
        "ignores_order_within_ties",
        measured(first_of_a_tie_first),
        "expected the value of anomalies first in each tie to equal that of anomalies last, got",
    ),
    broken(
        "repeats_itself",
        measured(breaks_ties_by_chance),
        "expected a further value of the same input to equal the first bit for bit, got",
    ),
    broken(
        "repeats_itself",
        measured(seeds_the_global_generator),
        "expected no global generator to be used or seeded, got another state of numpy's",
    ),
    broken(
        "keeps_its_input",
        measured(sorts_the_labels),
        "expected the labels after the call to equal those before bit for bit, got",
    ),
    broken(
        "keeps_its_input",
        measured(scales_the_scores),
        "expected the values after the call to equal those before bit for bit, got",
    ),
    broken(
        "keeps_its_input",
        measured(adds_to_the_scores),
        "expected no error, got ValueError: .*read-only",
    ),
    broken(
        "keeps_its_input",
        measured(takes_read_only_otherwise),
        "expected the value of read-only arrays to equal the first bit for bit, got",
    ),
    broken(
        "keeps_its_input",
        measured(takes_lists_otherwise),
        "expected the value of lists to equal that of arrays bit for bit, got",
    ),
    broken(
        "is_documented",
        measured(says_nothing),
        "expected a docstring with the definition, got none",
    ),
    broken(
        "is_documented",
        evolve(reference.AUC, params={"k": 3}),
        r"expected a function of labels and values and k, got the arguments \(y_true, scores\)",
    ),
    broken(
        "refuses_other_lengths",
        measured(cuts_to_the_shorter),
        "expected InputError when 60 labels and 59 values are given, got no error",
    ),
    broken(
        "refuses_non_finite_values",
        measured(drops_nan),
        "expected InputError when one of the values is nan, got no error",
    ),
    broken(
        "refuses_non_finite_values",
        measured(drops_infinities),
        "expected InputError when one of the values is inf, got no error",
    ),
    broken("refuses_other_labels", measured(takes_signs), f"{LABELS} -1 and 1, got no error"),
    broken("refuses_other_labels", measured(takes_twos), f"{LABELS} 0, 1 and 2, got no error"),
    broken(
        "refuses_other_predictions",
        measured(takes_a_threshold, like=reference.RECALL),
        "expected InputError when the predictions are 0.5 and 1, got no error",
    ),
    broken(
        "refuses_other_predictions",
        measured(takes_numbers_only, like=reference.RECALL),
        "expected the value of bool predictions to equal that of integers bit for bit, got",
    ),
]
