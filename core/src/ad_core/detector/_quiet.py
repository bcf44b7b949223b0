"""Turn the warnings of foreign libraries into log messages, whatever thread they come from."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

__all__ = ["quiet"]

_logger = logging.getLogger("ad.upstream")
_lock = threading.Lock()
_active: "list[warnings.catch_warnings[Any]]" = []
_depth = 0


def _log(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del file, line
    _logger.info("%s: %s (%s:%s)", category.__name__, message, filename, lineno)


@contextmanager
def quiet() -> Iterator[None]:
    """Send warnings to the logger ``ad.upstream`` (level INFO) instead of the caller.

    `warnings.catch_warnings` changes global state and restores it in the wrong
    order when threads overlap, so the first to enter changes it and the last to
    leave restores it.
    """
    global _depth  # noqa: PLW0603 - the state that is guarded is the interpreter's own
    with _lock:
        _depth += 1
        if _depth == 1:
            catcher = warnings.catch_warnings()
            catcher.__enter__()
            _active.append(catcher)
            warnings.simplefilter("always")
            warnings.showwarning = _log
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                _active.pop().__exit__(None, None, None)
