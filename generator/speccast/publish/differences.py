"""What a plan would change, as unified diffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.publish.disk import Disk
from speccast.publish.plan import Plan, PlannedFile, State

if TYPE_CHECKING:
    from collections.abc import Iterator


def diff(plan: Plan) -> Iterator[str]:
    """Unified diffs from the disk to what is wanted, line by line without line ends, files in the plan's order.

    Files edited by hand are shown too, although the plan keeps them; the manifest is not. The lines hold what the
    files hold, control characters included.
    """
    for entry in plan.entries:
        yield from diff_of(plan, entry)


def diff_of(plan: Plan, entry: PlannedFile) -> Iterator[str]:
    """The diff of one file of a plan; nothing if it does not change."""
    from difflib import unified_diff  # only asked for now and then

    if entry.state in (State.UNCHANGED, State.ORPHAN_EDITED):
        return
    present = Disk(plan.target.root, plan.target.output or plan.target.root).read(entry.path).content
    wanted = plan.target.wanted.get(entry.path)
    before = "/dev/null" if present is None else f"a/{entry.path}"
    after = "/dev/null" if wanted is None else f"b/{entry.path}"
    if b"\0" in (present or b"") + (wanted or b""):
        yield f"Binary files {before} and {after} differ"
        return
    yield from unified_diff(_lines(present), _lines(wanted), before, after, lineterm="")


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode("utf-8", errors="backslashreplace").replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]
