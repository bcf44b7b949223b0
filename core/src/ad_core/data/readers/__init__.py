"""The user's own files: read into numbers, written in one piece."""

from ad_core.data.readers._read import FORMATS, read_table
from ad_core.data.readers._table import IgnoredColumn, Table
from ad_core.data.readers._write import OUTPUT_FORMATS, write_table

__all__ = [
    "FORMATS",
    "OUTPUT_FORMATS",
    "IgnoredColumn",
    "Table",
    "read_table",
    "write_table",
]
