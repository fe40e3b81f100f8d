"""Unified diffs of the changes in a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.publish.disk import Disk
from speccast.publish.plan import Action, OutputState, Plan, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Iterator


def diff_of(plan: Plan, entry: PlannedFile, shown: str) -> Iterator[str]:
    """Yield the lines of a unified diff from the disk to the rendered file, without line endings; none if it does not change.

    The headers name the path `shown`. A file edited by hand is included, although the plan keeps it. Control characters are
    not escaped.
    """
    from difflib import unified_diff  # seldom needed

    rendered = plan.target.files.get(entry.path)
    if entry.state is OutputState.UNCHANGED or (entry.action is Action.KEEP and rendered is None):
        return
    present = Disk(plan.target.root, plan.target.output or plan.target.root).read(entry.path).content
    before = "/dev/null" if present is None else f"a/{shown}"
    after = "/dev/null" if rendered is None else f"b/{shown}"
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
