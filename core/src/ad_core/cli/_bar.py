"""The live line that long work shows on a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["download_bar", "live_bar"]


def live_bar(*, transient: bool = False) -> "Progress":
    """Return a bar on standard error; each of its tasks has the field `failed`, a text."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    current = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=current),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        expand=True,
        transient=transient,
    )


def download_bar() -> "Progress":
    """Return a bar on standard error whose tasks count bytes; it is gone when it stops."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column

    console = Console(stderr=True)
    current = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    wide = console.width >= 72
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=current),
        *([BarColumn(bar_width=16)] if wide else []),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(table_column=Column(no_wrap=True)),
        *([TextColumn("left")] if wide else []),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        console=console,
        expand=True,
        transient=True,
    )
