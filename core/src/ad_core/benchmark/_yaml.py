"""A YAML file as plain data, with the line of every key."""

import hashlib
from os import PathLike
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from ad_core.errors import ConfigError

__all__ = ["Source", "read_yaml"]


@frozen(kw_only=True)
class Source:
    """Where settings were written: a file and the line of each key (``$.detectors[2].name``).

    `sha256` is the hash of the file's text, None when there is no file.
    """

    file: str = "experiment"
    sha256: str | None = None
    lines: dict[str, int] = field(factory=dict, repr=False)

    def error(self, path: str, message: str) -> ConfigError:
        """Return the error for the key at `path`."""
        known = path
        while known not in self.lines and known != "$":
            known = known[: max(known.rfind("."), known.rfind("["), 1)]
        line = f", line {self.lines[known]}" if known in self.lines else ""
        key = f", key {path[2:]}" if path != "$" else ""
        return ConfigError(f"{self.file}{line}{key}: {message}")


_MOST = 100_000
_TAGS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


def read_yaml(file: str | PathLike[str]) -> tuple[Any, Source]:
    """Read one YAML document.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or has a key twice.
    """
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the experiment {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text in UTF-8: {error.reason}") from error
    source = Source(file=str(path), sha256=hashlib.sha256(text.encode()).hexdigest())
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            return (None if node is None else _plain(node, "$", source, loader, ())), source
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"{path}{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply for an experiment") from error


def _plain(
    node: yaml.Node, path: str, source: Source, loader: yaml.SafeLoader, above: tuple[int, ...]
) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if len(source.lines) > _MOST:
        raise source.error("$", f"more than {_MOST:,} values, with those that aliases repeat")
    if id(node) in above:
        raise source.error(path, "an alias refers to itself")
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _TAGS:
        raise source.error(path, f"the tag {node.tag} is not understood; leave it out")
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, f"{path}[{place}]", source, loader, above)
            for place, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            below = f"{path}.{key}"
            if key in values:
                raise source.error(
                    below, f"the key is there twice (again in line {_line(key_node)})"
                )
            source.lines[below] = _line(key_node)
            values[key] = _plain(value_node, below, source, loader, above)
        return values
    try:
        return loader.construct_object(node)
    except ValueError as error:  # a date such as 2024-13-01
        raise source.error(path, f"not valid YAML: {error}; quote it if it is text") from error


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
