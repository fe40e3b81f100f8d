"""Content of test requests as a caller passes it: bytes, a file, a picture of Pillow, or a text."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from speccast.samples.media import MAX_IN_MEMORY, SparseFile, text_of

if TYPE_CHECKING:
    from speccast.samples.media import MediaSample


def make_media(media: MediaSample) -> Any:
    """Return content in the way that it is passed."""
    from speccast.emulator.sample_files import sample_file  # needs the packages of the emulator

    name, content, _ = sample_file(media.media_type)
    content = media.content or content
    if media.given == "file" and media.size > MAX_IN_MEMORY:
        return SparseFile(content, media.size)
    content = media.resize(content)
    match media.given:
        case "tuple":
            return name, content, media.media_type
        case "bytes":
            return content
        case "path":
            return _on_disk(name, content)
        case "missing_path":
            return Path(_folder().name) / "no-such-file"
        case "result":
            return ReadResult([ReadOutput(name, content, media.media_type)])
        case "picture":
            return _picture(content)
        case "base64" | "data_uri":
            return text_of(media.given, media.media_type, content)
        case _:
            return io.BytesIO(content)


@dataclass(frozen=True, slots=True)
class ReadOutput:
    """An output of a model, as clients read it from any result."""

    name: str
    content: bytes
    content_type: str
    url: str | None = None

    @property
    def kind(self) -> str:
        """What it is, as clients say it."""
        main = self.content_type.partition("/")[0]
        return main if main in ("image", "audio", "video") else "document"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A result of a model."""

    outputs: list[ReadOutput]


def _picture(content: bytes) -> Any:
    from PIL import Image

    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@lru_cache(maxsize=64)
def _on_disk(name: str, content: bytes) -> Path:
    path = Path(_folder().name) / f"{len(content)}-{name}"
    path.write_bytes(content)
    return path


@lru_cache(maxsize=1)
def _folder() -> TemporaryDirectory[str]:
    """Return a folder that is removed when the process ends."""
    return TemporaryDirectory(prefix="speccast-media-")
