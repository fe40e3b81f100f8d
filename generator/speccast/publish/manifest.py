"""The manifest: which files of an output folder are Speccast's, and what was in them when it wrote them.

It is text, one line a file, sorted, so that git shows what changed and two branches rarely meet in a line; and it is
the only place where digests and versions stand. `sha256sum --check .speccast-manifest` understands it too, as long
as line ends are LF and no path has a character that has to be escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from speccast.publish.paths import RESERVED_PREFIX, path_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MANIFEST = f"{RESERVED_PREFIX}manifest"
FORMAT = "1"

_HEADER = "# The files that Speccast wrote here and their SHA-256, line ends as LF. Do not edit: {command} writes it.\n"
_SETTING = re.compile(r"# ([a-z0-9][a-z0-9._-]*): (\S+)")
_FILE = re.compile(r"([0-9a-f]{64})  ([!-~][ -~]*)")
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says. `files` maps a path to the digests it is listed with: one, or more after a merge.

    `versions` maps a tool to its version, and is empty where that is unknown.
    """

    files: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, str]


def manifest_text(files: Mapping[str, str], versions: Mapping[str, str], command: str) -> bytes:
    """A manifest of path → digest. The same files and versions make the same bytes."""
    settings = {"format": FORMAT, **dict(sorted(versions.items()))}
    return "".join(
        [
            _HEADER.format(command=command),
            *(f"# {name}: {value}\n" for name, value in settings.items()),
            *(f"{files[path]}  {_escaped(path)}\n" for path in sorted(files)),
        ]
    ).encode()


def parse_manifest(content: bytes) -> Manifest:
    """Security boundary: read a manifest that may be conflicted, truncated or forged.

    A line counts if it is whole and canonical, whatever stands around it, so both sides of a conflict do. Lines whose
    path would leave the folder or is reserved are as if they were not there. Never raises.
    """
    files: dict[str, tuple[str, ...]] = {}
    versions: dict[str, set[str]] = {}
    for line in content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")[:-1]:
        if found := _FILE.fullmatch(line):
            path = unquote(found[2])
            if _escaped(path) == found[2] and not path_problem(path):
                files[path] = _extended(files.get(path, ()), found[1])
        elif found := _SETTING.fullmatch(line):
            versions.setdefault(found[1], set()).add(found[2])
    versions.pop("format", None)
    agreed = all(len(values) == 1 for values in versions.values())
    return Manifest(files, {name: min(values) for name, values in versions.items()} if agreed else {})


def united(first: Manifest, others: Iterable[Manifest]) -> Manifest:
    """The first manifest, with what the others list besides. Its versions stay."""
    files = dict(first.files)
    for other in others:
        for path, digests in other.files.items():
            files[path] = _extended(files.get(path, ()), *digests)
    return Manifest(files, first.versions)


def _extended(digests: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*digests, *more)))


def _escaped(path: str) -> str:
    """The path in printable ASCII: other characters and the percent sign as the UTF-8 bytes `%C3%A9`."""
    return quote(path, safe=_PLAIN, errors="surrogatepass")
