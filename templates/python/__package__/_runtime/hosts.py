"""Where a host is: on this machine, in a private network, or public. Security: which addresses of servers are requested."""

from __future__ import annotations

import ipaddress
import socket
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

from .address import is_host
from .steps import block

if TYPE_CHECKING:
    from .steps import Program

__all__ = ["Zone", "addresses_of", "host_problem", "join_url", "scheme_problem", "zone_of"]

Zone: TypeAlias = Literal["public", "private", "link-local", "loopback"]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def addresses_of(host: str) -> tuple[str, ...]:
    """Return the IP addresses of a host; empty if its name cannot be resolved. This may take seconds."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple({str(entry[4][0]): None for entry in found})


def join_url(base: str, url: str) -> str:
    """Return the URL that a server means, which may be relative to another one. Raises ValueError for an invalid one."""
    found = urljoin(base, url)
    parts = urlsplit(found)
    host = parts.hostname or ""
    _ = parts.port, host.encode("idna")
    if parts.scheme in ("http", "https") and not is_host(f"[{host}]" if ":" in host else host):
        raise ValueError("invalid host")
    return found


def scheme_problem(previous: str, url: str) -> str | None:
    """Security: why a URL must not be requested after another one, such as `from https to http`; None if it may be."""
    before, scheme = urlsplit(previous).scheme, urlsplit(url).scheme
    if scheme in ("https", "http") and urlsplit(url).hostname:
        return "from https to http" if (before, scheme) == ("https", "http") else None
    return f"from {before} to {scheme or 'a relative URL'}"


def host_problem(origin: str, url: str) -> Program[str | None]:
    """Security: what is wrong with a host that only this machine or its network reaches; None if the origin is there, too."""
    host, own = urlsplit(url).hostname or "", urlsplit(origin).hostname or ""
    if host == own:
        return None
    found = yield from block(partial(addresses_of, host))
    zones = {zone_of(address) for address in found} - {"public"}
    if not zones:
        return None
    known = yield from block(partial(addresses_of, own))
    if zones <= {zone_of(address) for address in known}:
        return None
    return f"{host} has a {' and '.join(sorted(zones))} address, and the API has not"


def zone_of(address: str) -> Zone:
    """Security: return where an IP address is. Only public addresses can be reached by everybody."""
    ip = _find_embedded(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    return "public" if ip.is_global and not ip.is_multicast else "private"


def _find_embedded(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 address leads to, or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
