"""What a plugin says about itself: data that cost nothing to list.

A spec names its code by an import string (``"module:attribute"``), so that
reading every spec of every plugin imports none of the libraries behind them.
"""

from ad_core.spec._dataset import DatasetSpec, PinnedFile, RemoteFile
from ad_core.spec._detector import DetectorSpec, Deviation
from ad_core.spec._extension import CheckSpec, CommandSpec
from ad_core.spec._metric import MetricExample, MetricSpec
from ad_core.spec._words import Capability, DataKind, Family, Hardware, Learning, MetricInput

__all__ = [
    "Capability",
    "CheckSpec",
    "CommandSpec",
    "DataKind",
    "DatasetSpec",
    "DetectorSpec",
    "Deviation",
    "Family",
    "Hardware",
    "Learning",
    "MetricExample",
    "MetricInput",
    "MetricSpec",
    "PinnedFile",
    "RemoteFile",
]
