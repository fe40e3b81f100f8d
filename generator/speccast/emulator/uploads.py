"""Files that clients upload before a request: checked against the sample of the spec, and kept while there is room.

An upload has one request, or two if the response to the first one says where the file is sent. The files are at addresses like
those of outputs, so inputs with such addresses are checked and shown like the files themselves.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from speccast.core.answers import parse_text, placeholders_in
from speccast.core.media import bare, read_form
from speccast.core.omit import OMIT
from speccast.core.places import in_words
from speccast.core.upload_surface import CONTENTS
from speccast.emulator.bodies import FileDescription, decode_json, form_fields
from speccast.emulator.responses import json_response, timestamp
from speccast.samples.filling import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.api import Api
    from speccast.core.places import Path
    from speccast.core.upload_surface import UploadSurface
    from speccast.emulator.settings import EmulatorSettings

MAX_FILES = 1000
"""Files that are kept. The oldest ones are removed."""

FILES_OF_LIMIT = 4
"""Number of files of the largest size to keep."""

_SHOWN = re.compile(r"(image|audio|video)/(?!svg)[a-z0-9.+-]+|application/pdf|text/plain")
"""Security: the media types that files are served with. Others could contain programs that a browser runs."""


@dataclass(slots=True)
class UploadedFile:
    """A file at an address. `content` is None until it is sent by a second request; `key` is a field of its form."""

    id: str
    name: str
    media_type: str
    content: bytes | None = None
    key: str = ""

    @property
    def served_type(self) -> str:
        return self.media_type if _SHOWN.fullmatch(self.media_type) else "application/octet-stream"


class UploadBodyError(ValueError):
    """The body of an upload is not what the spec shows. The text says why."""


class FileSizeError(UploadBodyError):
    """A file is larger than the emulator keeps."""


class UploadStore:
    """The uploaded files of an emulator."""

    def __init__(self, api: Api, settings: EmulatorSettings) -> None:
        self._surface = api.upload
        self._settings = settings
        self._files: dict[str, UploadedFile] = {}

    def clear(self) -> None:
        """Remove all files."""
        self._files.clear()

    def find(self, file_id: str, name: str) -> UploadedFile | None:
        """Return the file at an address, if there is one."""
        file = self._files.get(file_id)
        return file if file is not None and file.name == name else None

    def read(self, body: bytes, content_type: str) -> list[UploadedFile]:
        """Return the files in the body of an upload, or the one that it announces. Raises UploadBodyError and BodyError. Runs in threads."""
        assert self._surface is not None  # else no route leads here
        files = [*_files(self._surface, body, content_type)]
        for file in files:
            self._check_size(file.content or b"")
        return files

    def keep(self, files: list[UploadedFile], folder: str) -> Response:
        """Keep files and return the response to their upload. `folder` is the address below which files are served."""
        assert self._surface is not None
        for file in files:
            self._keep(file)
        answer = self._surface.answer
        values = [self._values(file, folder) for file in files]
        return json_response(_fill(answer.body, values), answer.status or 200)

    def read_content(self, file: UploadedFile, body: bytes, content_type: str, *, is_form: bool) -> bytes:
        """Return the content of a file that was announced. Raises UploadBodyError and BodyError. Runs in threads."""
        if is_form:
            fields = dict(form_fields(body, content_type))
            if fields.get("key") != file.key:
                raise UploadBodyError(
                    "the field key of the form must have the value from the response to the upload"
                )
            content = fields.get("file")
            if not isinstance(content, FileDescription):
                raise UploadBodyError("the field file of the form must contain the file")
            body = bytes(content.content)
        elif bare(content_type) != bare(file.media_type):
            raise UploadBodyError(f"the content type must be {file.media_type}, as announced")
        self._check_size(body)
        return body

    def complete(self, file: UploadedFile, content: bytes, *, is_form: bool) -> Response:
        """Keep the content of a file that was announced, and respond as storage does."""
        file.content = content
        self._keep(file)
        return Response(status_code=204 if is_form else 200)

    def _check_size(self, content: bytes) -> None:
        if len(content) > self._settings.max_upload:
            raise FileSizeError

    def _keep(self, file: UploadedFile) -> None:
        self._files.pop(file.id, None)
        self._files[file.id] = file
        room = FILES_OF_LIMIT * self._settings.max_upload
        kept = list(self._files.values())
        while len(kept) > MAX_FILES or sum(len(each.content or b"") for each in kept) > room:
            del self._files[kept.pop(0).id]

    def _values(self, file: UploadedFile, folder: str) -> dict[str, Any]:
        """Return the values of placeholders in the response."""
        now = self._settings.clock.now()
        address = f"{folder}/{file.id}/{file.name}"
        return {
            "url": address,
            "put_url": address,
            "post_url": address,
            "fields": {"key": file.key, "Content-Type": file.media_type},
            "id": file.id,
            "name": file.name,
            "extension": PurePosixPath(file.name).suffix.removeprefix("."),
            "media_type": file.media_type,
            "size": len(file.content or b""),
            "now": timestamp(now),
            "unix": int(now),
        }


def _files(surface: UploadSurface, body: bytes, content_type: str) -> Iterator[UploadedFile]:
    """Yield the files in the body of an upload, or one without content that is sent by a second request."""
    if surface.encoding == "binary":
        if not body:
            raise UploadBodyError("the body is empty; send the file as the body")
        yield _file("", content_type.partition(";")[0].strip().lower(), body)
        return
    sent = decode_json(body) if surface.encoding == "json" else dict(form_fields(body, content_type))
    found: list[tuple[str, Any]] = []
    if surface.body is not OMIT:
        found += _matches(surface.body, sent, ())
    known = {name: str(value) for name, value in found if name not in CONTENTS}
    name, media_type = known.get("name", ""), known.get("media_type", "").strip().lower()
    contents = [value for placeholder, value in found if placeholder in CONTENTS]
    for each in contents:
        yield _file(name or each[0], media_type or each[1], each[2])
    if surface.has_second_request:
        extension = known.get("extension", "")
        yield _file(name or (f"file.{extension}" if extension else ""), media_type, None)


def _matches(sample: Any, value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the placeholders of a sample with the values in their places in a body. Raises UploadBodyError for another body.

    Members that only describe the file may be missing, and unknown members are ignored. The only item of a list, if it contains the
    content, may be repeated.
    """
    if isinstance(sample, dict):
        yield from _members(sample, value, path)
    elif isinstance(sample, list):
        yield from _items(sample, value, path)
    elif isinstance(sample, str) and any(part.name for part in parse_text(sample)):
        yield from _text(sample, value, _place(path))
    elif sample != value:
        raise UploadBodyError(f"{_place(path)} must be {sample!r}")


def _members(sample: dict[str, Any], value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise UploadBodyError(f"{_place(path)} must be an object")
    for name, member in sample.items():
        if name in value:
            yield from _matches(member, value[name], (*path, name))
        elif not _describes(member):
            raise UploadBodyError(f"{_place((*path, name))} is missing")


def _items(sample: list[Any], value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list):
        raise UploadBodyError(f"{_place(path)} must be an array")
    samples = sample * len(value) if len(sample) == 1 and value else sample
    if len(samples) != len(value):
        count = f"{len(sample)} item{'' if len(sample) == 1 else 's'}"
        raise UploadBodyError(f"{_place(path)} must have {count}")
    for index, (one, item) in enumerate(zip(samples, value, strict=True)):
        yield from _matches(one, item, (*path, index))


def _text(sample: str, value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield the placeholder that is the whole text. Raises UploadBodyError if the value does not fit it."""
    [part, *others] = parse_text(sample)
    if others:
        if not isinstance(value, str):
            raise UploadBodyError(f"{place} must be a text")
    elif part.name in CONTENTS:
        yield part.name, _content(part.name, value, place)
    else:
        yield part.name, _description(part.name, value, place)


def _describes(sample: Any) -> bool:
    """Return whether a part of a sample only describes the file: it has placeholders, but not of the content."""
    names = [name for _, name, _ in placeholders_in(sample)]
    return bool(names) and not any(name in CONTENTS for name in names)


def _description(placeholder: str, value: Any, place: str) -> Any:
    """Return what describes a file. In a form, the size is a text. Raises UploadBodyError for a value of another type."""
    if placeholder == "size":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number and not (isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value)):
            raise UploadBodyError(f"{place} must be the number of bytes")
    elif not isinstance(value, str):
        raise UploadBodyError(f"{place} must be a text")
    return value


def _content(placeholder: str, value: Any, place: str) -> tuple[str, str, bytes]:
    """Return the name, the media type and the content of a file. Raises UploadBodyError if there is none."""
    if placeholder == "file":
        if not isinstance(value, FileDescription):
            raise UploadBodyError(f"{place} must be a file of the form")
        return value["filename"], value.get("media_type", ""), bytes(value.content)
    words = {"data_uri": "a data URI with base64", "base64": "base64"}[placeholder]
    found = read_form(value) if isinstance(value, str) else None
    if found is None or found.form != placeholder or not found.size:
        raise UploadBodyError(f"{place} must be {words}")
    media_type = ""
    if placeholder == "data_uri":
        media_type = value[5:].partition(",")[0].partition(";")[0].strip().lower()
    return "", media_type, found.read(0, found.size)


def _file(name: str, media_type: str, content: bytes | None) -> UploadedFile:
    """Return a file with an id and a name that is safe in a URL."""
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    media_type = media_type if re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type, re.ASCII) else guessed
    safe = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._")[-100:]
    safe = safe or f"file{mimetypes.guess_extension(media_type) or ''}"
    return UploadedFile(secrets.token_hex(16), safe, media_type, content, secrets.token_hex(16))


def _fill(sample: Any, files: list[dict[str, Any]]) -> Any:
    """Return the answer about files. An item of a list with a placeholder is repeated for each of them."""
    if isinstance(sample, dict):
        return {name: _fill(member, files) for name, member in sample.items()}
    if isinstance(sample, list):
        return [
            _fill(item, [file])
            for item in sample
            for file in (files if any(True for _ in placeholders_in(item)) else files[:1])
        ]
    return fill(sample, files[0])


def _place(path: Path) -> str:
    return in_words(path) if path else "the body"
