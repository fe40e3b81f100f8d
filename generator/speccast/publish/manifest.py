"""The manifest: a list of the files that Speccast wrote to an output folder, with their digests.

It is a text with one line for each file, sorted, so that git diffs are small and merges rarely conflict. Digests and versions
are in no other file. `sha256sum --check .speccast-manifest` accepts it if line endings are LF and no path is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
_INPUT = re.compile(r"# from ([0-9a-f]{16})  ([!-~][ -~]*)")
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_PLAIN_PATH = re.compile(f"[{re.escape(_PLAIN)}]*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A parsed manifest. `files` maps a path to its digests: one, or several after a merge.

    `versions` maps tools to versions, and is empty if they are unknown. `inputs` maps the specs and templates that the
    files were written from to the beginnings of their digests.
    """

    files: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)


def manifest_text(
    files: Mapping[str, str],
    versions: Mapping[str, str],
    command: str,
    inputs: Mapping[str, str] | None = None,
) -> bytes:
    """Return the content of a manifest. `files` maps paths to digests."""
    settings = {"format": FORMAT, **dict(sorted(versions.items()))}
    return "".join(
        [
            _HEADER.format(command=command),
            *(f"# {name}: {value}\n" for name, value in settings.items()),
            *(f"# from {each}  {_escape(path)}\n" for path, each in sorted((inputs or {}).items())),
            *(f"{files[path]}  {_escape(path)}\n" for path in sorted(files)),
        ]
    ).encode()


def parse_manifest(content: bytes) -> Manifest:
    """Security boundary: read a manifest that may be conflicted, truncated or forged.

    A line is used if it is complete and canonical, so both sides of a conflict are used. Lines with a path that leaves the
    folder or is reserved are ignored. Never raises.
    """
    files: dict[str, tuple[str, ...]] = {}
    versions: dict[str, set[str]] = {}
    inputs: dict[str, str] = {}
    for line in content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")[:-1]:
        if match := _FILE.fullmatch(line):
            path = unquote(match[2])
            if _escape(path) == match[2] and not path_problem(path):
                files[path] = _add_digests(files.get(path, ()), match[1])
        elif match := _SETTING.fullmatch(line):
            versions.setdefault(match[1], set()).add(match[2])
        elif match := _INPUT.fullmatch(line):
            inputs[unquote(match[2])] = match[1]
    versions.pop("format", None)
    agreed = all(len(values) == 1 for values in versions.values())
    return Manifest(files, {name: min(values) for name, values in versions.items()} if agreed else {}, inputs)


def merge_manifests(first: Manifest, others: Iterable[Manifest]) -> Manifest:
    """Add the files of other manifests to the first one, whose versions are kept."""
    files = dict(first.files)
    for other in others:
        for path, digests in other.files.items():
            files[path] = _add_digests(files.get(path, ()), *digests)
    return Manifest(files, first.versions, first.inputs)


def _add_digests(digests: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*digests, *more)))


def _escape(path: str) -> str:
    """Return a path in printable ASCII, with the percent sign and other characters as UTF-8 bytes such as `%C3%A9`."""
    if _PLAIN_PATH.fullmatch(path):
        return path  # the common case
    return quote(path, safe=_PLAIN, errors="surrogatepass")
