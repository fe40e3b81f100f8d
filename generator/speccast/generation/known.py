"""What is known of the models of an API from earlier runs: what is to be said of a spec, and which files it gives.

It is only digests, besides the values of the specs. What the keys are taken of is a matter of `generation.models`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from speccast.cache import key_of
from speccast.findings import as_json, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.cache import Entries
    from speccast.findings import Finding

_KIND = "api"


class InconsistentError(Exception):
    """What was kept from an earlier run is not what comes out now."""


class File(NamedTuple):
    """A file below the folder of its target, the template that it comes from, and the digest of its content."""

    target: str
    path: str
    template: str
    digest: str


@dataclass(frozen=True, slots=True)
class Known:
    """`settled` is the key of a spec file of which the `findings` are all that is to be said; `piece` is its value as in a
    bundle.

    `made` is the key of what the `files` were made of.
    """

    settled: str = ""
    piece: str = ""
    findings: tuple[Finding, ...] = ()
    made: str = ""
    files: tuple[File, ...] = ()


def read_known(entries: Entries, key: str) -> dict[str, Known]:
    """What is known of the specs of an API, by their paths as people write them."""
    return entries.get_json(key_of(_KIND, key), _known) or {}


def write_known(entries: Entries, key: str, known: Mapping[str, Known]) -> None:
    content = {
        path: (each.settled, each.piece, [*map(as_json, each.findings)], each.made, each.files)
        for path, each in known.items()
    }
    entries.put_json(key_of(_KIND, key), content)


def _known(content: Any) -> dict[str, Known]:
    return {
        path: Known(
            settled, piece, tuple(map(from_json, findings)), made, tuple(File(*file) for file in files)
        )
        for path, (settled, piece, findings, made, files) in content.items()
    }
