"""Which plugins are installed, and what each of them registers."""

from ad_core.registry._catalog import Catalog, Clash, Entry
from ad_core.registry._discovery import GROUP, PluginEntry, installed
from ad_core.registry._names import nearest, unknown_name
from ad_core.registry._registry import Registry, get_registry

__all__ = [
    "GROUP",
    "Catalog",
    "Clash",
    "Entry",
    "PluginEntry",
    "Registry",
    "get_registry",
    "installed",
    "nearest",
    "unknown_name",
]
