"""Witnesses of breaks: requests that the old version accepts, and how they are written as Python and as commands."""

from __future__ import annotations

import base64
import json
import shlex
from typing import TYPE_CHECKING, Any, Final

from speccast.core.media import sniff
from speccast.diff.change import Witness
from speccast.samples.media import ANY_FILE, MediaSample
from speccast.samples.size import Repeated, expand, size
from speccast.samples.values import is_valid, minimal_object
from speccast.targets.python.names import python_model, python_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.diff.change import PlaybackAction

_METHODS: Final[Mapping[str, PlaybackAction]] = {"sync": "generate", "async": "submit"}
_OF_JOBS: Final[Mapping[PlaybackAction, str]] = {
    "status": ".status()",
    "wait": ".wait()",
    "fail": ".wait()",
    "cancel": ".cancel()",
}
_SURFACES: Final[Mapping[PlaybackAction, str]] = {
    "generate": "sync",
    "stream": "sync",
    **dict.fromkeys(("submit", *_OF_JOBS), "async"),
}
_LONG: Final = 1000
"""Size of a text that code does not write out."""


def request(model: Model) -> dict[str, Any]:
    """Return a body that the model accepts: the required parameters, or the example of its page if no values are found."""
    minimal = minimal_object(model.parameters)
    return dict(model.example or {}) if minimal is None else minimal


def method(model: Model) -> PlaybackAction:
    """Return the method that calls a model: `generate` if it has one."""
    return _METHODS["sync" if model.is_sync else "async"]


def model_witness(model: Model, action: PlaybackAction | None = None) -> Witness:
    """Return the smallest request of a model; by default it is sent by the method that calls the model."""
    return Witness("request", model.slug, {**model.sends, **request(model)}, action or method(model))


def api_witness(
    old: Api,
    new: Api,
    action: PlaybackAction | None = None,
    *,
    concerns: Callable[[Model], bool] = lambda model: True,
    sender: Callable[[Api], Api] | None = None,
    answering: Callable[[Any], None] | None = None,
) -> Witness | None:
    """Return a request to the first model that a change of the API concerns; None if there is none.

    It is a model of both versions, if possible one that does not change itself, since only the change is to be shown.
    """
    later = {model.slug: model.bundled for model in new.models}
    surface = _SURFACES.get(action) if action is not None else None
    found = [
        model
        for model in old.models
        if model.slug in later
        and (surface is None or surface in model.surfaces)
        and minimal_object(model.parameters) is not None
        and concerns(model)
    ]
    if not found:
        return None
    model = min(found, key=lambda each: (later[each.slug] != each.bundled, each.slug))
    plain = model_witness(model, action)
    return Witness(plain.kind, plain.model, plain.value, plain.action, sender, answering)


def file_witness(old: Api, new: Api, *, only_addresses: bool = False) -> Witness | None:
    """Return a request with a file that a client uploads before; None if no model takes one, or none as an address only."""
    upload = old.upload
    later = {model.slug for model in new.models}
    for model in old.models:
        body = minimal_object(model.parameters)
        if upload is None or body is None or model.slug not in later:
            continue
        for parameter in model.parameters:
            if "url" not in parameter.forms or (only_addresses and len(parameter.forms) > 1):
                continue
            kind = parameter.media_types[0] if parameter.media_types else ""
            file = _make_upload(kind, parameter.media, upload.above + 1)
            if parameter.max_size is None or is_valid(parameter, file):
                return Witness("request", model.slug, {**body, parameter.wire: file}, method(model))
    return None


def _make_upload(media_type: str, kinds: Iterable[str], count: int) -> MediaSample:
    """Return a file of more bytes than a request contains."""
    from speccast.samples.content import content
    from speccast.samples.media import media_type_of

    kind = next(iter(kinds), "image")
    types = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "document": "application/pdf"}
    return MediaSample(
        media_type_of(media_type) if media_type else types[kind], content(kind), "file", "url", count
    )


def name_witness(old: Api, name: str) -> Witness:
    """Return code that imports a name of the package."""
    return Witness("python", "", f"from {old.package} import {name}")


def call(model: Model, action: PlaybackAction, body: Mapping[str, Any]) -> str:
    """Return a call of a model's method in Python that sends a body."""
    names = {parameter.wire: python_parameter(parameter).name for parameter in model.parameters}
    written = ", ".join(f"{names[wire]}={literal(value)}" for wire, value in body.items() if wire in names)
    name = method(model) if action == "refuse" else action
    name = "submit" if action in _OF_JOBS else name
    code = f"client.{python_model(model).module}.{name}({written}){_OF_JOBS.get(action, '')}"
    return f'"".join({code})' if action == "stream" else code  # the pieces of a text


def literal(value: Any) -> str:
    """Return a value as Python: content as a path, and long texts and arrays as an expression."""
    match value:
        case MediaSample(sent="file") | MediaSample(given="file" | "path" | "bytes" | "picture"):
            return f'Path("{file_name(value)}")'
        case MediaSample():
            return repr(value.text())
        case Repeated() if size(value) > _LONG:
            parts = [repr(value.before), f"{literal(value.part)} * {value.count}", repr(value.after)]
            return " + ".join(part for part in parts if part not in ("''", "[]"))
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{name!r}: {literal(member)}' for name, member in value.items())}}}"
    return repr(expand(value, MediaSample.text))


def file_name(media: MediaSample) -> str:
    """Return a name for a file, with the ending of its type."""
    return f"file.{media.media_type.rpartition('/')[2].partition('+')[0] or 'bin'}"


def words(api: Api, model: Model, action: PlaybackAction, body: Mapping[str, Any]) -> list[Any] | None:
    """Return the words of a command that sends a body, after that of the package; content as it is. None if there is no such command."""
    flags = {parameter.wire: python_parameter(parameter).flag for parameter in model.parameters}
    media = {parameter.wire for parameter in model.parameters if parameter.media}
    found: list[Any] = [python_model(model).command]
    for wire, value in body.items():
        if wire not in flags:
            continue  # a constant, which the command sends automatically
        if isinstance(value, bool):
            found.append(flags[wire] if value else f"--no-{flags[wire].removeprefix('--')}")
        elif wire in media and isinstance(value, str | Repeated):
            found += [flags[wire], as_file(expand(value))]
        elif isinstance(value, MediaSample | str):
            found += [flags[wire], value]
        else:
            try:
                found += [flags[wire], json.dumps(expand(value, MediaSample.text))]
            except TypeError:
                return None  # files in a list
    if action in ("submit", *_OF_JOBS) and "sync" in model.surfaces:
        found.append("--submit")
    return found


def as_file(text: str) -> MediaSample | str:
    """Return the content of a text as a file, which a command takes instead of it; an address as it is."""
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        return text
    return MediaSample(sniff(content) or ANY_FILE, content, "path")


def command(api: Api, model: Model, action: PlaybackAction, body: Mapping[str, Any]) -> str:
    """Return the command that sends a body; empty if there is none."""
    found = words(api, model, action, body)
    if found is None:
        return ""
    return shlex.join(
        [api.command, *(file_name(word) if isinstance(word, MediaSample) else word for word in found)]
    )
