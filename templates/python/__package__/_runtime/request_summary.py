"""What a result keeps of its request: everything but the content of inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from .._core.parameter import Parameter
    from .calls import Call
    from .settings import Settings

__all__ = ["CONTENT", "Request", "describe", "request_of"]

CONTENT = "$content"
"""Member of the object that replaces an input: its name, type, size and digest."""

_SHORT = 40
"""Characters of a text that is too short for a file in base64."""
_LONG = 256
"""Characters of base64 that is taken for a file even if its type is not known."""


class Request(NamedTuple):
    """A request that was sent."""

    slug: str
    parameters: dict[str, Any]
    """By their names in the API, with a description instead of each input."""
    known: tuple[Parameter, ...]
    """The parameters of the model, as the package knows them."""
    surface: str
    at: float
    """Seconds since the epoch, when the response arrived."""
    job_id: str | None = None


def request_of(settings: Settings, call: Call) -> Request:
    """Describe the request of a call. Inputs are not kept, so that they do not stay in memory."""
    surface = "async" if call.job_paths is not None else "sync"
    parameters = {
        name: value
        if isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) < _SHORT and ":" not in value)
        else describe(value)
        for name, value in call.parameters.items()
    }
    return Request(call.slug, parameters, call.known, surface, settings.clock.now())


def describe(value: Any) -> Any:
    """Return a value with a description instead of each input."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {name: describe(member) for name, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [describe(item) for item in cast("list[Any]", value)]
    if value is None or isinstance(value, bool | int | float):
        return value
    facts = {
        "name": value.name,
        "media_type": value.media_type,
        "size": value.size,
        "sha256": value.digest,
    }
    return {CONTENT: {name: fact for name, fact in facts.items() if fact}}


def _text(text: str) -> Any:
    """Return a text, or the description of the file that it contains."""
    from .._core.media import read_form, sniff  # few texts are long

    content = read_form(text)
    if content.form == "base64":
        # Words without punctuation can be valid base64, but not in lines as long as those of base64.
        is_line = " " not in text and len(text.partition("\n")[0]) >= _SHORT
        is_file = is_line and (len(text) >= _LONG or sniff(content.start) != "")
    else:
        is_file = content.form == "data_uri"
    if not is_file:
        return text
    import hashlib

    data = content.read(0, content.size or 0)
    facts = {
        "media_type": sniff(content.start),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return {CONTENT: {name: fact for name, fact in facts.items() if fact}}
