"""The changelog of an API, `CHANGELOG.md` beside its `api.yaml`: `speccast diff` writes entries, and people write between them.

It is a source like the specs: `speccast generate` copies it into the package, where the manifest lists the copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG: Final = "CHANGELOG.md"
MAX_BYTES: Final = 4 * 1024 * 1024


def read_changelog(folder: Path) -> bytes | None:
    """Security boundary: return the changelog in the folder of an API; None if there is none. A link is not followed.

    Raises:
        SpeccastError: it cannot be read, is not a regular file, or is too large.
    """
    place = folder / CHANGELOG
    try:
        content = read_regular_file(place, MAX_BYTES + 1, follow_links=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SpeccastError(
            f"{format_path(place)}: cannot be read: {error.strerror}", hint="replace it with a regular file"
        ) from error
    if len(content) > MAX_BYTES:
        raise SpeccastError(f"{format_path(place)}: is larger than {MAX_BYTES} bytes")
    return content
