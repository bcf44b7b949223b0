"""Detectors whose clones are not what they should be, or whose `repr` is not."""

import copy
from typing import ClassVar

from reference import Mahalanobis

from broken import catching
from broken.params import Weighted

BROKEN = []
caught = catching(BROKEN)


@caught("clone_is_unfitted", "expected an unfitted detector from clone, got a fitted one")
class ClonesItsState(Mahalanobis):
    def clone(self):
        return copy.deepcopy(self)


@caught("clone_is_unfitted", "expected an unfitted detector from sklearn, got a fitted one")
class ClonesItsStateForSklearn(Mahalanobis):
    def __sklearn_clone__(self):
        return copy.deepcopy(self)


@caught(
    "clone_is_unfitted", "expected the arguments {.*'contamination': 0.2.*} from clone, got .*0.1"
)
@caught("repr_shows_what_differs", r"expected the repr clonesownargumentsonly\(contamination=0.2\)")
class ClonesOwnArgumentsOnly(Mahalanobis):
    def clone(self):
        return self.from_spec(self._spec, {"shrinkage": self.shrinkage})

    def __repr__(self):
        changed = "" if self.shrinkage == 1e-6 else f"shrinkage={self.shrinkage!r}"
        return f"{self.name}({changed})"


@caught("clone_is_unfitted", "expected a ClonesItsBase from clone, got <class 'reference.Mahal")
class ClonesItsBase(Mahalanobis):
    def clone(self):
        return Mahalanobis.from_spec(self._spec, self.get_params())


@caught("clone_is_unfitted", "expected the original to keep {.*}, got other values")
class SharesItsArguments(Mahalanobis):
    def clone(self):
        twin = super().clone()
        twin.original = self
        return twin

    def set_params(self, **params):
        if hasattr(self, "original"):
            self.original.set_params(**params)
        return super().set_params(**params)


@caught(
    "clone_copies_what_can_change", "expected weights to be copied by clone, got the same object"
)
class ClonesShallowly(Weighted):
    def clone(self):
        return self.from_spec(self._spec, self.get_params())


@caught("clone_copies_what_can_change", r"expected weights to be \[.*\] in a clone, got \[9.0\]")
class ClonesOtherWeights(Weighted):
    def clone(self):
        return self.from_spec(self._spec, {**self.get_params(), "weights": [9.0]})


@caught(
    "clone_copies_what_can_change", "expected threshold to be copied by clone, got the same object"
)
class SharesItsThreshold(Mahalanobis):
    def clone(self):
        twin = super().clone()
        twin.threshold = self.threshold
        return twin


@caught(
    "clone_fits_alike", "the scores of a fitted clone to equal those of the original bit for bit"
)
class ClonesAnotherShrinkage(Mahalanobis):
    def clone(self):
        return super().clone().set_params(shrinkage=self.shrinkage + 1)


@caught(
    "clone_fits_alike",
    "scores of the original after its clone's fit to equal those before bit for bit, got",
)
class CountsItsFits(Mahalanobis):
    """Adds the number of fits, which it keeps beside the objects, when it scores."""

    fits: ClassVar = {"n": 0}

    def _fit(self, X, y):
        super()._fit(X, y)
        self.fits["n"] += 1
        self.first_ = self.fits["n"]

    def _score(self, X):
        return super()._score(X) + (self.fits["n"] - self.first_)


@caught(
    "repr_shows_what_differs", r"expected the repr showseverything\(\), got showseverything\(shrink"
)
class ShowsEverything(Mahalanobis):
    def __repr__(self):
        shown = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{self.name}({shown})"


@caught("repr_shows_what_differs", r"expected the repr plain\(\), got <broken.clones.Plain object")
class Plain(Mahalanobis):
    __repr__ = object.__repr__


@caught(
    "repr_shows_what_differs",
    r"expected the repr showsnothing\(shrinkage=.*\), got showsnothing\(\)",
)
class ShowsNothing(Mahalanobis):
    def __repr__(self):
        return f"{self.name}()"
