"""The run record, its JSON Schema, the folder of records, the leaderboard."""

from ad_core.results._artefacts import (
    ARTEFACTS,
    read_artefact,
    write_artefact,
    write_leaderboards,
    write_page,
)
from ad_core.results._board import Board, Cell, Row, Tests
from ad_core.results._compare import Comparison, compare
from ad_core.results._leaderboard import leaderboard
from ad_core.results._record import (
    HEADLINE,
    SCHEMA_ID,
    SCHEMA_VERSION,
    UNKNOWN,
    ErrorInfo,
    Isolation,
    Limits,
    Plugin,
    Record,
    Status,
    from_dict,
    to_dict,
)
from ad_core.results._render import BOARD_VERSION, Table, to_json, to_markdown, to_table
from ad_core.results._schema import Kind, load_schema, validate
from ad_core.results._statistics import Interval
from ad_core.results._store import RunStore, Scores, read_records, record_keys, record_paths
from ad_core.results._timings import Timing, read_timings, timing
from ad_core.results._verify import Fault, verify
from ad_core.results.html import to_html

__all__ = [
    "ARTEFACTS",
    "BOARD_VERSION",
    "HEADLINE",
    "SCHEMA_ID",
    "SCHEMA_VERSION",
    "UNKNOWN",
    "Board",
    "Cell",
    "Comparison",
    "ErrorInfo",
    "Fault",
    "Interval",
    "Isolation",
    "Kind",
    "Limits",
    "Plugin",
    "Record",
    "Row",
    "RunStore",
    "Scores",
    "Status",
    "Table",
    "Tests",
    "Timing",
    "compare",
    "from_dict",
    "leaderboard",
    "load_schema",
    "read_artefact",
    "read_records",
    "read_timings",
    "record_keys",
    "record_paths",
    "timing",
    "to_dict",
    "to_html",
    "to_json",
    "to_markdown",
    "to_table",
    "validate",
    "verify",
    "write_artefact",
    "write_leaderboards",
    "write_page",
]
