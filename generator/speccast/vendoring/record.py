"""What a vendored copy says of itself: `_vendored.json`, for people, for `--check` and for `--update`.

The digests of the files stand in the manifest beside it; here are those of their syntax, and where the copy is from.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from speccast.errors import SpeccastError
from speccast.publish.disk import explained

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RECORD = "_vendored.json"
FORMAT = 1
UPDATE = "speccast vendor --update"


@dataclass(frozen=True, slots=True)
class Record:
    """Where a copy is from and what is in it.

    `source` is what `--from` was: a folder relative to the host project's root, or the name of an installed package.
    `models` are slugs, None for the whole client. `requirements` are the lines that the host declares, `licenses` the
    files that hold terms, `syntax` maps paths to digests of what the files say.
    """

    distribution: str
    version: str
    package: str
    source: str
    models: tuple[str, ...] | None
    cli: bool
    requirements: tuple[str, ...]
    requires_python: str
    licenses: tuple[str, ...]
    syntax: Mapping[str, str] = field(repr=False, hash=False)

    @property
    def title(self) -> str:
        return f"{self.distribution} {self.version}"


def record_text(record: Record) -> bytes:
    """The text of the file. The same record makes the same bytes."""
    content = {
        "note": f"A copy that speccast made; do not edit it. `{UPDATE}` brings it up to date.",
        "format": FORMAT,
        **asdict(record),
        "syntax": dict(sorted(record.syntax.items())),
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def read_record(root: Path) -> Record:
    """The record of the copy in a folder.

    Raises:
        SpeccastError: there is none, or it is not what `record_text` writes.
    """
    with explained("read", root / RECORD):
        content = (root / RECORD).read_bytes()
    try:
        return parse_record(content)
    except ValueError:
        raise SpeccastError(
            f"{root / RECORD} does not say what was vendored",
            hint=f"vendor the client anew: speccast vendor --into {root} --force",
        ) from None


def parse_record(content: bytes) -> Record:
    """Security boundary: read a record that anyone may have written.

    Raises:
        ValueError: it is not what `record_text` writes.
    """
    try:
        return _record(json.loads(content))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no record of a copy: {error}") from error


def _record(value: Any) -> Record:
    if value["format"] != FORMAT:
        raise ValueError("another format")
    return Record(
        distribution=_text(value["distribution"]),
        version=_text(value["version"]),
        package=_text(value["package"]),
        source=_text(value["source"]),
        models=None if value["models"] is None else _texts(value["models"]),
        cli=value["cli"] is True,
        requirements=_texts(value["requirements"]),
        requires_python=_text(value["requires_python"]),
        licenses=_texts(value["licenses"]),
        syntax={_text(path): _text(digest) for path, digest in value["syntax"].items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"no text: {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"no list: {value!r}")
    return tuple(map(_text, value))
