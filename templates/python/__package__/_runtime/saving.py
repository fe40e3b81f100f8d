"""The operations that save and read outputs: from the response itself, or by a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import Clock, Deadline
from .downloading import download_to
from .errors import OutputError
from .files import ContentInMemory, PartFile, find_destination
from .media import contradiction, suffix_of
from .outputs import Inline

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from .files import Destination
    from .outputs import Media, OutputSource
    from .record import Record
    from .settings import Settings
    from .steps import Program

__all__ = ["check_name", "commit", "deadline_of", "read", "save"]


def save(
    settings: Settings | None,
    outputs: Sequence[Media],
    path: str | os.PathLike[str] | None,
    *,
    source: OutputSource,
    overwrite: bool | None,
    max_bytes: int | None,
    record: Record | None = None,
) -> Program[list[Path]]:
    """Save the outputs, with the record of their request, and return their paths. Without `settings` nothing can be downloaded.

    Raises OutputError, or APIConnectionError if a download fails.
    """
    deadline = deadline_of(settings)
    place = find_destination(path, name=source.name, overwrite=overwrite)
    paths: list[Path] = []
    for number, output in enumerate(outputs, 1):
        saved = yield from _save_one(
            settings,
            output,
            place,
            number=number if len(outputs) > 1 else 0,
            max_bytes=max_bytes,
            source=source,
            deadline=deadline,
            record=record,
        )
        paths.append(saved)
    return paths


def _save_one(
    settings: Settings | None,
    output: Media,
    place: Destination,
    *,
    number: int,
    max_bytes: int | None,
    source: OutputSource,
    deadline: Deadline,
    record: Record | None,
) -> Program[Path]:
    if isinstance(output, Inline):
        with PartFile(place, None) as part:
            part.write(output.content)
            return commit(part, place, output.content_type, number, record=record)
    with PartFile(place, max_bytes) as part:
        yield from download_to(part, settings, output.url, source, deadline)
        return commit(part, place, part.content_type, number, record=record, url=output.url)


def commit(
    part: PartFile,
    place: Destination,
    content_type: str,
    number: int,
    *,
    record: Record | None,
    url: str = "",
) -> Path:
    """Give the file its name, and save the record in it or beside it. Raises what `check_name` raises."""
    check_name(place, content_type, part.start)
    names = place.names(suffix_of(content_type, part.start, url), number)
    if record is None:
        return part.commit(names)
    from .embedding import commit_with_record  # few results are saved with it

    return commit_with_record(part, place, names, record)


def read(
    settings: Settings | None, output: Media, *, source: OutputSource, max_bytes: int | None
) -> Program[bytes]:
    """Return the content of an output, which is downloaded if necessary. Raises what `save` raises."""
    if isinstance(output, Inline):
        return output.content
    received = ContentInMemory(max_bytes)
    yield from download_to(received, settings, output.url, source, deadline_of(settings))
    return received.content


def check_name(place: Destination, content_type: str, start: bytes) -> None:
    """Raise OutputError if content cannot be that of a file with the name that the caller passed."""
    if place.suffix and (found := contradiction(place.suffix, content_type, start)):
        error = OutputError(
            f"the output is {found}, and was not saved as {place.folder / place.stem}{place.suffix}"
        )
        error.is_misnamed = True
        raise error


def deadline_of(settings: Settings | None) -> Deadline:
    """Return the end of an operation that begins now."""
    return Deadline.after(
        settings.total_timeout if settings else None, settings.clock if settings else Clock()
    )
