"""Unified diffs of the changes in a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.publish.disk import Disk
from speccast.publish.plan import Plan, PlannedFile, State

if TYPE_CHECKING:
    from collections.abc import Iterator


def diff(plan: Plan) -> Iterator[str]:
    """Yield the lines of unified diffs from the disk to the rendered files, without line endings, in the order of the plan.

    Files edited by hand are included, although the plan keeps them; the manifest is not. Control characters are not escaped.
    """
    for entry in plan.entries:
        yield from diff_of(plan, entry)


def diff_of(plan: Plan, entry: PlannedFile) -> Iterator[str]:
    """Yield the lines of the diff of one file; none if it does not change."""
    from difflib import unified_diff  # seldom needed

    if entry.state in (State.UNCHANGED, State.ORPHAN_EDITED):
        return
    present = Disk(plan.target.root, plan.target.output or plan.target.root).read(entry.path).content
    rendered = plan.target.files.get(entry.path)
    before = "/dev/null" if present is None else f"a/{entry.path}"
    after = "/dev/null" if rendered is None else f"b/{entry.path}"
    if b"\0" in (present or b"") + (rendered or b""):
        yield f"Binary files {before} and {after} differ"
        return
    yield from unified_diff(_lines(present), _lines(rendered), before, after, lineterm="")


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode("utf-8", errors="backslashreplace").replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]
