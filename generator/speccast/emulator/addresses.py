"""Addresses in requests. They are untrusted, and never fetched."""

from __future__ import annotations

from urllib.parse import unquote


def address_path(address: str) -> str:
    """Return the path of an address, without its query; `urlsplit` raises exceptions for some hosts."""
    rest = address.partition("://")[2].partition("?")[0].partition("#")[0]
    _, slash, path = rest.partition("/")
    return slash + path


def file_name(address: str) -> str:
    """Return the last segment of the path of an address, decoded; empty if no file of a folder can have that name."""
    name = unquote(address_path(address).rpartition("/")[2])
    is_name = name not in ("", ".", "..") and not any(each in name for each in "/\\:\0")
    return name if is_name else ""
