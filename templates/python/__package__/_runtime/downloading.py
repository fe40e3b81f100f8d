"""Downloads of outputs. They carry no key and none of the caller's headers, because an output may have any origin."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .attempts import announce_pause
from .errors import APIConnectionError, ApiError, APITimeoutError, OutputError
from .hosts import host_problem, join_url, scheme_problem
from .log import logger
from .media import bare, contradiction, is_media_suffix, is_text, is_xml_error, sniff, starts_as_page
from .request import download
from .response import parse_json
from .response_check import find_error
from .retry import LONGEST_DELAY, backoff, is_transient, read_delay
from .steps import Close, Opened, RequestFailure, Response, Sleep, open_response, read

if TYPE_CHECKING:
    from .clock import Deadline
    from .files import Received
    from .outputs import OutputSource
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = ["LONGEST_ERROR", "Download", "download_to"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_WITHOUT_CONTENT = frozenset({204, 205, 206})
"""Statuses of a success without the content, or with only a part of it."""
LONGEST_ERROR = 65536
"""Bytes of an error in JSON."""


def download_to(
    received: Received, settings: Settings | None, url: str, source: OutputSource, deadline: Deadline
) -> Program[None]:
    """Download an output. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if the download fails.
    """
    download = Download(settings, url, source, deadline)
    while True:
        opened = yield from download.open()
        received.begin(opened.response.headers)
        while piece := (yield from read(opened.body)):
            if isinstance(piece, RequestFailure):
                yield from download.pause(piece)
                break
            received.write(piece)
        else:
            download.check(received)
            return


class Download:
    """The download of one output, with its redirects and retries."""

    def __init__(self, settings: Settings | None, url: str, source: OutputSource, deadline: Deadline) -> None:
        if settings is None:
            raise OutputError(
                f"cannot download {_without_query(url)}: this result does not belong to a client"
            )
        self._settings, self._returns, self._deadline = settings, source.returns, deadline
        self._failures = self._redirects = 0
        self._url = url
        self._go_to(source.base, url)
        if (problem := scheme_problem(settings.origin, self._url)) is not None:
            raise self._refused(f"the address leads {problem}")

    def open(self) -> Program[Opened]:
        """Follow redirects, repeat what may succeed later, and return the response with an unread body."""
        settings = self._settings
        while True:
            if (problem := (yield from host_problem(settings.origin, self._url))) is not None:
                raise self._refused(problem)
            logger.debug("GET %s (without the key)", self._format_url())
            outcome = yield from open_response(download(settings, self._url, self._deadline))
            if isinstance(outcome, Opened):
                if outcome.response.status not in _WITHOUT_CONTENT:
                    return outcome
                yield Close(outcome.body)
                outcome = outcome.response
            if isinstance(outcome, Response):
                location = outcome.headers.get("location")
                if outcome.status in _REDIRECTS and location:
                    self._redirect(location)
                    continue
            yield from self.pause(outcome)

    def pause(self, outcome: Outcome) -> Program[None]:
        """Wait until the download can be repeated. Raises its error if it must not be."""
        settings = self._settings
        self._failures += 1
        requested = read_delay(outcome, settings.api, settings.clock)
        delay = backoff(self._failures, settings.clock) if requested is None else requested
        is_last = self._failures > settings.max_retries or delay > min(
            LONGEST_DELAY, self._deadline.remaining
        )
        if is_last or not is_transient(outcome):
            raise self.error(outcome)
        announce_pause(settings, outcome, delay, "next download")
        yield Sleep(delay)

    def error(self, outcome: Outcome) -> ApiError:
        """Return the exception for a download that failed."""
        redact, jobs = self._settings.redactor.text, self._settings.api.jobs
        what = f"cannot download {self._format_url()}"
        if isinstance(outcome, Response):
            gone = (
                " Outputs are kept for a limited time." if outcome.status in (403, 404, 410) and jobs else ""
            )
            return OutputError(
                f"{what}: the server responded with status {outcome.status} {redact(outcome.reason)}".rstrip()
                + f".{gone}",
                status=outcome.status,
            )
        if outcome.kind == "request":
            return OutputError(f"{what}: {redact(outcome.text)}")
        kind = APITimeoutError if outcome.kind == "timeout" else APIConnectionError
        return kind(f"{what}: {redact(outcome.text)}")

    def check(self, received: Received) -> None:
        """Raise OutputError if what was received is not an output but an error or a page."""
        if found := _instead_of_output(self._settings, self._url, received, self._returns):
            raise self._refused(f"the server responded with {found}")

    def _redirect(self, location: str) -> None:
        """Go to the next URL. Raises OutputError if following it is not safe."""
        previous = self._url
        self._redirects += 1
        if self._redirects > _MOST_REDIRECTS:
            raise self._refused(f"it redirects more than {_MOST_REDIRECTS} times")
        self._go_to(previous, location)
        if (problem := scheme_problem(previous, self._url)) is not None:
            self._url = previous
            raise self._refused(f"it redirects {problem}")

    def _go_to(self, base: str, url: str) -> None:
        try:
            self._url = join_url(base, url)
        except ValueError:
            self._url = url
            raise self._refused("it is not a valid URL") from None

    def _refused(self, problem: str) -> OutputError:
        return OutputError(f"cannot download {self._format_url()}: {self._settings.redactor.text(problem)}")

    def _format_url(self) -> str:
        """Security: the URL without parts that may contain a signature or a password, and without the key."""
        return self._settings.redactor.text(_without_query(self._url))


def _instead_of_output(settings: Settings, url: str, received: Received, returns: tuple[str, ...]) -> str:
    """Return what was downloaded instead of an output, such as an error or a page; empty for an output."""
    kind, start = bare(received.content_type), received.start
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    is_page = starts_as_page(start) or (kind in ("text/html", "application/xhtml+xml") and not sniff(start))
    documented = [bare(each) for each in returns]
    if not received.size:
        return "an empty file"
    if is_page and suffix not in (".html", ".htm") and "text/html" not in documented:
        return "a web page"
    if is_xml_error(start) and suffix != ".xml":
        return "an error in XML"
    if (
        is_text(start)
        and not sniff(start)
        and find_error(parse_json(received.read(LONGEST_ERROR)), settings.api) is not None
    ):
        return "an error in JSON"
    return contradiction(suffix, received.content_type, start) if is_media_suffix(suffix) else ""


def _without_query(url: str) -> str:
    """Return a URL without the parts that may contain a signature or a password."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url)[0])[:200]
