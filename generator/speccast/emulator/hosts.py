"""Keeps web pages away from the emulator. This decides about access: it fails closed.

A page of a stranger can have its own name point to 127.0.0.1 and then reads what listens there, as if it were its own
site. The browser still sends that name as the host, so only requests for names of this machine are answered.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from speccast.emulator import answers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from speccast.emulator.contract import Contract

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.IGNORECASE)


class HostCheck:
    """Answers 421 to requests for the hosts of others, 400 to those that do not say one host, and passes the rest on.

    `hosts` are in small letters.
    """

    def __init__(self, app: ASGIApp, contract: Contract, hosts: frozenset[str]) -> None:
        self._app = app
        self._contract = contract
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            # Only HTTP/1.0 can do without, and no browser speaks that.
            if len(hosts) > 1 or (not hosts and scope["http_version"] != "1.0"):
                text = "The request must say for which host it is, once."
                await answers.error(self._contract, 400, text)(scope, receive, send)
                return
            if hosts and not is_own(hosts[0], self._hosts):
                text = (
                    "The host of this request is not this emulator's, which answers to localhost and IP addresses; "
                    "speccast serve --allow-host NAME adds a name"
                )
                await answers.error(self._contract, 421, text)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_own(host: str, names: frozenset[str]) -> bool:
    """Whether a host, with or without a port, is an address, a name of this machine or one of `names`.

    An address is not a name that could be made to point elsewhere.
    """
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found[1] or found[2]).lower().removesuffix(".")
    return name in names or name == "localhost" or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
