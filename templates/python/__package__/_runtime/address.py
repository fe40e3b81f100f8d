"""The URLs of requests: the API's origin and its documented paths.

Security boundary: the key is sent to no other URLs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from .errors import ConfigurationError

if TYPE_CHECKING:
    from .._core.api import Api

__all__ = ["is_loopback", "is_valid_id", "is_valid_slug", "job_url", "model_url", "origin_of"]

_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[^\s\[\]<>@\\^`{|}%:/?#\x00-\x20\x7f]+")


def origin_of(base_url: str, api: Api, source: str) -> str:
    """The origin of a URL that a user set; `source` says where.

    The first segments of the documented paths (`/v1`) are removed, because people copy them. Raises ConfigurationError
    for everything else that is not an origin.
    """
    advice = f"pass only the origin, such as {api.base_url}"
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
    if not _HOST.fullmatch(host):
        raise ConfigurationError(f"{source} {quoted} does not contain a valid host: {advice}")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ConfigurationError(f"{source} {quoted} contains a query or fragment: {advice}")
    if parts.path.strip("/") not in _path_prefixes(api):
        raise ConfigurationError(
            f"{source} {quoted} contains a path, but the client adds the paths itself: {advice}"
        )
    return f"{parts.scheme}://{host.lower()}" + ("" if port is None else f":{port}")


def is_loopback(origin: str) -> bool:
    """Whether requests stay on this machine."""
    host = urlsplit(origin).hostname or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def is_valid_slug(slug: object) -> bool:
    """Whether a text can identify a model in a path."""
    return isinstance(slug, str) and all(is_valid_id(segment) for segment in slug.lstrip("/").split("/"))


def is_valid_id(text: object) -> bool:
    """Whether a text can be one segment of a path; `..` would lead to another path."""
    return isinstance(text, str) and text not in ("", ".", "..") and text.isprintable()


def model_url(origin: str, path: str, slug: str) -> str:
    """The URL of a model. Slashes in a slug, which some APIs use, are kept."""
    return origin + path.replace("{slug}", quote(slug.lstrip("/"), safe="/"))


def job_url(origin: str, path: str, request_id: str) -> str:
    """The URL of a job."""
    return origin + path.replace("{id}", quote(request_id, safe=""))


def _path_prefixes(api: Api) -> set[str]:
    """Paths that may follow an origin: the first segments of the documented paths, up to a placeholder."""
    paths = [api.sync.path] if api.sync else []
    paths += [api.jobs.submit, api.jobs.status, api.jobs.result] if api.jobs else []
    prefixes = {""}
    for path in paths:
        segments = path.partition("{")[0].rpartition("/")[0].strip("/").split("/")
        prefixes |= {"/".join(segments[:count]) for count in range(1, len(segments) + 1)}
    return prefixes
