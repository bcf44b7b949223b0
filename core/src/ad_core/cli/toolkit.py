"""What a plugin's command may use, so that it looks and answers like the core's own.

Importing it costs next to nothing: ``ad --help`` does.
"""

from ad_core.cli._bar import live_bar
from ad_core.cli._options import json_option
from ad_core.cli._output import note, on_terminal, print_json, print_table, printable, room

__all__ = [
    "json_option",
    "live_bar",
    "note",
    "on_terminal",
    "print_json",
    "print_table",
    "printable",
    "room",
]
