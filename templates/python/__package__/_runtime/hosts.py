"""Where a host is: on this machine, in a private network, or public."""

from __future__ import annotations

import ipaddress
import socket
from typing import Literal, TypeAlias

__all__ = ["Zone", "addresses_of", "zone_of"]

Zone: TypeAlias = Literal["public", "private", "link-local", "loopback"]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def addresses_of(host: str) -> tuple[str, ...]:
    """The IP addresses of a host; empty if its name cannot be resolved. This may take seconds."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple({str(entry[4][0]): None for entry in found})


def zone_of(address: str) -> Zone:
    """Security: where an IP address is. Whatever is not public is not reachable for everybody."""
    ip = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    return "public" if ip.is_global and not ip.is_multicast else "private"


def _embedded(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 address leads to, or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
