"""Protocols: how a data set becomes train and test parts, and a detector scores, step by step."""

from ad_core.benchmark.protocols._adbench import ADBench2022, ADBench2022Unscaled
from ad_core.benchmark.protocols._holdout import Holdout, Holdout10k, data_seed
from ad_core.benchmark.protocols._registry import DEFAULT, PROTOCOLS, get_protocol
from ad_core.benchmark.protocols._run_protocol import Content, RunProtocol

__all__ = [
    "DEFAULT",
    "PROTOCOLS",
    "ADBench2022",
    "ADBench2022Unscaled",
    "Content",
    "Holdout",
    "Holdout10k",
    "RunProtocol",
    "data_seed",
    "get_protocol",
]
