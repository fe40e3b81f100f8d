"""Hosts: where requests are sent.

A116 host-invalid

    Each part of a host's name has 1 to 63 letters, digits, `-` and `_`, and neither begins nor ends in a hyphen. An
    IPv6 address is in brackets, and a port is 1 to 65535. No request can be sent elsewhere.

    Bad::

        # api.yaml
        base_url: https://api..acme.example:99999

    Good::

        # api.yaml
        base_url: https://api.acme.example:8443
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final, cast

from speccast.lint.rule import ApiContext, Location, RuleViolation, Severity, Violations, api_rule

if TYPE_CHECKING:
    from collections.abc import Iterator


_URL: Final = re.compile(r"https?://(?P<host>\[[^\]]*\]|[^:/]*)(?::(?P<port>[0-9]+))?(?:/.*)?")
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_IPV4: Final = re.compile(r"[0-9]+(\.[0-9]+){3}")
_LONGEST: Final = 253


@api_rule("A116", Severity.ERROR, "an address to which no request can be sent", needed=True)
def host_invalid(context: ApiContext) -> Violations:
    for url, place in _urls(context):
        match = _URL.fullmatch(url)
        if match is None:
            continue  # a path at the API's own host
        host, port = match["host"], match["port"]
        if not _is_valid_host(host):
            yield RuleViolation(
                place, f"`{host}` is not a valid host", "write it as the documentation of the API does"
            )
        if port is not None and not 1 <= int(port) <= 65535:
            yield RuleViolation(
                place, f"{port} is not a valid port", "write a port of 1 to 65535, or none for the usual one"
            )


def _urls(context: ApiContext) -> Iterator[tuple[str, Location]]:
    yield context.spec["base_url"], context.value("base_url")
    for key, name in (("sync", "base_url"), ("async", "base_url"), ("upload", "url")):
        described = cast("dict[str, Any]", context.spec.get(key, {}))
        if name in described:
            yield described[name], context.value(key, name)


def _is_valid_host(host: str) -> bool:
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1]) is not None
        if _IPV4.fullmatch(host):
            return IPv4Address(host) is not None
    except AddressValueError:
        return False
    labels = host.removesuffix(".").split(".")
    return len(host) <= _LONGEST and all(_LABEL.fullmatch(label) for label in labels)
