"""The media types that the emulator can make, and which of them replaces any other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """One media type. `names` are further names that requests and specs use."""

    media_type: str
    extension: str
    names: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The part before the slash, such as image."""
        return self.media_type.partition("/")[0]


# The first of a kind replaces all types that are not listed: a response never claims a type that its bytes do not have.
FORMATS = (
    Format("image/jpeg", "jpg", ("jpeg", "image/jpg", "image/pjpeg")),
    Format("image/png", "png"),
    Format("image/webp", "webp"),
    Format("image/gif", "gif"),
    Format("image/bmp", "bmp"),
    Format("image/tiff", "tiff", ("tif",)),
    Format("audio/wav", "wav", ("wave", "pcm", "audio/x-wav", "audio/wave", "audio/vnd.wave")),
    Format("audio/mpeg", "mp3", ("mpeg", "audio/mp3")),
    Format("video/mp4", "mp4"),
    Format("video/webm", "webm"),
    Format("text/plain", "txt", ("text",)),
    Format("application/json", "json"),
)

JSON = FORMATS[-1]


def format_of(media_type: str) -> Format:
    """Return the format for a media type of a spec: the same, else the first of its kind, else JSON."""
    name = media_type.lower()
    kind = name.partition("/")[0]
    same = (each for each in FORMATS if name in (each.media_type, *each.names))
    similar = (each for each in FORMATS if each.kind == kind)
    return next(same, None) or next(similar, JSON)


def format_named(name: str) -> Format | None:
    """Return the format that a request names, such as `JPG`, `image/png` or `mp3_44100_128`."""
    plain = name.lower().lstrip(".")
    for candidate in (plain, plain.partition("_")[0]):
        for each in FORMATS:
            if candidate in (each.extension, each.media_type, *each.names):
                return each
    return None
