"""What a plugin says about a data set."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from ad_core.spec._fields import (
    PATH,
    SHA256,
    Spec,
    each,
    failure,
    import_string,
    instances,
    matches,
    one_line,
    text,
    to_data_kind,
    to_mapping,
    to_tuple,
)
from ad_core.spec._words import DataKind

__all__ = ["DatasetSpec", "RemoteFile"]


@frozen(kw_only=True)
class RemoteFile:
    """A file that a data set downloads.

    Parameters
    ----------
    path
        Path below the cache and below a mirror folder.
    url
        Canonical address.
    sha256
        Hex digest of the whole file.
    size
        Length in bytes.
    """

    path: str = field(validator=matches(PATH, "a relative path"))
    url: str = field(validator=matches(re.compile(r"https?://\S+"), "an http(s) URL"))
    sha256: str = field(validator=matches(SHA256, "64 hexadecimal digits"))
    size: int = field()

    @size.validator
    def _check_size(self, attribute: "Attribute[int]", value: object) -> None:
        if not isinstance(value, int) or value < 0:
            raise failure(self, attribute, value, "a number of bytes")


@frozen(kw_only=True)
class DatasetSpec(Spec):
    """One data set: where it comes from and how it was made.

    Parameters
    ----------
    name
        Path-like name, for example ``adbench/cardio``.
    target
        Import string of the loader: ``loader(spec, seed, **params) -> (X, y)``
        or, for a set with a split of its own, ``-> ad_core.data.Parts``.
    summary
        One line for lists.
    construction
        What a row is and what makes it an anomaly; how the set was built.
    citation, licence, homepage
        Whom to credit, under which terms, where to read on.
    data
        What a sample is.
    n_samples, n_features, n_anomalies
        Sizes of the whole set, where known.
    params
        Keyword arguments handed to the loader.
    files
        What has to be at hand or downloaded; empty for an embedded set.
    synthetic
        Whether the set is generated.
    aliases, modules, extra
        As in `DetectorSpec`.
    """

    name: str = field(validator=matches(PATH, "a path such as 'adbench/cardio'"))
    target: str = field(validator=import_string)
    summary: str = field(validator=one_line)
    construction: str = field(validator=text)
    citation: str = field(validator=one_line)
    licence: str = field(validator=one_line)
    homepage: str = field(default="", validator=text)
    data: DataKind = field(default=DataKind.TABULAR, converter=to_data_kind)
    n_samples: int | None = None
    n_features: int | None = None
    n_anomalies: int | None = None
    params: Mapping[str, Any] = field(factory=dict, converter=to_mapping, hash=False)
    files: tuple[RemoteFile, ...] = field(
        default=(), converter=to_tuple, validator=instances(RemoteFile)
    )
    synthetic: bool = False
    aliases: tuple[str, ...] = field(
        default=(), converter=to_tuple, validator=each(matches(PATH, "a path-like name"))
    )
    modules: tuple[str, ...] = field(default=(), converter=to_tuple)
    extra: str = field(default="", validator=text)
