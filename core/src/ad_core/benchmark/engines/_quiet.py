"""Keep what a library says of itself off the terminal, and its switches to the block."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["environment_set", "quiet"]


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
