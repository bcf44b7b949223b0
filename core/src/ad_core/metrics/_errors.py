"""The one error of its own that the room has."""

from ad_core.errors import AdError

__all__ = ["UndefinedMetricError"]


class UndefinedMetricError(AdError, ValueError):
    """A metric has no value for these labels; the message is the reason."""
