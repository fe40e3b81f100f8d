"""Records: which request made a file. They are in the file itself (see `containers`), or in a JSON file beside it.

Security boundary: what is read is hostile. Its size is limited, and it is checked member by member.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .._core.frozen_classes import Frozen
from .containers import LONGEST, ContainerError, find_text
from .errors import OutputError, RecordError

if TYPE_CHECKING:
    from io import BufferedReader

    from .._core.api import Api
    from .._core.parameter import Parameter
    from .request_summary import Request
    from .settings import Settings

__all__ = ["SIDECAR", "Record", "digest_of_spec", "find_record", "make_record", "read_record", "to_text"]

SIDECAR = ".json"
"""Appended to the name of a file without room for a record: `film.mp4.json`."""
VERSION = 1
"""Version of the format of records."""

_TEXTS = ("api", "package", "version", "model", "surface", "spec", "time")
_DEEPEST = 64


class Record(Frozen):
    """Which request made a file."""

    model: str
    """The slug."""
    parameters: dict[str, Any]
    """What was sent, by names in the API. An input is an object with the member `$content`: its name, type, size and digest."""
    surface: str
    """`sync` for a blocking call, `async` for a job."""
    seed: int | str | None
    """The seed in the response; None if the API does not report it."""
    cost: float | None
    """What the call cost, as the API reports it and in its unit."""
    request_id: str | None
    time: str
    """When the response arrived, such as `2026-11-30T12:00:00Z`."""
    api: str
    package: str
    """The distribution that made the request, and its version."""
    version: str
    spec: str
    """Digest of the parameters of the model, as that version knew them; empty for a model without a spec."""
    sha256: str | None = None
    """Digest of the file, if the record is beside it."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON."""
        values = {name: getattr(self, name) for name in Record.__dataclass_fields__}
        return {
            "speccast_record": VERSION,
            **{name: value for name, value in values.items() if value is not None},
        }


def read_record(path: str | os.PathLike[str]) -> Record:
    """Return the record of the request that made a file: in the file, or in the JSON file beside it.

    Raises RecordError if there is none, or if it is damaged or that of another API.
    """
    from .._api import API

    return find_record(path, API)


def make_record(
    settings: Settings | None,
    request: Request | None,
    *,
    seed: object,
    cost: float | None,
    request_id: str | None,
) -> Record:
    """Return the record of a request. Security: without the key, even if the caller passed it as a parameter.

    Raises OutputError if the request is not known.
    """
    from datetime import UTC, datetime

    if request is None or settings is None:
        raise OutputError(
            "the request of this result is not known, so it cannot be embedded: the job was resumed by its id, or the"
            " result is a copy without a client"
        )
    request_id = request.job_id or request_id
    api, redactor = settings.api, settings.redactor
    return Record(
        model=request.slug,
        parameters=redactor.json(request.parameters),
        surface=request.surface,
        seed=redactor.json(seed) if isinstance(seed, int | str) and not isinstance(seed, bool) else None,
        cost=cost,
        request_id=redactor.text(request_id) if request_id else None,
        time=datetime.fromtimestamp(int(request.at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        api=api.id,
        package=api.distribution,
        version=api.version,
        spec=digest_of_spec(request.known),
    )


def digest_of_spec(parameters: tuple[Parameter, ...]) -> str:
    """Changes whenever the parameters of a model change."""
    from hashlib import sha256

    return sha256(repr(parameters).encode(errors="replace")).hexdigest()[:16] if parameters else ""


def to_text(record: Record) -> str:
    """Return the record as JSON in ASCII, which every container can have."""
    return json.dumps(record.to_json(), separators=(",", ":"))


def find_record(path: str | os.PathLike[str], api: Api) -> Record:
    """Read the record in a file, or in the JSON file beside it. Raises RecordError."""
    place = Path(path)
    try:
        text, sha256 = _read(place)
    except ContainerError as error:
        raise RecordError(f"{place} has a record that cannot be read: {error}") from None
    if text is None:
        raise RecordError(
            f"{place} has no record of its request: it was saved without embed=True, or another program removed it"
        )
    record = _parse(text, place, api)
    if record.sha256 is not None and sha256 is not None and record.sha256 != sha256:
        raise RecordError(f"{place}{SIDECAR} is about another file: {place} has changed since")
    return record


def _read(place: Path) -> tuple[str | None, str | None]:
    """Return the text of a record; if it is beside the file, also the digest of the file."""
    with _open(place) as file:
        size = os.fstat(file.fileno()).st_size

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        if re.match(rb"(\xef\xbb\xbf)?\s*\{", start := read(0, 64)) and b'"speccast_record"' in start:
            return _text(file, place), None
        beside = place.with_name(place.name + SIDECAR)
        try:
            text = find_text(read, size)
        except ContainerError:  # a damaged file may have been saved as it was
            if not beside.is_file():
                raise
            text = None
        if text is not None or not beside.is_file():
            return text, None
        from hashlib import file_digest

        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
    with _open(beside) as file:
        return _text(file, beside), digest


def _open(place: Path) -> BufferedReader:
    """Open a regular file, without waiting for a writer if it is a pipe. Raises RecordError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(place, flags)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise RecordError(f"cannot read {place}: {reason or error}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RecordError(f"cannot read {place}: it is not a regular file")
    return os.fdopen(descriptor, "rb")


def _text(file: BufferedReader, place: Path) -> str:
    file.seek(0)
    content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise RecordError(f"{place} is larger than {LONGEST} bytes, and was not read")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RecordError(f"{place} is not UTF-8 text") from None


def _parse(text: str, place: Path, api: Api) -> Record:
    value = _json(text)
    if not isinstance(value, dict) or "speccast_record" not in value:
        raise RecordError(f"{place} has no record of a request, but other data where one would be")
    members = cast("dict[str, Any]", value)
    if (version := cast("object", members["speccast_record"])) != VERSION or isinstance(version, bool):
        raise RecordError(
            f"{place} has a record in version {version!r:.40} of the format; this package reads {VERSION}"
        )
    if problem := _problem(members):
        raise RecordError(f"{place} has a damaged record: {problem}")
    made_by, own = (members["api"], members["package"]), (api.id, api.distribution)
    if made_by != own:
        raise RecordError(
            f"{place} has a record of the API {made_by[0]:.80}, made by {made_by[1]:.80}; this is {api.distribution}"
        )
    names = Record.__dataclass_fields__
    given: dict[str, Any] = dict.fromkeys(("seed", "cost", "request_id"))
    given.update({name: member for name, member in members.items() if name in names})
    return Record(**given)


def _json(text: str) -> object:
    """Return the value of a JSON text; None if it is invalid, nested too deeply, or has other numbers than JSON."""
    try:
        value: object = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is not text
    except (ValueError, RecursionError):
        return None
    return value


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _problem(members: Mapping[str, Any]) -> str:
    """Return why the members are not those of a record; empty if they are."""
    for name in _TEXTS:
        if not isinstance(members.get(name), str):
            return f"{name} is not text"
    for name in ("request_id", "sha256"):
        if not isinstance(members.get(name, ""), str):
            return f"{name} is not text"
    if not isinstance(members.get("parameters"), dict):
        return "parameters is not an object"
    if _depth(members["parameters"]) > _DEEPEST:
        return "parameters is nested too deeply"
    seed, cost = members.get("seed", 0), members.get("cost", 0)
    if isinstance(seed, bool) or not isinstance(seed, int | str):
        return "seed is neither an integer nor text"
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not math.isfinite(cost):
        return "cost is not a finite number"
    return ""


def _depth(value: object) -> int:
    members: list[object] = []
    if isinstance(value, dict):
        members = list(cast("dict[str, object]", value).values())
    elif isinstance(value, list):
        members = cast("list[object]", value)
    return 1 + max(map(_depth, members), default=0)
