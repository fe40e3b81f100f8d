"""The media types that the emulator can make, and which of them answers a request for any other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """One media type. `names` are what requests and specs call it beside the type and the extension."""

    media_type: str
    extension: str
    names: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What comes before the slash, such as image."""
        return self.media_type.partition("/")[0]


# The first of a kind answers for all that is not here: no answer claims a type that its bytes do not have.
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
    """The format for a media type of a spec; of its kind where there is no better one, else JSON."""
    wanted = media_type.lower()
    kind = wanted.partition("/")[0]
    exact = (made for made in FORMATS if wanted in (made.media_type, *made.names))
    alike = (made for made in FORMATS if made.kind == kind)
    return next(exact, None) or next(alike, JSON)


def format_named(name: str) -> Format | None:
    """The format that a request asks for by a name such as `JPG`, `image/png` or `mp3_44100_128`."""
    plain = name.lower().lstrip(".")
    for wanted in (plain, plain.partition("_")[0]):
        for made in FORMATS:
            if wanted in (made.extension, made.media_type, *made.names):
                return made
    return None
