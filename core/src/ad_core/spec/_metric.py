"""What a plugin says about a metric."""

from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from ad_core.spec._fields import (
    Spec,
    each,
    failure,
    import_string,
    instances,
    one_line,
    snake_name,
    to_data_kinds,
    to_mapping,
    to_metric_input,
    to_tuple,
)
from ad_core.spec._words import DataKind, MetricInput

__all__ = ["MetricExample", "MetricSpec"]


@frozen(kw_only=True)
class MetricExample:
    """Labels and values for which a metric's result is known.

    Parameters
    ----------
    y_true
        Labels in {0, 1}.
    values
        Scores or predictions, as the metric's `input` says.
    expected
        The result, to 1e-12.
    source
        Where the result is from: a paper's example, another library, a sum by hand.
    """

    y_true: tuple[int, ...] = field(converter=to_tuple)
    values: tuple[float, ...] = field(converter=to_tuple)
    expected: float
    source: str = field(validator=one_line)


@frozen(kw_only=True)
class MetricSpec(Spec):
    """One metric.

    Parameters
    ----------
    name
        Unique snake_case name; the key in a record.
    target
        Import string of ``metric(y_true, values, **params) -> float``.
    summary
        One line: the definition.
    input
        Whether `values` are scores or predictions.
    higher_is_better
        Which way a leaderboard sorts.
    oracle
        True when the metric chooses a threshold by looking at the labels.
    data
        For which kinds of data it is meant; empty for all.
    params
        Keyword arguments handed to the function.
    bounds
        Smallest and largest value that it can take; an infinity where there is none.
    examples
        Golden values, which the contract suite computes again.
    references
        Papers.
    aliases
        Other names by which it is known.
    """

    name: str = field(validator=snake_name)
    target: str = field(validator=import_string)
    summary: str = field(validator=one_line)
    input: MetricInput = field(default=MetricInput.SCORES, converter=to_metric_input)
    higher_is_better: bool = True
    oracle: bool = False
    data: frozenset[DataKind] = field(default=frozenset(), converter=to_data_kinds)
    params: Mapping[str, Any] = field(factory=dict, converter=to_mapping, hash=False)
    bounds: tuple[float, float] = field(default=(0.0, 1.0), converter=to_tuple)
    examples: tuple[MetricExample, ...] = field(
        default=(), converter=to_tuple, validator=instances(MetricExample)
    )
    references: tuple[str, ...] = field(default=(), converter=to_tuple)
    aliases: tuple[str, ...] = field(default=(), converter=to_tuple, validator=each(snake_name))

    @bounds.validator
    def _check_bounds(self, attribute: "Attribute[Any]", value: tuple[Any, ...]) -> None:
        numbers = all(isinstance(one, (int, float)) for one in value)
        if len(value) != 2 or not numbers or not value[0] < value[1]:
            raise failure(self, attribute, value, "two numbers, the smaller one first")
