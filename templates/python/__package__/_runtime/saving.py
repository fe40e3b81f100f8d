"""The operation that saves outputs: from the response itself, or by a download.

Downloads carry no key and none of the caller's headers, because an output may have any origin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .errors import APIConnectionError, ApiError, APITimeoutError, OutputError
from .files import PartFile, find_destination
from .log import logger
from .media import Inline, extension
from .request import download
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .steps import Response, Sleep, stream

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from .files import Destination
    from .media import Media
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = ["MAX_BYTES", "save"]

MAX_BYTES = 512 * 1024 * 1024
"""Default size limit of one download."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10


def save(
    settings: Settings | None,
    outputs: Sequence[Media],
    path: str | os.PathLike[str] | None,
    *,
    name: str,
    overwrite: bool | None,
    max_bytes: int | None,
) -> Program[list[Path]]:
    """Save the outputs and return their paths. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if a download fails.
    """
    place = find_destination(path, name=name, overwrite=overwrite)
    paths: list[Path] = []
    for number, output in enumerate(outputs, 1):
        saved = yield from _save_one(settings, output, place, number if len(outputs) > 1 else 0, max_bytes)
        paths.append(saved)
    return paths


def _save_one(
    settings: Settings | None, output: Media, place: Destination, number: int, max_bytes: int | None
) -> Program[Path]:
    if isinstance(output, Inline):
        with PartFile(place, None) as part:
            part.write(output.content)
            return part.commit(place.names(extension(output.content_type, part.start), number))
    if settings is None:
        raise OutputError(
            f"cannot download {_without_query(output.url)}: this result does not belong to a client"
        )
    with PartFile(place, max_bytes) as part:
        yield from _fetch(settings, output.url, part)
        return part.commit(place.names(extension(part.content_type, part.start, output.url), number))


def _fetch(settings: Settings, url: str, part: PartFile) -> Program[None]:
    failures = redirects = 0
    while True:
        logger.debug("GET %s (without the key)", _without_query(url))
        outcome = yield from stream(download(settings, url), part)
        if isinstance(outcome, Response):
            if outcome.ok:
                return
            location = outcome.headers.get("location")
            if outcome.status in _REDIRECTS and location:
                redirects += 1
                url = _redirected(url, location, redirects)
                continue
        failures += 1
        requested = requested_delay(outcome, settings.api, settings.clock)
        delay = backoff(failures, settings.clock) if requested is None else requested
        if not is_transient(outcome) or failures > settings.max_retries or delay > LONGEST_DELAY:
            raise _error(settings, url, outcome)
        yield Sleep(delay)


def _redirected(url: str, location: str, redirects: int) -> str:
    """The next URL. Raises OutputError if following it is not safe."""
    try:
        following = urljoin(url, location)
        scheme = urlsplit(following).scheme
    except ValueError:
        raise OutputError(f"cannot download {_without_query(url)}: it redirects to an invalid URL") from None
    if redirects > _MOST_REDIRECTS:
        raise OutputError(
            f"cannot download {_without_query(url)}: it redirects more than {_MOST_REDIRECTS} times"
        )
    if scheme not in ("https", "http") or (scheme == "http" and urlsplit(url).scheme == "https"):
        raise OutputError(f"cannot download {_without_query(url)}: it redirects from https to {scheme}")
    return following


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
