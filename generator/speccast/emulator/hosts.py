"""Security boundary: keeps web pages of other sites away from the emulator. It fails closed.

A foreign page can make its own name point to 127.0.0.1 and then read what listens there as if it were its own site (DNS
rebinding). The browser still sends that name as the host, so only requests for names of this machine are accepted.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from speccast.emulator import responses

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from speccast.core.api import Api

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.IGNORECASE)


class HostCheck:
    """Middleware that refuses requests for other hosts (421) and requests without exactly one host (400).

    `hosts` are further accepted names, in lower case.
    """

    def __init__(self, app: ASGIApp, api: Api, hosts: frozenset[str]) -> None:
        self._app = app
        self._api = api
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            # Only HTTP/1.0 allows it, which browsers do not use.
            if len(hosts) > 1 or (not hosts and scope["http_version"] != "1.0"):
                text = "The request must have exactly one Host header."
                await responses.error_response(self._api, 400, text)(scope, receive, send)
                return
            if hosts and not is_own(hosts[0], self._hosts):
                text = (
                    "Unknown host: the emulator accepts localhost and IP addresses; "
                    "speccast serve --allow-host NAME adds a name"
                )
                await responses.error_response(self._api, 421, text)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_own(host: str, names: frozenset[str]) -> bool:
    """Return whether a host, with or without a port, is an address, a name of this machine or one of `names`.

    Addresses are safe: unlike a name, an address cannot be made to point elsewhere.
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
