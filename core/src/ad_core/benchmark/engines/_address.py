"""See that a cluster answers at an address before its client is let loose.

The clients wait for minutes, for ever, or end the process where none does.
"""

import asyncio
import socket
from urllib.parse import urlsplit

from ad_core.errors import EngineError

__all__ = ["PATIENCE", "check_dask", "check_ray"]

PATIENCE = 10.0
"""Seconds until an address that does not answer is given up."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""How HTTP/2, on which Ray's protocol rests, begins: with a frame of settings, of type 4."""


def check_dask(address: str) -> None:
    """See that a Dask scheduler answers.

    Raises
    ------
    EngineError
        It does not, or the address is not one.
    """
    what = "Dask scheduler"
    _connect(address, what).close()
    try:
        asyncio.run(_greet_dask(address))
    except (OSError, ValueError) as error:  # TimeoutError too
        raise _stranger(address, what) from error


async def _greet_dask(address: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    async with asyncio.timeout(PATIENCE):
        arguments = Security().get_connection_args("client")
        await (await connect(address, timeout=PATIENCE, **arguments)).close()


def check_ray(address: str) -> None:
    """See that a Ray cluster answers; raises as `check_dask` does."""
    what = "Ray cluster"
    with _connect(address, what) as connection:
        try:
            connection.sendall(_PREFACE)
            answer = connection.recv(4)
        except OSError as error:
            raise _stranger(address, what) from error
    if answer[3:4] != b"\x04":
        raise _stranger(address, what)


def _connect(address: str, what: str) -> socket.socket:
    parts = urlsplit(address if "://" in address else f"//{address}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or not port:
        raise EngineError(f"the address of a {what} is HOST:PORT, got {address!r}")
    try:
        return socket.create_connection((parts.hostname, port), timeout=PATIENCE)
    except OSError as error:
        raise EngineError(
            f"no {what} answers at {address} ({error.strerror or error}); see that it runs, and "
            "that this machine can reach it"
        ) from error


def _stranger(address: str, what: str) -> EngineError:
    return EngineError(
        f"what answers at {address} is not a {what}, or not one that this machine may talk to"
    )
