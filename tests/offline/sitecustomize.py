"""First on ``PYTHONPATH``: ends a process that looks for, or connects to, any machine but this one.

It ends the process immediately, since an exception could be swallowed by the software that made the call.
"""

from __future__ import annotations

import os
import sys

__all__ = ["STATUS", "refuse_network"]

STATUS = 97
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "::")  # noqa: S104  nothing is bound here
_ADDRESS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """Judge one event of Python's audit: what socket calls are made for.

    Args:
        event: Its name.
        arguments: What the call was given.
    """
    if event not in _ADDRESS:
        return
    address = arguments[_ADDRESS[event]]
    host = address[0] if isinstance(address, tuple) else address
    if event in {"socket.connect", "socket.sendto"} and not isinstance(address, tuple):
        return  # a socket of this machine's own
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and not name.startswith(_HERE):
        os.write(2, f"network: {event} to {name!r}\n".encode())
        os._exit(STATUS)


sys.addaudithook(refuse_network)
