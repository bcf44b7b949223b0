"""The members of an ensemble: built from names, fitted, and asked for their scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ad_core.detector import BaseDetector
from ad_core.errors import FitError, InputError, InvalidScoresError, ParameterError
from ad_core.load import Member, build_member

__all__ = [
    "Array",
    "build_members",
    "fit_member",
    "moments",
    "training_scores",
]

Array = np.ndarray[Any, np.dtype[np.float64]]


def build_members(
    members: Sequence[Member], seeds: np.random.Generator, whose: str, *, at_least: int = 1
) -> list[BaseDetector]:
    """Build every member, each with a seed of its own drawn from `seeds`."""
    if isinstance(members, str | Mapping) or len(members) < at_least:
        raise ParameterError(
            f"{whose}: detectors must list at least {at_least} detector{'s' * (at_least > 1)}, "
            f"got {members!r}"
        )
    return [
        build_member(member, seed=int(seeds.integers(2**31)), whose=whose) for member in members
    ]


def fit_member(member: BaseDetector, X: Array, whose: str) -> Array:
    """Fit a member and return the scores of its training rows, shape (n,).

    What it raises is raised again with the name of the ensemble, `whose`, before it.
    """
    try:
        member.fit(X)
    except (FitError, InputError, InvalidScoresError) as error:
        raise type(error)(f"{whose}: {error}") from error
    return training_scores([member])[:, 0]


def training_scores(members: Sequence[BaseDetector]) -> Array:
    """Scores that fitted members gave their training rows, shape (n, n_members)."""
    columns = [member.training_scores_ for member in members]
    if any(column is None for column in columns):
        raise FitError("a member kept no training scores, which an ensemble needs")
    return np.column_stack([column for column in columns if column is not None])


def moments(scores: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column; 1 for a column without spread."""
    deviations = scores.std(axis=0)
    rounding = 10 * np.finfo(np.float64).eps * np.abs(scores).max(axis=0)
    return scores.mean(axis=0), np.where(deviations > rounding, deviations, 1.0)
