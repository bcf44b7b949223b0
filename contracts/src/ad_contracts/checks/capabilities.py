"""Every declared capability is true, and every true one is declared."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_close, expect_error, expect_same
from ad_core.detector import load_detector
from ad_core.errors import AdError, InputError
from ad_core.spec import Capability, DataKind, DetectorSpec, Family

__all__ = [
    "anomaly_map_has_a_number_a_place",
    "column_that_is_off_contributes_most",
    "deterministic_needs_no_seed",
    "every_column_counts",
    "labels_are_ignored",
    "labels_are_needed",
    "labels_are_used",
    "missing_values_are_accepted",
    "new_rows_are_refused",
    "new_rows_are_scored",
    "optional_methods_are_declared",
    "partial_fit_adds_to_the_fit",
    "randomness_is_declared",
    "saving_is_declared",
    "seed_is_declared",
    "transductive_is_declared",
    "transductive_scores_depend_on_the_batch",
    "two_columns_are_refused",
]

_ARRAYS = {DataKind.TABULAR, DataKind.TIMESERIES}
_METHODS = {
    Capability.FEATURE_CONTRIBUTIONS: "feature_contributions",
    Capability.PARTIAL_FIT: "partial_fit",
    Capability.LOCALIZES: "anomaly_map",
}


def _looks_at_the_data(spec: DetectorSpec) -> bool:
    return Capability.MULTIVARIATE in spec.capabilities and spec.family is not Family.BASELINE


def _table(X: Any) -> NDArray[np.float64]:
    """Return a writable copy of rows or steps, one channel as one column."""
    values = np.array(X, dtype=np.float64)
    return values.reshape(len(values), -1)


def _two_columns(X: Any) -> NDArray[np.float64]:
    first = _table(X)[:, 0]
    return np.column_stack([first, first[::-1]])


def _differ(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether two arrays differ by more than sums in another order can."""
    scale = float(np.abs(b).max()) or 1.0
    return bool((np.abs(a - b) > 1e-9 * scale).any())


# -- novelty, transductive ------------------------------------------------------------------


@check(needs={Capability.NOVELTY})
def new_rows_are_scored(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `novelty` scores data that it was not fitted on."""
    scores = subject.fitted(sample).score_samples(sample.X_test)
    expect(scores.shape == sample.y_test.shape, f"shape {sample.y_test.shape}", scores.shape)


@check(unless={Capability.NOVELTY})
def new_rows_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that does not declare `novelty` scores its training data only."""
    detector = subject.fitted(sample)
    detector.score_samples(sample.X_train)
    expect_error(
        InputError,
        lambda: detector.score_samples(sample.X_test),
        when="it does not declare 'novelty' and is to score data that it was not fitted on",
    )


@check(data=_ARRAYS, needs={Capability.TRANSDUCTIVE})
def transductive_scores_depend_on_the_batch(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `transductive` scores a part alone otherwise than in the whole."""
    detector, start = subject.fitted(sample), len(sample.X_test) // 3
    whole = detector.score_samples(sample.X_test)[start:]
    part = detector.score_samples(sample.X_test[start:])
    rule = "'transductive' to be declared only where a part scored alone gets other scores"
    expect(_differ(part, whole), rule, f"the same {len(part)} scores")


@check(data={DataKind.TIMESERIES}, unless={Capability.TRANSDUCTIVE})
def transductive_is_declared(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that scores a part of a series otherwise than in the whole declares it."""
    detector, start = subject.fitted(sample), len(sample.X_test) // 3
    whole = detector.score_samples(sample.X_test)[start:]
    part = detector.score_samples(sample.X_test[start:])
    expect_close(part, whole, "the scores of a part alone", "those in the whole ('transductive')")


# -- multivariate ---------------------------------------------------------------------------


@check(data=_ARRAYS, when=_looks_at_the_data)
def every_column_counts(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `multivariate` uses the second column as it does the first."""
    X = _two_columns(sample.X_test)
    detector = subject.make().fit(_two_columns(sample.X_train), sample.y_train)
    scores = detector.score_samples(X)
    for column in (0, 1):
        other = X.copy()
        other[:, column] = other[::-1, column]
        moved = detector.score_samples(other)
        rule = f"other scores when column {column} of 2 is turned upside down"
        expect(_differ(moved, scores), rule, "the same scores")


@check(data=_ARRAYS, unless={Capability.MULTIVARIATE})
def two_columns_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that does not declare `multivariate` refuses two columns."""
    expect_error(
        InputError,
        lambda: subject.make().fit(_two_columns(sample.X_train), sample.y_train),
        when="it does not declare 'multivariate' and is fitted on two columns",
        naming=("2",),
    )


# -- deterministic, seeded ------------------------------------------------------------------


@check()
def randomness_is_declared(subject: DetectorSubject) -> None:
    """A detector declares either `deterministic` or `seeded`."""
    both = {Capability.DETERMINISTIC, Capability.SEEDED}
    declared = sorted(both & subject.spec.capabilities)
    rule = "one of the capabilities 'deterministic' and 'seeded'"
    expect(len(declared) == 1, rule, " and ".join(declared) or "neither")


@check()
def seed_is_declared(subject: DetectorSubject) -> None:
    """A detector declares `seeded` when it takes `random_state`, and only then."""
    takes = any(one.name == "random_state" for one in subject.parameters)
    declared = Capability.SEEDED in subject.spec.capabilities
    rule = f"{'an' if declared else 'no'} argument 'random_state' ("
    rule += f"'seeded' is {'declared' if declared else 'not declared'})"
    expect(takes == declared, rule, "one" if takes else "none")


@check(needs={Capability.DETERMINISTIC})
def deterministic_needs_no_seed(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `deterministic` scores alike after each fit and at each call."""
    first, again = subject.fitted(sample), subject.fit(sample)
    scores = first.score_samples(sample.X_train)
    calls = {"at another call": first, "after another fit": again}
    for when, detector in calls.items():
        other = detector.score_samples(sample.X_train)
        expect_same(other, scores, f"the scores {when}, without a seed,", "those before")


# -- missing values -------------------------------------------------------------------------


def _with_gaps(X: Any) -> NDArray[np.float64]:
    """Take a value out of every fifth row, from one column after the other."""
    values = _table(X)
    rows = np.arange(0, len(values), 5)
    values[rows, np.arange(len(rows)) % values.shape[1]] = np.nan
    return values


@check(data=_ARRAYS, needs={Capability.MISSING_VALUES})
def missing_values_are_accepted(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `missing_values` finds anomalies among rows with gaps."""
    detector = subject.make().fit(_with_gaps(sample.X_train), sample.y_train)
    X = _with_gaps(sample.X_test)
    scores, whole = detector.score_samples(X), ~np.isnan(X).any(axis=1)
    outliers, inliers = (np.median(scores[whole & (sample.y_test == label)]) for label in (1, 0))
    rule = "a higher median score of the outliers without gaps than of such inliers"
    expect(outliers > inliers, rule, f"{outliers:.4g} and {inliers:.4g}")


# -- serializable ---------------------------------------------------------------------------


@check(unless={Capability.SERIALIZABLE})
def saving_is_declared(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that saves and loads with equal scores declares `serializable`."""
    loads = _loads_alike(subject, sample)
    rule = "'serializable' to be declared where save and load give the same scores"
    expect(not loads, rule, f"no such capability of {subject.name}")


def _loads_alike(subject: DetectorSubject, sample: Sample) -> bool:
    detector = subject.fitted(sample)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "saved.ad"
        try:
            detector.save(path)
            loaded = load_detector(path)
        except AdError:
            return False
    scores = detector.score_samples(sample.X_test)
    return bool(np.array_equal(loaded.score_samples(sample.X_test), scores))


# -- feature contributions, partial fit, localizes --------------------------------------------


@check()
def optional_methods_are_declared(subject: DetectorSubject) -> None:
    """Each optional method is there when its capability is declared, and only then."""
    detector = subject.make()
    for capability, method in _METHODS.items():
        there = callable(getattr(detector, method, None))
        declared = capability in subject.spec.capabilities
        rule = f"{'a' if declared else 'no'} method {method!r} ("
        rule += f"{capability.value!r} is {'declared' if declared else 'not declared'})"
        expect(there == declared, rule, "one" if there else "none")


@check(data=_ARRAYS, needs={Capability.FEATURE_CONTRIBUTIONS})
def column_that_is_off_contributes_most(subject: DetectorSubject, sample: Sample) -> None:
    """`feature_contributions` gives a number a value, the largest to the column that is far off."""
    detector: Any = subject.fitted(sample)
    inlier = int(np.argmin(detector.score_samples(sample.X_test)))
    for column in range(_table(sample.X_test).shape[1]):
        X = _table(sample.X_test)
        X[inlier, column] += 100 * X[:, column].std()
        numbers = np.asarray(detector.feature_contributions(X))
        expect(numbers.shape == X.shape, f"contributions of shape {X.shape}", numbers.shape)
        expect(np.isfinite(numbers).all(), "finite contributions", f"{numbers[inlier]} …")
        most = int(np.argmax(numbers[inlier]))
        rule = f"column {column}, which is far off, to contribute most"
        expect(most == column, rule, f"column {most} of {numbers[inlier]}")


@check(data=_ARRAYS, needs={Capability.PARTIAL_FIT})
def partial_fit_adds_to_the_fit(subject: DetectorSubject, sample: Sample) -> None:
    """`partial_fit` returns self, learns from the new rows and keeps the old ones."""
    X, y, test = _table(sample.X_train), sample.y_train, sample.X_test
    further = 2 * X[::-1] + 3 * X.std()
    detector: Any = subject.fit(sample)
    returned = detector.partial_fit(further, y[::-1])
    expect(returned is detector, "partial_fit to return the detector itself", repr(returned))
    scores = detector.score_samples(test)
    before = subject.fitted(sample).score_samples(test)
    expect(_differ(scores, before), "other scores after partial_fit", "those of the first fit")
    alone = subject.make().fit(further, y[::-1]).score_samples(test)
    expect(_differ(scores, alone), "partial_fit to keep the first fit", "scores of the last rows")


@check(data={*_ARRAYS, DataKind.IMAGE}, needs={Capability.LOCALIZES})
def anomaly_map_has_a_number_a_place(subject: DetectorSubject, sample: Sample) -> None:
    """`anomaly_map` gives one finite number for each place in each sample."""
    shape = np.shape(sample.X_test)[: 3 if DataKind.IMAGE in subject.spec.data else None]
    detector: Any = subject.fitted(sample)
    numbers = np.asarray(detector.anomaly_map(sample.X_test))
    expect(numbers.shape == shape, f"a map of shape {shape}", f"shape {numbers.shape}")
    faults = int((~np.isfinite(numbers)).sum())
    expect(not faults, "finite numbers in the map", f"{faults} others")


# -- supervised -----------------------------------------------------------------------------


@check(needs={Capability.SUPERVISED})
def labels_are_needed(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `supervised` cannot be fitted without labels."""
    fit = subject.make().fit
    expect_error(InputError, lambda: fit(sample.X_train), when="y is absent", naming=("label",))


@check(needs={Capability.SUPERVISED})
def labels_are_used(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that declares `supervised` gives other scores when the labels are flipped."""
    flipped = subject.make().fit(sample.X_train, 1 - sample.y_train)
    scores = flipped.score_samples(sample.X_test)
    given = subject.fitted(sample).score_samples(sample.X_test)
    expect(_differ(scores, given), "other scores after a fit on flipped labels", "the same scores")


@check(unless={Capability.SUPERVISED})
def labels_are_ignored(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that does not declare `supervised` takes no notice of labels."""
    without = subject.make().fit(sample.X_train).score_samples(sample.X_train)
    labelled = subject.fitted(sample).score_samples(sample.X_train)
    expect_same(labelled, without, "the scores after a fit with labels", "those without")
