"""No network: what is not at hand is not fetched."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

__all__ = ["no_network"]


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Refuse names and connections; yield a list that fills with what was asked for."""
    asked: list[str] = []
    connect = socket.socket.connect

    def look_up(host: Any, *_arguments: Any, **_options: Any) -> Any:
        asked.append(str(host))
        raise socket.gaierror(socket.EAI_AGAIN, "no network in a contract check")

    def dial(one: socket.socket, address: Any) -> None:
        if one.family not in (socket.AF_INET, socket.AF_INET6):
            return connect(one, address)  # a pipe between processes
        asked.append(str(address[0]))
        raise ConnectionRefusedError("no network in a contract check")

    with patch.object(socket, "getaddrinfo", look_up), patch.object(socket.socket, "connect", dial):
        yield asked
