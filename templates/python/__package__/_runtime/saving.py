"""The operation that saves outputs: from the response itself, or by a download.

Downloads carry no key and none of the caller's headers, because an output may have any origin.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from .calls import announce_pause
from .clock import Clock, Deadline
from .errors import APIConnectionError, ApiError, APITimeoutError, OutputError
from .files import PartFile, find_destination
from .hosts import zone_of
from .log import logger
from .media import (
    bare,
    contradiction,
    is_media_suffix,
    is_text,
    is_xml_error,
    sniff,
    starts_as_page,
    suffix_of,
)
from .outputs import Inline
from .request import download
from .response import parse_json
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .returned import reported_error
from .steps import Response, Sleep, resolve, stream

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from .files import Destination
    from .outputs import Media
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = ["MAX_BYTES", "Source", "save"]

MAX_BYTES = 512 * 1024 * 1024
"""Default size limit of one download."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_WITHOUT_CONTENT = frozenset({204, 205, 206})
"""Statuses of success without the content, or with only a part of it."""
_LONGEST_ERROR = 65536
"""Bytes of an error in JSON."""


class Source(NamedTuple):
    """Where outputs come from."""

    name: str
    """The default file name without an extension."""
    base: str = ""
    """URL of the response, to which relative addresses are relative."""
    returns: tuple[str, ...] = ()
    """Documented media types of the model; empty if it is not known."""


def save(
    settings: Settings | None,
    outputs: Sequence[Media],
    path: str | os.PathLike[str] | None,
    *,
    source: Source,
    overwrite: bool | None,
    max_bytes: int | None,
) -> Program[list[Path]]:
    """Save the outputs and return their paths. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if a download fails.
    """
    deadline = Deadline.after(
        settings.total_timeout if settings else None, settings.clock if settings else Clock()
    )
    place = find_destination(path, name=source.name, overwrite=overwrite)
    paths: list[Path] = []
    for number, output in enumerate(outputs, 1):
        saved = yield from _save_one(
            settings,
            output,
            place,
            number=number if len(outputs) > 1 else 0,
            max_bytes=max_bytes,
            source=source,
            deadline=deadline,
        )
        paths.append(saved)
    return paths


def _save_one(
    settings: Settings | None,
    output: Media,
    place: Destination,
    *,
    number: int,
    max_bytes: int | None,
    source: Source,
    deadline: Deadline,
) -> Program[Path]:
    if isinstance(output, Inline):
        with PartFile(place, None) as part:
            part.write(output.content)
            return _commit(part, place, output.content_type, number)
    url = _joined(source.base, output.url)
    if settings is None:
        raise OutputError(f"cannot download {_without_query(url)}: this result does not belong to a client")
    with PartFile(place, max_bytes) as part:
        yield from _fetch(settings, url, part, deadline)
        _check_download(settings, url, part, source.returns)
        return _commit(part, place, part.content_type, number, url)


def _commit(part: PartFile, place: Destination, content_type: str, number: int, url: str = "") -> Path:
    """Name the file. Raises OutputError if its content cannot be that of a file with the name that the caller passed."""
    if place.suffix and (found := contradiction(place.suffix, content_type, part.start)):
        error = OutputError(
            f"the output is {found}, and was not saved as {place.folder / place.stem}{place.suffix}"
        )
        error.is_misnamed = True
        raise error
    return part.commit(place.names(suffix_of(content_type, part.start, url), number))


def _check_download(settings: Settings, url: str, part: PartFile, returns: tuple[str, ...]) -> None:
    """Raise OutputError if what was downloaded is not an output but an error or a page."""
    kind, start = bare(part.content_type), part.start
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    is_page = starts_as_page(start) or (kind in ("text/html", "application/xhtml+xml") and not sniff(start))
    documented = [bare(each) for each in returns]
    if not part.size:
        found = "an empty file"
    elif is_page and suffix not in (".html", ".htm") and "text/html" not in documented:
        found = "a web page"
    elif is_xml_error(start) and suffix != ".xml":
        found = "an error in XML"
    elif is_text(start) and not sniff(start) and reported_error(_json(part), settings.api) is not None:
        found = "an error in JSON"
    elif is_media_suffix(suffix):
        found = contradiction(suffix, part.content_type, start)
    else:
        return
    if found:
        raise OutputError(f"cannot download {_without_query(url)}: the server responded with {found}")


def _json(part: PartFile) -> object:
    return parse_json(part.read(_LONGEST_ERROR))


def _fetch(settings: Settings, url: str, part: PartFile, deadline: Deadline) -> Program[None]:
    failures = redirects = 0
    if (problem := _problem(settings.origin, url)) is not None:
        raise OutputError(f"cannot download {_without_query(url)}: the address leads {problem}")
    while True:
        yield from _check_host(settings, url)
        logger.debug("GET %s (without the key)", _without_query(url))
        outcome = yield from stream(download(settings, url, deadline), part)
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
    following = _joined(url, location)
    if (problem := _problem(url, following)) is not None:
        raise OutputError(f"cannot download {_without_query(url)}: it redirects {problem}")
    return following


def _joined(base: str, url: str) -> str:
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
    """A URL without the parts that may contain a signature or a password."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url)[0])[:200]
