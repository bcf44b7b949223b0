"""How downloads go: live bars on a terminal, a line a file elsewhere."""

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Self

import click

from ad_core.cli._bar import download_bar
from ad_core.cli._output import note, printable
from ad_core.cli.datasets._files import megabytes

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ad_core.data import Fetched
    from ad_core.spec import PinnedFile

__all__ = ["Progress"]


class Progress:
    """Watches `fetch_files` and reports on standard error.

    The first bar counts the bytes of all files; below it is one for each file
    that comes just now.
    """

    def __init__(self, files: Collection["PinnedFile"]) -> None:
        self._n_files = len(files)
        self._n_ended = 0
        self._bar: Bar | None = None
        self._bars: dict[PinnedFile, TaskID] = {}
        if sys.stderr.isatty() and files:
            self._bar = download_bar()
            self._all = self._bar.add_task(self._counted(), total=sum(f.size or 0 for f in files))

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def expect(self, remote: "PinnedFile", n_bytes: int) -> None:
        """A download begins."""
        if self._bar is None:
            return
        name = remote.path.rpartition("/")[2]
        self._bars[remote] = self._bar.add_task(f"  {name}", total=n_bytes or None)
        if remote.size is None:
            self._grow(n_bytes)

    def advance(self, remote: "PinnedFile", n_bytes: int) -> None:
        """So many more bytes are there."""
        if self._bar is not None:
            self._bar.advance(self._bars[remote], n_bytes)
            self._bar.advance(self._all, n_bytes)

    def ended(self, one: "Fetched") -> None:
        """It ended with a file, well or not."""
        self._n_ended += 1
        if self._bar is not None:
            self._take_away(self._bar, one)
        elif one.downloaded and one.path is not None:
            width = len(str(self._n_files))
            size = megabytes(one.path.stat().st_size)
            head = f"[{self._n_ended:{width}}/{self._n_files}]"
            note(f"{head} downloaded {one.remote.path} ({size})")
        if one.error is not None:
            self._complain(f"error: {printable(str(one.error))}")

    def _take_away(self, bar: "Bar", one: "Fetched") -> None:
        began = self._bars.pop(one.remote, None)
        if began is not None:
            bar.remove_task(began)
        if not one.downloaded:  # its bytes will not come
            self._grow(-(one.remote.size or 0))
        bar.update(self._all, description=self._counted())

    def _grow(self, n_bytes: int) -> None:
        if self._bar is not None:
            total = self._bar.tasks[0].total or 0
            self._bar.update(self._all, total=total + n_bytes)

    def _counted(self) -> str:
        return f"{self._n_ended} of {self._n_files} files"

    def _complain(self, line: str) -> None:
        if self._bar is None:
            click.echo(line, err=True)
        else:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
