"""The record of a vendored copy, `_vendored.json`: its source and options, and the syntax digests of its files.

The digests of the files themselves are in the manifest beside it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from speccast.config import command_path
from speccast.errors import SpeccastError
from speccast.publish.disk import translate_os_errors
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RECORD = "_vendored.json"
FORMAT = 1
UPDATE = "speccast vendor --update"


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """The source and the content of a copy.

    Attributes:
        source: a folder relative to the root of the host project, or an installed package.
        models: slugs, or None for the whole client.
        requirements: dependencies that the host must declare.
        licenses: the license files.
        syntax: syntax digests by path.
        contents: digest of the digests of all other files (`digest_of_files`).
    """

    distribution: str
    version: str
    package: str
    source: str
    models: tuple[str, ...] | None
    cli: bool
    batch: bool
    requirements: tuple[str, ...]
    requires_python: str
    licenses: tuple[str, ...]
    syntax: Mapping[str, str] = field(repr=False, hash=False)
    contents: str = ""

    @property
    def title(self) -> str:
        return f"{self.distribution} {self.version}"


def digest_of_files(digests: Mapping[str, str]) -> str:
    """Return one digest of the digests of all files but the record, by path."""
    lines = (f"{digests[path]}  {path!a}\n" for path in sorted(digests) if path != RECORD)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def record_text(record: CopyRecord) -> bytes:
    """Return the content of the file. It depends on the record alone."""
    content = {
        "note": f"Written by speccast; do not edit. To update the copy, run `{UPDATE}`.",
        "format": FORMAT,
        **asdict(record),
        "syntax": dict(sorted(record.syntax.items())),
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def read_record(root: Path) -> CopyRecord:
    """Read the record of the copy in a folder.

    Raises:
        SpeccastError: it is missing or invalid.
    """
    if not (root / RECORD).is_file():
        raise SpeccastError(
            f"{root} is not a vendored client: it has no {RECORD}",
            hint="to create one: speccast vendor --into FOLDER",
        )
    with translate_os_errors("read", root / RECORD):
        content = read_regular_file(root / RECORD)
    try:
        return parse_record(content)
    except ValueError:
        raise SpeccastError(
            f"{root / RECORD} is not a valid record of a vendored client",
            hint=f"to replace the copy: speccast vendor --into {command_path(root)} --force",
        ) from None


def parse_record(content: bytes) -> CopyRecord:
    """Security boundary: parse a record, which is untrusted.

    Raises:
        ValueError: it is invalid.
    """
    try:
        return _record(json.loads(content))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"invalid record: {error}") from error


def _record(value: Any) -> CopyRecord:
    if value["format"] != FORMAT:
        raise ValueError("unknown format")
    return CopyRecord(
        distribution=_text(value["distribution"]),
        version=_text(value["version"]),
        package=_text(value["package"]),
        source=_text(value["source"]),
        models=None if value["models"] is None else _texts(value["models"]),
        cli=value["cli"] is True,
        batch=value["batch"] is True,
        requirements=_texts(value["requirements"]),
        requires_python=_text(value["requires_python"]),
        licenses=_texts(value["licenses"]),
        syntax={_text(path): _text(digest) for path, digest in value["syntax"].items()},
        contents=_text(value["contents"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a string: {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return tuple(map(_text, value))
