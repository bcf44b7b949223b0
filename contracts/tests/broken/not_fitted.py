"""Detectors that answer before they are fitted."""

import numpy as np
from reference import Mahalanobis

from ad_core.detector import BaseDetector
from ad_core.errors import NotFittedError
from broken import Broken, detector

BROKEN = []


def stub(check, name, message, *, fields=None, **attributes):
    """Add a stub: a class called `name`, with some attributes of its own."""
    kind = type(name, (Mahalanobis,), {"__module__": __name__, "__doc__": None, **attributes})
    globals()[name] = kind
    spec = detector(kind, **(fields or {}))
    BROKEN.append(Broken(check=check, spec=spec, message=message, scenario="blobs"))


def before_fit(name, value):
    """Override a method: before `fit` it returns `value`."""

    def method(self, *args, **kwargs):
        return getattr(Mahalanobis, name)(self, *args, **kwargs) if self.is_fitted else value

    return method


def property_before_fit(name, value):
    """Override a property: before `fit` it is `value`, and can be set."""
    inherited = getattr(BaseDetector, name)

    def read(self):
        return inherited.fget(self) if self.is_fitted else value

    return property(read, inherited.fset)


for use, value in {"score_samples": [0.0], "decision_function": [0.0], "predict": [0]}.items():
    stub(
        "not_fitted_is_said",
        f"Has_{use.strip('_')}",
        f"expected NotFittedError when {use} comes before fit, got no error",
        **{use: before_fit(use, value)},
    )
for use in ("decision_threshold", "threshold_provenance", "n_features_in_", "feature_names_in_"):
    stub(
        "not_fitted_is_said",
        f"Has_{use.strip('_')}",
        f"expected NotFittedError when {use} comes before fit, got no error",
        **{use: property_before_fit(use, 0)},
    )


def set_anyway(self, value):
    if self.is_fitted:
        BaseDetector.decision_threshold.fset(self, value)


stub(
    "not_fitted_is_said",
    "SetBeforeFit",
    "expected NotFittedError when setting decision_threshold comes before fit, got no error",
    decision_threshold=BaseDetector.decision_threshold.setter(set_anyway),
)


def predict_with_a_limit(self, X, *, threshold=None):
    if threshold is not None and not self.is_fitted:
        return np.zeros(len(X), int)
    return Mahalanobis.predict(self, X, threshold=threshold)


stub(
    "not_fitted_is_said",
    "PredictsWithAThreshold",
    "expected NotFittedError when predict with a threshold comes before fit, got no error",
    predict=predict_with_a_limit,
)


def attribute_error(self, what):
    if not self.is_fitted:
        raise AttributeError("'Mahalanobis' object has no attribute 'mean_'")


def terse(self, what):
    if not self.is_fitted:
        raise NotFittedError("not fitted")


stub(
    "not_fitted_is_said",
    "RaisesAttributeError",
    "expected NotFittedError when .* comes before fit, got AttributeError: 'Mahalanobis' object",
    _check_fitted=attribute_error,
)
stub("not_fitted_is_said", "Terse", r"naming 'terse' and 'fit\('", _check_fitted=terse)


def check_by_layout(self, what):
    if "_layout" not in vars(self):
        raise NotFittedError(f"{self.name} is not fitted; call fit(X) before {what}")


stub(
    "not_fitted_is_said",
    "AlwaysFitted",
    "expected is_fitted to be False before fit, got True",
    is_fitted=property(lambda self: True),
    _check_fitted=check_by_layout,
)


def save_anything(self, path):
    path.write_bytes(b"")


def refuse_vaguely(self, path):
    raise NotFittedError("no")


def save_and_refuse(self, path):
    path.write_bytes(b"")
    self._check_fitted("save")


stub(
    "not_fitted_is_not_saved",
    "SavesAnything",
    "expected NotFittedError when save comes before fit, got no error",
    save=save_anything,
)
stub(
    "not_fitted_is_not_saved",
    "RefusesVaguely",
    "before fit, naming 'refusesvaguely' and 'fit\\(', got the message 'no'",
    save=refuse_vaguely,
)
stub(
    "not_fitted_is_not_saved",
    "SavesAndRefuses",
    "expected no file when save is refused, got one",
    save=save_and_refuse,
)
