"""The template: public methods that do the careful work and call `_fit` and `_score`."""

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from os import PathLike
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_core.detector._inputs import InputKind, Layout, Tabular, all_finite, read_labels
from ad_core.detector._thresholds import ThresholdStrategy, as_strategy, describe
from ad_core.errors import (
    AdError,
    FitError,
    InputError,
    InvalidScoresError,
    NotFittedError,
    ParameterError,
)
from ad_core.load import Parameter, check_arguments, class_parameters, parameters
from ad_core.load._parameters import COMMON
from ad_core.spec import DetectorSpec

__all__ = ["BaseDetector"]

Scores = NDArray[np.float64]

_NOT_STATE = ("_spec", "_layout")
"""Attributes that are saved in a form of their own."""


class BaseDetector(ABC):
    """Base of every detector.

    A subclass writes two methods, `_fit` and `_score`. Its constructor only
    stores its arguments, each under its own name, as in scikit-learn; what it
    learns goes into attributes that end in an underscore. Everything else is
    done here: checking the data, column names, thresholds, labels, parameters,
    copies, saving and loading.

    Attributes
    ----------
    contamination : float, default 0.1
        Share of the training rows to flag, in (0, 0.5]; sets the threshold.
    threshold : str, mapping, ThresholdStrategy or None, default "quantile"
        How the decision threshold is found: ``"quantile"``, ``"holdout"``,
        ``"mad"``, ``"conformal"``; None to find none.
    training_scores_ : ndarray of shape (n_samples,) or None
        Scores of the training rows, leave-one-out where the detector has them;
        None when the threshold strategy did not need them.

    Examples
    --------
    >>> import numpy as np
    >>> class Distance(BaseDetector):
    ...     def _fit(self, X, y):
    ...         self.center_ = X.mean(axis=0)
    ...     def _score(self, X):
    ...         return np.linalg.norm(X - self.center_, axis=1)
    >>> detector = Distance().fit([[0.0], [1.0], [2.0], [3.0]])
    >>> detector.score_samples([[9.5]])
    array([8.])
    """

    input: ClassVar[InputKind] = Tabular()
    """How data are read and checked."""
    _min_rows: ClassVar[int] = 2
    """Fewest rows that `_fit` can learn from."""
    _needs_labels: bool = False
    """Whether `_fit` needs `y`."""
    _accepts_missing: bool = False
    """Whether `_fit` and `_score` accept NaN."""
    _private_rows: ClassVar[bool] = True
    """Whether `_fit` gets rows of its own, to keep or to write to. False where it only reads
    them: it then gets the caller's, read-only, and nothing is copied."""

    contamination: float = 0.1
    threshold: str | Mapping[str, Any] | ThresholdStrategy | None = "quantile"
    training_scores_: Scores | None
    _spec: DetectorSpec | None = None
    _layout: Layout
    _decision_threshold: float | None
    _provenance: dict[str, Any]
    _fitted_with: dict[str, Any]

    # -- what a subclass writes -------------------------------------------------------------

    @abstractmethod
    def _fit(self, X: Any, y: NDArray[np.int64] | None) -> None:
        """Learn from checked data.

        Parameters
        ----------
        X
            A float64 array of shape (n_samples, n_features): private, unless
            `_private_rows` is False.
        y
            Labels in {0, 1} of shape (n_samples,) for a supervised detector, else None.
        """

    @abstractmethod
    def _score(self, X: Any) -> NDArray[Any]:
        """Return one score a row, shape (n_samples,), higher for more anomalous.

        Parameters
        ----------
        X
            A read-only float64 array of shape (n_samples, n_features).
        """

    def _training_scores(self, X: Any) -> NDArray[Any]:
        """Return the scores of the training rows; override it to leave each row out."""
        return self._score(X)

    # -- what everybody calls -----------------------------------------------------------------

    def fit(self, X: Any, y: ArrayLike | None = None) -> Self:
        """Learn what is normal, and find the decision threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Array, nested list, pandas or polars frame of finite numbers.
        y : array-like of shape (n_samples,), optional
            Labels, 1 for an anomaly; only supervised detectors read them.

        Raises
        ------
        InputError
            The data cannot be used; the message says which row and column.
        ParameterError
            An argument of the detector is out of range.
        FitError
            The detector's own code failed.
        """
        common = {one.name: getattr(self, one.name) for one in COMMON}
        changed = {one.name for one in COMMON if common[one.name] is not one.default}
        check_arguments(self.name, COMMON, {name: common[name] for name in changed})
        strategy = self._strategy()
        data, layout = self.input.read_training(
            X, self.name, missing=self._accepts_missing, private=self._private_rows
        )
        n = self.input.n_scores(data)
        labels = read_labels(y, n, self.name) if self._needs_labels else None
        self._forget()
        try:
            self._learn(data, labels, strategy)
        except BaseException:
            self._forget()
            raise
        self._layout = layout
        return self

    def _learn(
        self, data: Any, labels: NDArray[np.int64] | None, strategy: ThresholdStrategy | None
    ) -> None:
        fit_on, held_out = data, None
        if strategy is not None and strategy.fraction > 0:
            self._require_rows(self.input.n_scores(data), self._min_rows + 1)
            kept, held = self.input.split(data, strategy.fraction, strategy.seed)
            fit_on, held_out = data[kept], data[held]
            labels = labels if labels is None else labels[kept]
        self._require_rows(self.input.n_scores(fit_on), self._min_rows)
        self._guard("fit", self._fit, fit_on, labels)
        self.training_scores_ = None
        self._decision_threshold, self._provenance = None, {"strategy": None}
        if strategy is None:
            return
        if held_out is None:
            scores = self.training_scores_ = self._checked(self._training_scores, fit_on)
        else:
            scores = self._checked(self._score, held_out)
        self._decision_threshold = strategy.find(scores, self.contamination)
        self._provenance = {
            **describe(strategy),
            "contamination": self.contamination,
            "n_scores": len(scores),
        }

    def score_samples(self, X: Any) -> Scores:
        """Return one finite score a row; higher means more anomalous.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows with the columns that the detector was fitted on. A frame with
            the same columns in another order is put right.

        Returns
        -------
        ndarray of shape (n_samples,)

        Raises
        ------
        NotFittedError
            `fit` was not called.
        InputError
            The data cannot be used.
        InvalidScoresError
            The detector returned scores that are not finite.
        """
        self._check_fitted("score_samples")
        data = self.input.read(X, self._layout, self.name, missing=self._accepts_missing)
        return self._checked(self._as_fitted()._score, data)

    def decision_function(self, X: Any) -> Scores:
        """Return `score_samples`, under the name that PyOD gave it."""
        return self.score_samples(X)

    def predict(self, X: Any, *, threshold: float | None = None) -> NDArray[np.int64]:
        """Return 1 for each row whose score is at or above the threshold, else 0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        threshold
            Used instead of `decision_threshold` when given.

        Raises
        ------
        ParameterError
            `threshold` is not a number.
        """
        self._check_fitted("predict")
        limit = (
            self.decision_threshold if threshold is None else self._limit("threshold", threshold)
        )
        return (self.score_samples(X) >= limit).astype(np.int64)

    def fit_predict(self, X: Any, y: ArrayLike | None = None) -> NDArray[np.int64]:
        """Fit, and return the labels of the training rows."""
        self.fit(X, y)
        if self.training_scores_ is None:
            return self.predict(X)
        return (self.training_scores_ >= self.decision_threshold).astype(np.int64)

    @property
    def decision_threshold(self) -> float:
        """Score at or above which a row is flagged; may be set after `fit`."""
        self._check_fitted("decision_threshold")
        if self._decision_threshold is None:
            raise ParameterError(
                f"{self.name} was fitted with threshold=None; set decision_threshold, or "
                "pass predict(X, threshold=...)"
            )
        return self._decision_threshold

    @decision_threshold.setter
    def decision_threshold(self, value: float) -> None:
        self._check_fitted("decision_threshold")
        self._decision_threshold = self._limit("decision_threshold", value)
        self._provenance = {"strategy": "manual"}

    @property
    def threshold_provenance(self) -> dict[str, Any]:
        """How `decision_threshold` was found, as plain data."""
        self._check_fitted("threshold_provenance")
        return dict(self._provenance)

    @property
    def n_features_in_(self) -> int:
        """Number of columns seen in `fit`."""
        self._check_fitted("n_features_in_")
        return self._layout.n_features

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Column names seen in `fit`; an AttributeError where X had none."""
        self._check_fitted("feature_names_in_")
        if self._layout.names is None:
            raise AttributeError(f"{self.name} was fitted without column names")
        return np.asarray(self._layout.names, dtype=object)

    @property
    def name(self) -> str:
        """The registered name, or the class's where it was built directly."""
        return self._spec.name if self._spec is not None else type(self).__name__

    @property
    def is_fitted(self) -> bool:
        """Whether `fit` has succeeded."""
        return "_layout" in vars(self)

    # -- parameters -----------------------------------------------------------------------------

    @classmethod
    def from_spec(cls, spec: DetectorSpec, params: Mapping[str, Any]) -> Self:
        """Build the detector that a spec describes; `params` are checked already."""
        common = {one.name for one in COMMON}
        own = {name: value for name, value in params.items() if name not in common}
        detector = cls(**{**spec.fixed, **own})
        detector._spec = spec
        for name in common & {*params}:
            setattr(detector, name, params[name])
        return detector

    def _known_parameters(self) -> tuple[Parameter, ...]:
        return (
            (*class_parameters(type(self)), *COMMON)
            if self._spec is None
            else parameters(self._spec)
        )

    def _own_names(self) -> list[str]:
        pinned = self._spec.fixed if self._spec is not None else {}
        return [name for name in _arguments(type(self)) if name not in pinned]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return every argument and its value, as in scikit-learn."""
        names = dict.fromkeys([*self._own_names(), *(one.name for one in COMMON)])
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Set arguments; they take effect at the next `fit`.

        Raises
        ------
        ParameterError
            An argument is unknown or out of range; nothing is set then.
        """
        check_arguments(self.name, self._known_parameters(), params)
        if self.is_fitted and params:
            before = {name: getattr(self, name) for name in params}
            self._fitted_with = {**before, **vars(self).get("_fitted_with", {})}
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _as_fitted(self) -> Self:
        """Return the detector with the arguments that it was fitted with.

        That is itself, or a shallow copy where `set_params` has changed some since.
        """
        before = vars(self).get("_fitted_with")
        if before is None:
            return self
        twin = copy.copy(self)
        vars(twin).update(before)
        return twin

    def clone(self) -> Self:
        """Return an unfitted detector with the same arguments."""
        params = {name: _copied(value) for name, value in self.get_params().items()}
        if self._spec is not None:
            return type(self).from_spec(self._spec, params)
        common = {one.name: params.pop(one.name) for one in COMMON}
        twin = type(self)(**params)
        for name, value in common.items():
            setattr(twin, name, value)
        return twin

    def __sklearn_clone__(self) -> Self:
        return self.clone()

    def __repr__(self) -> str:
        values = self.get_params()
        defaults = {one.name: one.default for one in self._known_parameters() if not one.required}
        changed = [
            f"{name}={value!r}"
            for name, value in values.items()
            if name not in defaults or not _same(defaults[name], value)
        ]
        return f"{self.name}({', '.join(changed)})"

    # -- saving ---------------------------------------------------------------------------------

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fitted detector to one file, whole or not at all; see `load`."""
        from ad_core.detector._saving import save_detector

        save_detector(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a detector that `save` wrote; runs no code that the file brings.

        Raises
        ------
        SavedDetectorError
            The file is damaged, not a saved detector, of another format, or holds
            another class of detector.
        """
        from ad_core.detector._saving import load_as

        return load_as(cls, path)

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return what `save` writes: attributes, and files of other formats by name.

        Attributes have to be plain containers, arrays, scikit-learn objects or
        detectors. Override it, with `_read_state`, to keep an attribute in a
        format of its own: leave it out of the first and add bytes to the second.
        """
        kept = {name: value for name, value in vars(self).items() if name not in _NOT_STATE}
        return kept, {}

    def _read_state(self, attributes: dict[str, Any], files: dict[str, bytes]) -> None:
        """Take back what `_write_state` returned; nothing else is set on the detector yet.

        `files` come from outside: read them in a way that runs no code.
        """
        vars(self).update(attributes)

    # -- randomness -----------------------------------------------------------------------------

    def _generator(self) -> np.random.Generator:
        """Return a generator of the detector's own, from its argument `random_state`."""
        return np.random.default_rng(self._int_seed())

    def _int_seed(self) -> int:
        """Return a seed from `random_state`: an int, a RandomState, or None for a fresh one."""
        state = getattr(self, "random_state", None)
        if state is None:
            return int(np.random.default_rng().integers(2**31 - 1))
        if isinstance(state, np.random.RandomState):
            return int(state.randint(2**31 - 1))
        return int(state)

    def _random_state(self) -> int | np.random.RandomState:
        """Return what a foreign object gets as its `random_state`.

        A RandomState is handed on as it is, so that the foreign object draws from
        that very generator; anything else becomes a seed, so that none draws from
        numpy's global one.
        """
        state = getattr(self, "random_state", None)
        return state if isinstance(state, np.random.RandomState) else self._int_seed()

    # -- inside ---------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Drop everything learned."""
        keep = {*self.get_params(), *(self._spec.fixed if self._spec is not None else ()), "_spec"}
        for name in [name for name in vars(self) if name not in keep]:
            delattr(self, name)

    def _check_fitted(self, what: str) -> None:
        if not self.is_fitted:
            raise NotFittedError(f"{self.name} is not fitted yet; call fit(X) before {what}")

    def _strategy(self) -> ThresholdStrategy | None:
        try:
            return as_strategy(self.threshold)
        except ParameterError as error:
            raise ParameterError(f"{self.name}: {error}") from error

    def _require_rows(self, n: int, least: int) -> None:
        if n < least:
            raise InputError(f"{self.name} needs at least {least} rows to fit, got {n}")

    def _guard(self, what: str, function: Any, *arguments: Any) -> Any:
        """Call the subclass's code; its errors come out as ours, with the cause chained."""
        try:
            return function(*arguments)
        except (AdError, MemoryError):
            raise
        except Exception as error:
            text = " ".join(str(error).split())
            raise FitError(
                f"{self.name} failed to {what}: {type(error).__name__}: {text}"
            ) from error

    def _limit(self, what: str, value: Any) -> float:
        """Return a threshold as a float; a NaN would flag nothing, silently."""
        try:
            limit = float(value)
        except (TypeError, ValueError):
            limit = np.nan
        if np.isnan(limit):
            raise ParameterError(f"{self.name}: {what} must be a number, got {value!r}")
        return limit

    def _checked(self, function: Any, data: Any) -> Scores:
        raw = self._guard("score", function, data)
        scores = np.asarray(raw, dtype=np.float64)
        n = self.input.n_scores(data)
        if scores.shape != (n,):
            raise InvalidScoresError(
                f"{self.name} returned scores of shape {scores.shape} for {n} rows; "
                f"_score must return shape ({n},)"
            )
        if not all_finite(scores):
            finite = np.isfinite(scores)
            raise InvalidScoresError(
                f"{self.name} returned {n - int(finite.sum())} of {n} scores that are not finite "
                f"(first: {scores[~finite][0]} at row {int(np.argmin(finite))})"
            )
        return scores


@cache
def _arguments(cls: type[BaseDetector]) -> tuple[str, ...]:
    """Return the names of what a class is built with: reading a signature takes a while."""
    return tuple(inspect.signature(cls).parameters)


def _copied(value: Any) -> Any:
    return value.clone() if isinstance(value, BaseDetector) else copy.deepcopy(value)


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    try:
        return bool(a == b)
    except ValueError:  # arrays have no truth value
        return False
