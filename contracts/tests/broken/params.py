"""Detectors whose arguments cannot be read, set, refused or copied."""

import copy

import numpy as np
from reference import Mahalanobis

from ad_core.errors import ParameterError
from broken import catching

BROKEN = []
caught = catching(BROKEN)


@caught(
    "get_params_is_complete",
    r"expected get_params to have the keys \['contamination', 'shrinkage', 'threshold'\], got "
    r"\['shrinkage', 'threshold'\]",
)
class HidesContamination(Mahalanobis):
    def get_params(self, deep=True):
        return {
            name: value for name, value in super().get_params().items() if name != "contamination"
        }


@caught(
    "get_params_is_complete",
    r"expected get_params to have the keys .*, got \['contamination', 'mean_', 'shrinkage'",
)
class ShowsItsState(Mahalanobis):
    def get_params(self, deep=True):
        return {**super().get_params(), "mean_": None}


@caught("get_params_is_complete", "expected shrinkage to be 1e-06, got 1e-05")
class HasAnotherDefault(Mahalanobis):
    def __init__(self, shrinkage: float = 1e-6) -> None:
        self.shrinkage = max(shrinkage, 1e-5)


@caught("get_params_is_complete", "expected contamination to be 0.1, got 0.05")
class OverridesContamination(Mahalanobis):
    def get_params(self, deep=True):
        return {**super().get_params(), "contamination": 0.05}


class Weighted(Mahalanobis):
    """Mahalanobis distance with weights of the columns.

    Parameters
    ----------
    weights
        Factor of each column.
    power
        Exponent of the distance.
    """

    shrinkage = 1e-6

    def __init__(self, weights: list[float] | None = None, power: int = 1) -> None:
        self.weights = weights
        self.power = power

    def _score(self, X):
        return super()._score(X) ** self.power


@caught(
    "arguments_are_stored_as_given",
    r"expected weights=\[.*\] to be stored as given, got \[.*another",
)
class CopiesItsWeights(Weighted):
    def __init__(self, weights: list[float] | None = None, power: int = 1) -> None:
        super().__init__(weights and list(weights), power)


@caught("arguments_are_stored_as_given", r"expected power=2 to be stored as given, got '2' \(str")
class StoresText(Weighted):
    def __init__(self, weights: list[float] | None = None, power: int = 1) -> None:
        super().__init__(weights, power if power == 1 else str(power))


@caught("arguments_are_stored_as_given", r"expected threshold=\{.*\} to be stored as given, got \{")
class CopiesItsThreshold(Mahalanobis):
    def get_params(self, deep=True):
        return copy.deepcopy(super().get_params())


@caught(
    "pinned_arguments_are_hidden",
    "expected get_params without the pinned 'shrinkage', got .*'shrinkage'",
    fixed={"shrinkage": 0.1},
)
class ShowsWhatIsPinned(Mahalanobis):
    def get_params(self, deep=True):
        return {**super().get_params(), "shrinkage": self.shrinkage}


@caught(
    "pinned_arguments_are_hidden",
    "expected ParameterError when set_params gets the pinned 'shrinkage', got no error",
    fixed={"shrinkage": 0.1},
)
@caught(
    "unknown_arguments_are_refused",
    "expected ParameterError when set_params gets the unknown 'contaminatio_', got no error",
)
@caught(
    "bad_values_are_refused",
    "expected ParameterError when set_params gets shrinkage='no such value', got no error",
)
@caught(
    "refused_set_params_sets_nothing",
    "expected ParameterError when set_params gets {'no_such_argument': 1}, got no error",
)
class SetsAnything(Mahalanobis):
    def set_params(self, **params):
        vars(self).update(params)
        return self


@caught(
    "unknown_arguments_are_refused",
    "set_params gets the unknown 'contaminatio_', naming 'contamination', got the message",
)
class DoesNotSayWhatItKnows(Mahalanobis):
    def set_params(self, **params):
        for name in params:
            if name not in self.get_params():
                raise ParameterError(f"{self.name} has no parameter {name}")
        return super().set_params(**params)


@caught("unknown_arguments_are_refused", "expected no attribute 'contaminatio_', got one")
@caught(
    "refused_set_params_sets_nothing",
    r"expected \{'shrinkage': 1e-06, 'contamination': 0.1, .*\} as before, got .* 0.2",
)
class SetsAndRefuses(Mahalanobis):
    def set_params(self, **params):
        vars(self).update(params)
        return super().set_params(**params)


class SetsWithoutLooking(Mahalanobis):
    """Mahalanobis distance; one sort of value is not checked when it is set.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    unseen = staticmethod(lambda value: False)

    def set_params(self, **params):
        seen = {name: value for name, value in params.items() if not self.unseen(value)}
        return super().set_params(**seen)


for name, value, unseen in (
    ("TakesTrue", "shrinkage=True", lambda value: value is True),
    ("TakesNone", "shrinkage=None", lambda value: value is None),
    ("TakesLists", r"shrinkage=\[\]", lambda value: value == []),
    ("TakesMappings", "shrinkage={'no': 'such'}", lambda value: value == {"no": "such"}),
    ("TakesLess", "shrinkage=-1", lambda value: value == -1),
    ("TakesNan", "shrinkage=nan", lambda value: value != value),
    ("TakesTheOpenBound", "contamination=0", lambda value: value == 0 and value is not False),
    ("TakesMore", "contamination=1.5", lambda value: value == 1.5),
):
    kind = type(
        name, (SetsWithoutLooking,), {"__module__": __name__, "unseen": staticmethod(unseen)}
    )
    globals()[name] = caught(
        "bad_values_are_refused",
        f"expected ParameterError when set_params gets {value}, got no error",
    )(kind)


@caught(
    "bad_values_are_refused",
    r"set_params gets shrinkage='no such value', naming 'vague' and 'shrinkage', got the message",
)
@caught(
    "refused_set_params_sets_nothing",
    "set_params gets {'no_such_argument': 1}, naming 'no_such_argument', got the message 'wrong v",
)
@caught(
    "pinned_arguments_are_hidden",
    "set_params gets the pinned 'shrinkage', naming 'vague' and 'shrinkage', got the message",
    fixed={"shrinkage": 0.1},
)
class Vague(Mahalanobis):
    def set_params(self, **params):
        try:
            return super().set_params(**params)
        except ParameterError:
            raise ParameterError("wrong value") from None


@caught(
    "refused_set_params_sets_nothing",
    "expected ParameterError when set_params gets {'threshold': 'no such strategy'}, got no error",
)
class TakesAnyStrategy(Mahalanobis):
    def set_params(self, **params):
        params.pop("threshold", None)
        return super().set_params(**params)


@caught(
    "fit_refuses_bad_common_arguments",
    "expected ParameterError when fit comes with contamination='no such value', got no error",
)
class FitsWithItsDefaults(Mahalanobis):
    def fit(self, X, y=None):
        self.contamination, self.threshold = 0.1, "quantile"
        return super().fit(X, y)


@caught(
    "fit_refuses_bad_common_arguments",
    "expected ParameterError when fit comes with threshold='no such value', got no error",
)
class FitsWithItsStrategy(Mahalanobis):
    def fit(self, X, y=None):
        self.threshold = "quantile"
        return super().fit(X, y)


@caught(
    "fit_refuses_bad_common_arguments",
    "fit comes with threshold={'kind': 'quantile', 'no_such_argument': 1}, got no error",
)
class FitsWithoutUnknownArguments(Mahalanobis):
    def fit(self, X, y=None):
        if isinstance(self.threshold, dict):
            self.threshold.pop("no_such_argument", None)
        return super().fit(X, y)


@caught(
    "fit_refuses_bad_common_arguments",
    "fit comes with threshold={'kind': 'holdout', 'fraction': 2.0}, got no error",
)
class FitsWithHalf(Mahalanobis):
    def fit(self, X, y=None):
        if isinstance(self.threshold, dict) and "fraction" in self.threshold:
            self.threshold = {"kind": "holdout"}
        return super().fit(X, y)


@caught(
    "contamination_moves_the_threshold_only",
    "expected the scores with contamination=0.3 to equal those with 0.1 bit for bit, got",
)
class TrimsByContamination(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X[: round(len(X) * (1 - self.contamination))], y)


@caught(
    "fit_refuses_bad_common_arguments",
    "naming 'vagueinfit' and 'contamination', got the message 'wrong value'",
)
class VagueInFit(Mahalanobis):
    def fit(self, X, y=None):
        try:
            return super().fit(X, y)
        except ParameterError:
            raise ParameterError("wrong value") from None


@caught(
    "contamination_moves_the_threshold_only",
    r"expected a threshold of at most ([\d.]+), got (?!\1$)[\d.]+$",
)
class FlagsFewerForMore(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        self._decision_threshold = self._decision_threshold * (1 + 9 * self.contamination)
        return self


@caught(
    "set_params_has_an_effect",
    "scores and threshold of a refit after set_params of {'power': 2, 'contamination': 0.2} "
    "to equal those of a detector built with it bit for bit, got",
)
class NeverChangesItsPower(Weighted):
    def __init__(self, weights: list[float] | None = None, power: int = 1) -> None:
        super().__init__(weights, power)
        self.exponent = power

    def _forget(self):
        exponent = self.exponent
        super()._forget()
        self.exponent = exponent

    def _score(self, X):
        return Mahalanobis._score(self, X) ** self.exponent


@caught("set_params_has_an_effect", "to equal those of a detector built with it bit for bit, got")
class KeepsItsThreshold(Mahalanobis):
    def fit(self, X, y=None):
        known = vars(self).get("_decision_threshold")
        super().fit(X, y)
        self._decision_threshold = known or self._decision_threshold
        return self


@caught(
    "set_params_waits_for_fit",
    "scores and threshold after set_params of {'power': 2, 'contamination': 0.2}, "
    "before a refit to equal those of before bit for bit, got",
)
class TakesEffectAtOnce(Weighted):
    def _as_fitted(self):
        return self


@caught("set_params_waits_for_fit", "before a refit to equal those of before bit for bit, got")
class MovesItsThresholdAtOnce(Mahalanobis):
    def set_params(self, **params):
        super().set_params(**params)
        if self.is_fitted:
            self._decision_threshold = float(
                np.quantile(self.training_scores_, 1 - self.contamination)
            )
        return self
