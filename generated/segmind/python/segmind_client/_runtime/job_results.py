"""The results of jobs: `JobResult`, and `AsyncJobResult` of an asynchronous client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from .._core.api import JobSurface
from .._core.omit import OMIT
from .._core.places import outputs_in_words, read_first
from .._core.places import text_of as as_text
from .._core.protocol import JobProtocol
from .cost import of_job
from .errors import InvalidResponseError, OutputError
from .media import bare, is_media, media_type
from .outputs import Inline, Media, OutputSource, find_documented, is_wrapped_address, may_return_media
from .response import error_text, metadata
from .response_check import find_error
from .result_outputs import HasAsyncOutputs, HasMedia, HasOutputs
from .settings import Settings
from .steps import Response
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncJobResult", "JobResult", "job_result"]

R = TypeVar("R", bound="_JobOutput")

_SHOWN = 100
"""Characters of an output that an error quotes."""
_BYTES = "application/octet-stream"
"""The media type of content without one."""


class _JobOutput(dict[str, Any], HasMedia):
    """The JSON of a job's result, as a dict, without what may need requests."""

    raw: Response | None = None
    """The response: its status, reason, headers and content. A copy or pickle has none."""
    _protocol = JobProtocol(JobSurface("", "", ""))

    def __init__(self, *args: Any, **members: Any) -> None:
        super().__init__(*args, **members)

    @property
    def output(self) -> Any:
        """The output of the model: a URL, a list of URLs, or other JSON."""
        return self._protocol.output(self)

    @property
    def text(self) -> str:
        """The text of the model, or an output that is a text. Raises InvalidResponseError if there is none."""
        places = self._protocol.places.result
        text = read_first(places.get("text", places.get("output", ())), self)
        if text is OMIT:
            raise InvalidResponseError(
                f"there is no {outputs_in_words(places)} in the result", body=dict(self)
            )
        return as_text(text)

    @property
    def metrics(self) -> dict[str, Any]:
        """Cost and times by name, such as `cost` and `queue_time`, if the API reports them."""
        return self._protocol.metrics(self)

    @property
    def cost(self) -> float | None:
        """What the job cost, in the unit of the API; None if the result does not say it."""
        return self._number("cost")

    def _number(self, name: str) -> float | None:
        headers: Mapping[str, str] = self.raw.headers if self.raw is not None else {}
        documented = self._settings.api.headers if self._settings is not None else ()
        return of_job(name, self, headers, self._protocol.places, documented)

    @property
    def remaining_credits(self) -> float | None:
        """What is left on the account, in the unit of the API; None if the result does not say it."""
        return self._number("remaining_credits")

    @property
    def _media(self) -> list[Media]:
        raw = self.raw
        if raw is not None and raw.content and "media" in self._protocol.places.result and not self:
            return [Inline(raw.content, media_type(raw.content_type, raw.content) or _BYTES)]
        only_links = not may_return_media(self._source.returns)
        return find_documented(self._protocol.places.result, self, only_links=only_links) or []

    def _all(self) -> list[Media]:
        if found := self._media:
            return found
        places = self._protocol.places.result
        output = self.output
        if output is None and (text := read_first(places.get("text", ()), self)) is not OMIT:
            output = as_text(text)
        if output is None or output in ("", [], {}):
            reason = error_text(self._protocol.error(self))
            raise OutputError(
                f"nothing to save: there is no {outputs_in_words(places) or 'output'} in the result"
                + (f"; the API says: {reason}" if reason else "")
            )
        if self._settings is not None and (error := find_error(output, self._settings.api)) is not None:
            raise OutputError(f"nothing to save: the output is an error: {error}")
        if isinstance(output, str):
            returns = self._source.returns
            if is_wrapped_address(output) if not returns else all(is_media(bare(each)) for each in returns):
                raise OutputError(
                    "nothing to save: the output is not an address, a data URL or base64: "
                    + ascii(output if len(output) <= _SHOWN else f"{output[:_SHOWN]}…")
                )
            return [Inline(output.encode(errors="replace"), "text/plain")]
        text = json.dumps(output, ensure_ascii=False, indent=2)
        return [Inline(text.encode(errors="replace"), "application/json")]

    def _read_metadata(self) -> tuple[object, float | None, str | None]:
        seed = read_first(self._protocol.places.result.get("seed", ()), self)
        if seed is OMIT and self.raw is not None and self._settings is not None:
            seed = metadata(self.raw.headers, self._settings.api).get("seed")
        return seed, self.cost, None

    def __repr__(self) -> str:
        """Return the JSON as of a dict, without the key if the server repeats it."""
        body = dict(self)
        return repr(body if self._settings is None else self._settings.redactor.json(body))

    def __reduce__(self) -> tuple[Any, ...]:
        return job_result, (type(self), dict(self), self._protocol, self._source)


class JobResult(_JobOutput, HasOutputs):
    """The JSON of a job's result: a dict, with `output`, `outputs`, `metrics` and `save()`."""


class AsyncJobResult(_JobOutput, HasAsyncOutputs):
    """The JSON of a job's result: a dict, with `output`, `outputs`, `metrics` and an awaited `save()`."""


def job_result(
    kind: type[R],
    body: Mapping[str, Any],
    protocol: JobProtocol,
    source: OutputSource,
    *,
    settings: Settings | None = None,
    transport: SyncTransport | AsyncTransport | None = None,
) -> R:
    """Return the result of a job; without a client for copies and pickles."""
    result = kind(body)
    result.__dict__.update(_protocol=protocol, _source=source, _settings=settings, _transport=transport)
    return result
