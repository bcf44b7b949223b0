"""What a plugin says about a data set."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import instance_of, optional

from ad_core.errors import SpecError
from ad_core.spec._fields import (
    PATH,
    SHA1,
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

__all__ = ["DatasetSpec", "PinnedFile", "RemoteFile"]


@frozen(kw_only=True)
class PinnedFile:
    """A file whose content is known by its hash.

    Parameters
    ----------
    path
        Path below the cache and below a mirror folder.
    sha256
        Hex digest of the whole file.
    git_blob
        Its object name in git, which is a hash of the content too: for a file of
        a repository whose sha256 is not known.
    size
        Length in bytes; None where it is not known.
    """

    path: str = field(validator=matches(PATH, "a relative path"))
    sha256: str | None = field(
        default=None, validator=matches(SHA256, "64 hexadecimal digits", optional=True)
    )
    git_blob: str | None = field(
        default=None, validator=matches(SHA1, "40 hexadecimal digits", optional=True)
    )
    size: int | None = field(default=None)

    @size.validator
    def _check_size(self, attribute: "Attribute[int]", value: object) -> None:
        if value is not None and (not isinstance(value, int) or value < 0):
            raise failure(self, attribute, value, "a number of bytes")

    def __attrs_post_init__(self) -> None:
        """Refuse a file that could not be verified."""
        if self.sha256 is None and self.git_blob is None:
            kind = type(self).__name__
            raise SpecError(f"{kind} {self.path!r}: sha256 or git_blob must be stated")


@frozen(kw_only=True)
class RemoteFile(PinnedFile):
    """A file that a data set downloads.

    Parameters
    ----------
    url
        Canonical address.
    path, sha256, git_blob, size
        As in `PinnedFile`.
    """

    url: str = field(validator=matches(re.compile(r"https?://\S+"), "an http(s) URL"))


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
    converted
        A file with the same values in another format, which cannot be downloaded.
        Where a mirror folder holds it, `files` are not needed.
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
    converted: PinnedFile | None = field(default=None, validator=optional(instance_of(PinnedFile)))
    synthetic: bool = False
    aliases: tuple[str, ...] = field(
        default=(), converter=to_tuple, validator=each(matches(PATH, "a path-like name"))
    )
    modules: tuple[str, ...] = field(default=(), converter=to_tuple)
    extra: str = field(default="", validator=text)
