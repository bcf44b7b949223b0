"""Look-up of what the plugins registered: by name, alias, full form or glob."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from attrs import define, field, frozen

from ad_core.errors import AmbiguousNameError
from ad_core.registry._names import unknown_name
from ad_core.spec import CheckSpec, CommandSpec, DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["Catalog", "Clash", "Entry"]

SpecT = TypeVar("SpecT", DetectorSpec, DatasetSpec, MetricSpec, CommandSpec, CheckSpec)


@frozen(kw_only=True)
class Entry(Generic[SpecT]):
    """A spec and the plugin that it came from."""

    spec: SpecT
    plugin: str
    distribution: str
    version: str

    @property
    def name(self) -> str:
        """The short name, as in the spec."""
        return self.spec.name

    @property
    def full_name(self) -> str:
        """``plugin/name``, which is unique even where the short name clashes."""
        return f"{self.plugin}/{self.spec.name}"


@frozen(kw_only=True)
class Clash:
    """One name that several plugins registered."""

    kind: str
    name: str
    full_names: tuple[str, ...]
    distributions: tuple[str, ...]

    @property
    def message(self) -> str:
        """One line that names everyone involved and the way out."""
        return (
            f"{self.kind} {self.name!r} is registered by {' and '.join(self.distributions)}; "
            f"use {' or '.join(self.full_names)}"
        )


@define
class Catalog(Generic[SpecT]):
    """Everything of one kind that was registered.

    Parameters
    ----------
    kind
        What an entry is called in messages: detector, data set, metric, command.
    command
        The command that lists the kind.
    """

    kind: str
    command: str
    _entries: list[Entry[SpecT]] = field(factory=list)
    _by_name: dict[str, list[Entry[SpecT]]] = field(factory=dict)

    def add(self, entry: Entry[SpecT]) -> None:
        """Register `entry` under its name, its aliases and its full form."""
        self._entries.append(entry)
        for name in (entry.spec.name, *entry.spec.aliases):
            self._by_name.setdefault(name, []).append(entry)
            self._by_name.setdefault(f"{entry.plugin}/{name}", []).append(entry)

    def __iter__(self) -> Iterator[Entry[SpecT]]:
        return iter(sorted(self._entries, key=lambda entry: (entry.name, entry.plugin)))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Entry[SpecT]:
        """Return the entry called `name` (a name, an alias or ``plugin/name``).

        Raises
        ------
        UnknownNameError
            Nothing is called so; the nearest known names are in the message.
        AmbiguousNameError
            Several plugins use the name; their full forms are in the message.
        """
        entries = self._by_name.get(name)
        if not entries:
            known = [other for other in self._by_name if "/" in name or self._is_short(other)]
            raise unknown_name(self.kind, name, known, f"see: {self.command}")
        if len(entries) > 1:
            raise AmbiguousNameError(self._clash(name, entries).message)
        return entries[0]

    def select(self, patterns: Iterable[str]) -> list[Entry[SpecT]]:
        """Return the entries that match any of the names or globs, each once, in order.

        Raises
        ------
        UnknownNameError
            A pattern matches nothing.
        """
        selected: dict[str, Entry[SpecT]] = {}
        for pattern in patterns:
            for entry in self._matching(pattern):
                selected.setdefault(entry.full_name, entry)
        return list(selected.values())

    def clashes(self) -> list[Clash]:
        """Return a row for each name that more than one plugin registered."""
        return [
            self._clash(name, entries)
            for name, entries in sorted(self._by_name.items())
            if len(entries) > 1
        ]

    def _matching(self, pattern: str) -> list[Entry[SpecT]]:
        if not any(character in pattern for character in "*?["):
            return [self.get(pattern)]
        matches = [
            entry
            for entry in self
            if fnmatchcase(entry.name, pattern)
            or fnmatchcase(entry.full_name, pattern)
            or any(fnmatchcase(alias, pattern) for alias in entry.spec.aliases)
        ]
        if not matches:
            raise unknown_name(self.kind, pattern, self._known(), f"see: {self.command}")
        return matches

    def _known(self) -> list[str]:
        shorts = [name for name in self._by_name if self._is_short(name)]
        return [f"{name.rpartition('/')[0]}/*" for name in shorts if "/" in name] + shorts

    def _is_short(self, name: str) -> bool:
        return any(
            name == entry.name or name in entry.spec.aliases for entry in self._by_name[name]
        )

    def _clash(self, name: str, entries: list[Entry[SpecT]]) -> Clash:
        return Clash(
            kind=self.kind,
            name=name,
            full_names=tuple(sorted(f"{entry.plugin}/{name}" for entry in entries)),
            distributions=tuple(sorted({entry.distribution for entry in entries})),
        )
