"""The URLs of requests: the API's address and its documented paths.

Security boundary: the key is sent to no other URLs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from .errors import ConfigurationError
from .host_names import has_valid_labels

if TYPE_CHECKING:
    from .._core.api import Api

__all__ = ["is_host", "is_loopback", "is_valid_id", "is_valid_slug", "job_url", "model_url", "origin_of"]

# Patterns are compiled when they are first used: the import of a client is short.
_HOST = r"\[[0-9A-Fa-f:.]+\]|[^\s\[\]<>@\\^`{|}%:/?#\x00-\x20\x7f]+"
_PATH = r"(?a)(/([\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*"


def origin_of(base_url: str, api: Api, source: str) -> str:
    """Return the address that documented paths are appended to: an origin, or the path of a gateway on another host.

    `source` says where a user set it. The first segments of the documented paths (`/v1`) are removed from its end,
    because people copy them. Raises ConfigurationError for everything else.
    """
    given = cast("object", base_url)
    if not isinstance(given, str):
        raise ConfigurationError(f"{source} must be a str, not {type(given).__name__}")
    advice = f"pass an origin, such as {api.base_url}"
    text = base_url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"{source} is not a valid URL: {advice}") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"{source} must not contain a user name or password: {advice}")
    quoted = repr(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = f"; did you mean 'https://{text}'?" if re.fullmatch(r"[\w.-]+(:\d+)?(/\S*)?", text) else ""
        raise ConfigurationError(
            f"{source} {quoted} must begin with https:// or http:// and a host: {advice}{hint}"
        )
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.removesuffix(":")
    if not is_host(host):
        raise ConfigurationError(f"{source} {quoted} does not contain a valid host: {advice}")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ConfigurationError(f"{source} {quoted} contains a query or fragment: {advice}")
    path = _without_prefix(parts.path.rstrip("/"), api)
    if path and (not re.fullmatch(_PATH, path) or {".", ".."} & set(path.split("/"))):
        raise ConfigurationError(f"{source} {quoted} does not contain a valid path: {advice}")
    if path and host.lower() == urlsplit(api.base_url).hostname:
        raise ConfigurationError(
            f"{source} {quoted} contains a path, but the client adds the paths itself: {advice}"
        )
    return f"{parts.scheme}://{host.lower()}" + ("" if port is None else f":{port}") + path


def is_host(host: str) -> bool:
    """Return whether a host can be looked up: an IP address, or labels of at most 63 characters each."""
    if not re.fullmatch(_HOST, host):
        return False
    if not host.isascii() or host[-1] in "0123456789]":
        from . import http  # Names in ASCII do not need it.

        return http.is_valid_host(host)
    return has_valid_labels(host)


def _without_prefix(path: str, api: Api) -> str:
    """Return a path without the longest documented prefix at its end."""
    for prefix in sorted(_path_prefixes(api), key=len, reverse=True):
        if prefix and path.endswith(f"/{prefix}"):
            return path.removesuffix(f"/{prefix}").rstrip("/")
    return path


def is_loopback(origin: str) -> bool:
    """Return whether requests stay on this machine."""
    host = urlsplit(origin).hostname or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def is_valid_slug(slug: object) -> bool:
    """Return whether a text can identify a model in a path."""
    return isinstance(slug, str) and all(is_valid_id(segment) for segment in slug.lstrip("/").split("/"))


def is_valid_id(text: object) -> bool:
    """Return whether a text can be one segment of a path; `..` would lead to another path."""
    return isinstance(text, str) and text not in ("", ".", "..") and text.isprintable()


def model_url(origin: str, path: str, slug: str) -> str:
    """Return the URL of a model. Slashes in a slug, which some APIs use, are kept."""
    return origin + path.replace("{slug}", quote(slug.lstrip("/"), safe="/"))


def job_url(origin: str, path: str, request_id: str) -> str:
    """Return the URL of a job; the id may be in the path or in the query."""
    return origin + path.replace("{id}", quote(request_id, safe=""))


def _path_prefixes(api: Api) -> set[str]:
    """Return the paths that may follow an origin: the first segments of the documented paths, up to a placeholder."""
    paths = [api.sync.path] if api.sync else []
    paths += [api.jobs.submit, api.jobs.status, api.jobs.result] if api.jobs else []
    prefixes = {""}
    for path in paths:
        segments = path.partition("{")[0].rpartition("/")[0].strip("/").split("/")
        prefixes |= {"/".join(segments[:count]) for count in range(1, len(segments) + 1)}
    return prefixes
