"""Downloads of outputs. They carry no key and none of the caller's headers, because an output may have any origin."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .calls import announce_pause
from .errors import APIConnectionError, ApiError, APITimeoutError, OutputError
from .hosts import zone_of
from .log import logger
from .media import bare, contradiction, is_media_suffix, is_text, is_xml_error, sniff, starts_as_page
from .request import download
from .response import parse_json
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .returned import reported_error
from .steps import Response, Sleep, resolve, stream

if TYPE_CHECKING:
    from .clock import Deadline
    from .files import Received
    from .outputs import Source
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = ["download_to", "joined"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_WITHOUT_CONTENT = frozenset({204, 205, 206})
"""Statuses of success without the content, or with only a received of it."""
_LONGEST_ERROR = 65536
"""Bytes of an error in JSON."""


def download_to(
    received: Received, settings: Settings | None, url: str, source: Source, deadline: Deadline
) -> Program[None]:
    """Download an output. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if the download fails.
    """
    url = joined(source.base, url)
    if settings is None:
        raise OutputError(f"cannot download {_without_query(url)}: this result does not belong to a client")
    yield from _fetch(settings, url, received, deadline)
    _check(settings, url, received, source.returns)


def _check(settings: Settings, url: str, received: Received, returns: tuple[str, ...]) -> None:
    """Raise OutputError if what was downloaded is not an output but an error or a page."""
    kind, start = bare(received.content_type), received.start
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    is_page = starts_as_page(start) or (kind in ("text/html", "application/xhtml+xml") and not sniff(start))
    documented = [bare(each) for each in returns]
    if not received.size:
        found = "an empty file"
    elif is_page and suffix not in (".html", ".htm") and "text/html" not in documented:
        found = "a web page"
    elif is_xml_error(start) and suffix != ".xml":
        found = "an error in XML"
    elif (
        is_text(start)
        and not sniff(start)
        and reported_error(parse_json(received.read(_LONGEST_ERROR)), settings.api) is not None
    ):
        found = "an error in JSON"
    elif is_media_suffix(suffix):
        found = contradiction(suffix, received.content_type, start)
    else:
        return
    if found:
        raise OutputError(f"cannot download {_without_query(url)}: the server responded with {found}")


def _fetch(settings: Settings, url: str, received: Received, deadline: Deadline) -> Program[None]:
    failures = redirects = 0
    if (problem := _problem(settings.origin, url)) is not None:
        raise OutputError(f"cannot download {_without_query(url)}: the address leads {problem}")
    while True:
        yield from _check_host(settings, url)
        logger.debug("GET %s (without the key)", _without_query(url))
        outcome = yield from stream(download(settings, url, deadline), received)
        if isinstance(outcome, Response):
            if outcome.ok and outcome.status not in _WITHOUT_CONTENT:
                return
            location = outcome.headers.get("location")
            if outcome.status in _REDIRECTS and location:
                redirects += 1
                url = _redirected(url, location, redirects)
                continue
        failures += 1
        requested = requested_delay(outcome, settings.api, settings.clock)
        delay = backoff(failures, settings.clock) if requested is None else requested
        is_last = failures > settings.max_retries or delay > min(LONGEST_DELAY, deadline.remaining)
        if is_last or not is_transient(outcome):
            raise _error(settings, url, outcome)
        announce_pause(settings, outcome, delay, "next download")
        yield Sleep(delay)


def _check_host(settings: Settings, url: str) -> Program[None]:
    """Security: raise OutputError for a host that only this machine or its network reaches, unless the API is there."""
    host, own = urlsplit(url).hostname or "", urlsplit(settings.origin).hostname or ""
    if host == own:
        return
    zones = {zone_of(address) for address in (yield from resolve(host))} - {"public"}
    if not zones or zones <= {zone_of(address) for address in (yield from resolve(own))}:
        return
    where = " and ".join(sorted(zones))
    raise OutputError(
        f"cannot download {_without_query(url)}: {host} has a {where} address, and the API has not"
    )


def _redirected(url: str, location: str, redirects: int) -> str:
    """The next URL. Raises OutputError if following it is not safe."""
    if redirects > _MOST_REDIRECTS:
        raise OutputError(
            f"cannot download {_without_query(url)}: it redirects more than {_MOST_REDIRECTS} times"
        )
    following = joined(url, location)
    if (problem := _problem(url, following)) is not None:
        raise OutputError(f"cannot download {_without_query(url)}: it redirects {problem}")
    return following


def joined(base: str, url: str) -> str:
    """An absolute URL. Raises OutputError for an invalid one."""
    try:
        joined = urljoin(base, url)
        parts = urlsplit(joined)
        host = parts.hostname or ""
        _ = parts.port, host.encode("idna")
    except ValueError:
        raise OutputError(f"cannot download {_without_query(url)}: it is not a valid URL") from None
    if "%" in host:  # such as an escaped blank
        raise OutputError(f"cannot download {_without_query(url)}: it is not a valid URL")
    return joined


def _problem(previous: str, url: str) -> str | None:
    """Security: why a URL must not be requested after another one, such as `from https to http`; None if it may be."""
    before, scheme = urlsplit(previous).scheme, urlsplit(url).scheme
    if scheme in ("https", "http") and urlsplit(url).hostname:
        return "from https to http" if (before, scheme) == ("https", "http") else None
    return f"from {before} to {scheme or 'a relative URL'}"


def _error(settings: Settings, url: str, outcome: Outcome) -> ApiError:
    redact = settings.redactor.text
    what = redact(f"cannot download {_without_query(url)}")
    if isinstance(outcome, Response):
        jobs = settings.api.jobs
        gone = " Outputs are kept for a limited time." if outcome.status in (403, 404, 410) and jobs else ""
        return OutputError(
            f"{what}: the server responded with status {outcome.status} {redact(outcome.reason)}".rstrip()
            + f".{gone}",
            status=outcome.status,
        )
    if outcome.kind == "request":
        return OutputError(f"{what}: {redact(outcome.text)}")
    return (APITimeoutError if outcome.kind == "timeout" else APIConnectionError)(
        f"{what}: {redact(outcome.text)}"
    )


def _without_query(url: str) -> str:
    """A URL without the receiveds that may contain a signature or a password."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url)[0])[:200]
