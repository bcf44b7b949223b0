"""Keep what a library says of itself off the terminal, its switches to the block, Ctrl-C out."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["environment_set", "quiet", "undisturbed"]


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Silence a logger and its handlers: what matters is raised or recorded."""
    logger = logging.getLogger(name)
    voices: list[logging.Logger | logging.Handler] = [logger, *logger.handlers]
    loud = [(one, one.level) for one in voices]
    for one in voices:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in loud:
            one.setLevel(level)


@contextmanager
def environment_set(**values: str) -> Iterator[None]:
    """Set environment variables that the user has not set."""
    new = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


@contextmanager
def undisturbed() -> Iterator[list[int]]:
    """Hold back the signals that raise `KeyboardInterrupt`, and yield the list of those that came.

    What starts or ends half a cluster leaves processes and tracebacks behind.
    """
    held: list[int] = []
    raising = [
        one
        for one in (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is threading.main_thread()
        and signal.getsignal(one) is signal.default_int_handler
    ]
    for one in raising:
        signal.signal(one, lambda number, _: held.append(number))
    try:
        yield held
    finally:
        for one in raising:
            signal.signal(one, signal.default_int_handler)
