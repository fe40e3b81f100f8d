"""Downloads of outputs. They carry no key and none of the caller's headers, because an output may have any origin."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .calls import announce_pause
from .errors import APIConnectionError, ApiError, APITimeoutError, OutputError
from .hosts import host_problem, scheme_problem
from .log import logger
from .media import bare, contradiction, is_media_suffix, is_text, is_xml_error, sniff, starts_as_page
from .request import download
from .response import parse_json
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .returned import reported_error
from .steps import Close, Failure, Opened, Response, Sleep, open_response, read

if TYPE_CHECKING:
    from .clock import Deadline
    from .files import Received
    from .outputs import Source
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = ["LONGEST_ERROR", "Download", "download_to", "joined"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_WITHOUT_CONTENT = frozenset({204, 205, 206})
"""Statuses of success without the content, or with only a received of it."""
LONGEST_ERROR = 65536
"""Bytes of an error in JSON."""


def download_to(
    received: Received, settings: Settings | None, url: str, source: Source, deadline: Deadline
) -> Program[None]:
    """Download an output. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if the download fails.
    """
    download = Download(settings, url, source, deadline)
    while True:
        opened = yield from download.open()
        received.begin(opened.response.headers)
        while piece := (yield from read(opened.body)):
            if isinstance(piece, Failure):
                yield from download.pause(piece)
                break
            received.write(piece)
        else:
            download.check(received)
            return


class Download:
    """The download of one output, with its redirects and retries."""

    def __init__(self, settings: Settings | None, url: str, source: Source, deadline: Deadline) -> None:
        self._url = joined(source.base, url)
        if settings is None:
            raise OutputError(
                f"cannot download {_without_query(self._url)}: this result does not belong to a client"
            )
        self._settings, self._returns, self._deadline = settings, source.returns, deadline
        self._failures = self._redirects = 0
        if (problem := scheme_problem(settings.origin, self._url)) is not None:
            raise OutputError(f"cannot download {_without_query(self._url)}: the address leads {problem}")

    def open(self) -> Program[Opened]:
        """Follow redirects, repeat what may succeed later, and return the response with an unread body."""
        settings = self._settings
        while True:
            if (problem := (yield from host_problem(settings.origin, self._url))) is not None:
                raise OutputError(f"cannot download {_without_query(self._url)}: {problem}")
            logger.debug("GET %s (without the key)", _without_query(self._url))
            outcome = yield from open_response(download(settings, self._url, self._deadline))
            if isinstance(outcome, Opened):
                if outcome.response.status not in _WITHOUT_CONTENT:
                    return outcome
                yield Close(outcome.body)
                outcome = outcome.response
            if isinstance(outcome, Response):
                location = outcome.headers.get("location")
                if outcome.status in _REDIRECTS and location:
                    self._redirects += 1
                    self._url = _redirected(self._url, location, self._redirects)
                    continue
            yield from self.pause(outcome)

    def pause(self, outcome: Outcome) -> Program[None]:
        """Wait until the download can be repeated. Raises its error if it must not be."""
        settings = self._settings
        self._failures += 1
        requested = requested_delay(outcome, settings.api, settings.clock)
        delay = backoff(self._failures, settings.clock) if requested is None else requested
        is_last = self._failures > settings.max_retries or delay > min(
            LONGEST_DELAY, self._deadline.remaining
        )
        if is_last or not is_transient(outcome):
            raise self.error(outcome)
        announce_pause(settings, outcome, delay, "next download")
        yield Sleep(delay)

    def error(self, outcome: Outcome) -> ApiError:
        """The exception for a download that failed."""
        return _error(self._settings, self._url, outcome)

    def check(self, received: Received) -> None:
        """Raise OutputError if what was received is not an output but an error or a page."""
        _check(self._settings, self._url, received, self._returns)


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
        and reported_error(parse_json(received.read(LONGEST_ERROR)), settings.api) is not None
    ):
        found = "an error in JSON"
    elif is_media_suffix(suffix):
        found = contradiction(suffix, received.content_type, start)
    else:
        return
    if found:
        raise OutputError(f"cannot download {_without_query(url)}: the server responded with {found}")


def _redirected(url: str, location: str, redirects: int) -> str:
    """The next URL. Raises OutputError if following it is not safe."""
    if redirects > _MOST_REDIRECTS:
        raise OutputError(
            f"cannot download {_without_query(url)}: it redirects more than {_MOST_REDIRECTS} times"
        )
    following = joined(url, location)
    if (problem := scheme_problem(url, following)) is not None:
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
