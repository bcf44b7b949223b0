"""Build a detector that another detector drives: one of an ensemble, or one over windows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ad_core.errors import ParameterError
from ad_core.load._build import build
from ad_core.load._parameters import parameters
from ad_core.registry import get_registry
from ad_core.spec import Capability, DataKind

if TYPE_CHECKING:
    from ad_core.detector import BaseDetector

__all__ = ["Member", "build_member"]

Member = str | Mapping[str, Any]
"""How a detector is named in the arguments of another: a name, or ``{name, params}``."""


def build_member(
    member: Member,
    *,
    seed: int,
    whose: str,
    params: Mapping[str, Any] | None = None,
    data: DataKind = DataKind.TABULAR,
) -> "BaseDetector":
    """Build a detector that learns without labels, for use inside another one.

    Parameters
    ----------
    member
        A detector's name, or a mapping with its ``name`` and, optionally, ``params``.
    seed
        Its `random_state`, where it has one that is not set.
    whose
        Name of the detector that drives it, for messages.
    params
        Arguments that go before those in `member`.
    data
        What it will be given.

    Raises
    ------
    ParameterError
        `member` is of another form, takes other data, or learns from labels.
    UnknownNameError, AmbiguousNameError
        The name does not lead to one detector.
    """
    name, own = _parse(member, whose)
    spec = get_registry().detectors.get(name).spec
    if data not in spec.data:
        raise ParameterError(
            f"{whose}: {spec.name} takes {', '.join(sorted(spec.data))} data, and would be given "
            f"{data} data; see: ad list-detectors --data {data}"
        )
    if Capability.SUPERVISED in spec.capabilities:
        raise ParameterError(
            f"{whose}: {spec.name} learns from labels, which it would not be given; "
            "choose an unsupervised one"
        )
    given = {**own, **(params or {})}
    seeded = any(one.name == "random_state" for one in parameters(spec))
    if seeded and given.get("random_state") is None:
        given["random_state"] = seed
    return build(spec, {**given, "threshold": "quantile"})


def _parse(member: Any, whose: str) -> tuple[str, dict[str, Any]]:
    mapping: Any = {"name": member} if isinstance(member, str) else member
    if not isinstance(mapping, Mapping) or not {"name"} <= {*mapping} <= {"name", "params"}:
        raise ParameterError(
            f"{whose}: a detector is given by its name or by a mapping such as "
            f"{{'name': 'knn', 'params': {{'n_neighbors': 10}}}}, got {member!r}"
        )
    return mapping["name"], dict(mapping.get("params") or {})
