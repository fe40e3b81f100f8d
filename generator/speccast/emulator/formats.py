"""The media types that the emulator can make, and what it makes for any other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Format:
    """One media type. `names` are further names that requests and specs use.

    `made_as` is the listed type whose file is made; `media_type` can be another name of it.
    """

    media_type: str
    extension: str
    names: tuple[str, ...] = ()
    made_as: str = ""

    @property
    def kind(self) -> str:
        """The part before the slash, such as image."""
        return self.media_type.partition("/")[0]

    @property
    def is_json(self) -> bool:
        return self.made_as == "application/json"


def _join(media_type: str, extension: str, *names: str) -> Format:
    return Format(media_type, extension, names, media_type)


# The first of a kind is used for the whole kind: `image/*`.
FORMATS = (
    _join("image/jpeg", "jpg", "jpeg", "image/jpg", "image/pjpeg"),
    _join("image/png", "png", "image/apng", "image/x-png"),
    _join("image/webp", "webp"),
    _join("image/gif", "gif"),
    _join("image/bmp", "bmp", "image/x-ms-bmp", "image/x-bmp"),
    _join("image/tiff", "tiff", "tif"),
    _join("image/avif", "avif"),
    _join("image/jp2", "jp2", "jpeg2000", "image/jpeg2000"),
    _join("image/x-icon", "ico", "image/vnd.microsoft.icon"),
    _join("image/svg+xml", "svg"),
    _join("image/heic", "heic", "image/heic-sequence"),
    _join("image/heif", "heif"),
    _join("image/jxl", "jxl"),
    _join("image/vnd.adobe.photoshop", "psd", "application/x-photoshop"),
    _join("audio/wav", "wav", "wave", "pcm", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    _join("audio/mpeg", "mp3", "mpeg", "audio/mp3"),
    _join("audio/flac", "flac", "audio/x-flac"),
    _join("audio/ogg", "ogg", "opus", "vorbis", "audio/opus", "audio/vorbis", "application/ogg"),
    _join("audio/aac", "aac", "audio/aacp", "audio/x-aac"),
    _join("audio/mp4", "m4a", "audio/x-m4a", "audio/m4a"),
    _join("audio/webm", "weba"),
    _join("audio/aiff", "aiff", "aif", "audio/x-aiff"),
    _join("audio/midi", "mid", "midi", "audio/x-midi"),
    _join("audio/l16", "pcm16", "audio/pcm", "audio/x-l16"),
    _join("video/mp4", "mp4", "h264", "video/x-m4v"),
    _join("video/webm", "webm", "vp8", "vp9"),
    _join("video/quicktime", "mov"),
    _join("video/x-matroska", "mkv", "video/matroska"),
    _join("video/3gpp", "3gp"),
    _join("video/x-msvideo", "avi", "video/avi"),
    _join("video/mpeg", "mpg"),
    _join("video/ogg", "ogv"),
    _join("model/gltf-binary", "glb"),
    _join("model/gltf+json", "gltf"),
    _join("model/obj", "obj"),
    _join("model/stl", "stl", "application/sla", "model/x.stl-binary"),
    _join("model/ply", "ply"),
    _join("model/vnd.usdz+zip", "usdz"),
    _join("text/plain", "txt", "text"),
    _join("text/html", "html"),
    _join("text/csv", "csv"),
    _join("text/vtt", "vtt"),
    _join("text/event-stream", "sse"),
    _join("text/markdown", "md", "markdown"),
    _join("text/xml", "xml", "application/xml"),
    _join(OCTETS, "bin", "binary/octet-stream", "application/binary"),
    _join("application/json", "json"),
    _join("application/x-ndjson", "ndjson", "jsonl", "application/jsonl", "application/jsonlines"),
    _join("application/x-subrip", "srt", "text/srt"),
    _join("application/yaml", "yaml", "application/x-yaml", "text/yaml"),
    _join("application/zip", "zip", "application/x-zip-compressed"),
    _join("application/gzip", "gz", "application/x-gzip"),
    _join("application/x-tar", "tar"),
    _join("application/pdf", "pdf"),
)


def format_of(media_type: str) -> Format:
    """Return the format for a media type of a spec, with the name that it has there.

    A range such as `image/*` is the first type of its kind. A type that is not listed is made as JSON, XML, an archive or
    text if its name says so, else as bytes without a meaning.
    """
    name = media_type.lower()
    kind, _, subtype = name.partition("/")
    if "*" in subtype:
        return next((each for each in FORMATS if each.kind == kind), _similar(f"{kind}/unknown"))
    same = (each for each in FORMATS if name in (each.media_type, *each.names))
    return replace(next(same, None) or _similar(name), media_type=name)


@lru_cache(maxsize=256)
def format_named(name: str) -> Format | None:
    """Return the format that a request names, such as `JPG`, `image/png` or `mp3_44100_128`."""
    plain = name.lower().lstrip(".")
    for candidate in (plain, plain.partition("_")[0]):
        for each in FORMATS:
            if candidate in (each.extension, each.media_type, *each.names):
                return each
    return None


def _similar(media_type: str) -> Format:
    """Return the format of a type that is not listed."""
    suffixes = {"+json": "application/json", "+xml": "text/xml", "+zip": "application/zip"}
    made_as = next((made_as for suffix, made_as in suffixes.items() if media_type.endswith(suffix)), None)
    if made_as is None and media_type.startswith("application/vnd.openxmlformats-"):
        made_as = "application/zip"
    if made_as is None:
        made_as = "text/plain" if media_type.startswith("text/") else OCTETS
    extension = next(each.extension for each in FORMATS if each.media_type == made_as)
    return Format(media_type, extension, (), made_as)
