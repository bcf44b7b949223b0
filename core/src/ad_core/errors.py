"""Every error that the framework raises on purpose, one tree.

::

    AdError
    ├── PluginError              a plugin cannot be loaded
    │   ├── SpecError            a spec contradicts itself (also a ValueError)
    │   └── TargetError          an import string leads nowhere (also an ImportError)
    ├── BackendMissingError      an optional library is not installed (also an ImportError)
    ├── NameLookupError          (also a LookupError)
    │   ├── UnknownNameError     no such detector, data set, metric, capability …
    │   └── AmbiguousNameError   two plugins registered the same name
    ├── ParameterError           an unknown or out-of-range argument (also a ValueError)
    ├── InputError               the data cannot be used (also a ValueError)
    │   └── FileFormatError      a data file cannot be read; names file, line, column
    ├── NotFittedError           used before fit (also a ValueError and AttributeError)
    ├── FitError                 a detector's own code failed while fitting or scoring
    ├── InvalidScoresError       a detector returned non-finite or misshapen scores
    ├── SavedDetectorError       a saved detector is damaged, foreign or of another format
    ├── DatasetError             a data set cannot be had
    │   ├── DownloadError        no network and no copy at hand
    │   └── IntegrityError       a file has another size or hash than the one stated
    ├── ConfigError              an experiment file is wrong; names file, line, key
    ├── EngineError              a cluster cannot be reached, or cannot do runs
    └── ResultsError             a results folder or record cannot be read or written

A message says what is wrong, whose it is, and the value or command that mends it.
"""

__all__ = [
    "AdError",
    "AmbiguousNameError",
    "BackendMissingError",
    "ConfigError",
    "DatasetError",
    "DownloadError",
    "EngineError",
    "FileFormatError",
    "FitError",
    "InputError",
    "IntegrityError",
    "InvalidScoresError",
    "NameLookupError",
    "NotFittedError",
    "ParameterError",
    "PluginError",
    "ResultsError",
    "SavedDetectorError",
    "SpecError",
    "TargetError",
    "UnknownNameError",
]


class AdError(Exception):
    """Base of every error raised on purpose."""


class PluginError(AdError):
    """A plugin cannot be loaded."""


class SpecError(PluginError, ValueError):
    """A spec contradicts itself or the rules for its fields."""


class TargetError(PluginError, ImportError):
    """An import string does not lead to an object."""


class BackendMissingError(AdError, ImportError):
    """An optional library that a detector or data set needs is not installed."""


class NameLookupError(AdError, LookupError):
    """A name does not lead to exactly one thing."""


class UnknownNameError(NameLookupError):
    """No such name; the message offers the nearest known ones."""


class AmbiguousNameError(NameLookupError):
    """Several plugins registered the name; the message lists the full forms."""


class ParameterError(AdError, ValueError):
    """An argument is unknown, of the wrong type or out of its range."""


class InputError(AdError, ValueError):
    """The data cannot be used as they are."""


class FileFormatError(InputError):
    """A data file cannot be read; the message names file, line and column."""


class NotFittedError(AdError, ValueError, AttributeError):
    """A fitted detector is needed."""


class FitError(AdError):
    """A detector's own code failed; the cause is chained."""


class InvalidScoresError(AdError):
    """A detector returned scores of the wrong shape or that are not finite."""


class SavedDetectorError(AdError):
    """A saved detector is damaged, not ours, or of another format version."""


class DatasetError(AdError):
    """A data set cannot be had."""


class DownloadError(DatasetError):
    """A file is neither in the cache nor in the mirror and cannot be downloaded."""


class IntegrityError(DatasetError):
    """A file has another size or sha256 than its loader states."""


class ConfigError(AdError, ValueError):
    """An experiment file is wrong; the message names file, line and key."""


class EngineError(AdError):
    """A cluster cannot be reached, is lost, or its workers cannot do runs."""


class ResultsError(AdError):
    """A results folder or a record in it cannot be read or written."""
