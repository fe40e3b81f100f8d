"""The diffs of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.publish import diff

if TYPE_CHECKING:
    from tests.publish.conftest import Project


def test_a_diff_shows_what_would_change(project: Project) -> None:
    project.publish({"a.py": "one\ntwo\n", "b.py": "b\n", "c.py": "c\n", "same.py": "same\n", "i.png": b"\0"})
    (project.root / "c.py").write_text("mine\n")
    wanted: dict[str, str | bytes] = {
        "a.py": "one\n2",
        "c.py": "c\n",
        "d.py": "d\n",
        "same.py": "same\n",
        "i.png": b"\0\1",
    }
    assert list(diff(project.plan(wanted))) == [
        *["--- a/a.py", "+++ b/a.py", "@@ -1,2 +1,2 @@", " one", "-two", "+2\n\\ No newline at end of file"],
        *["--- a/b.py", "+++ /dev/null", "@@ -1 +0,0 @@", "-b"],
        *["--- a/c.py", "+++ b/c.py", "@@ -1 +1 @@", "-mine", "+c"],
        *["--- /dev/null", "+++ b/d.py", "@@ -0,0 +1 @@", "+d"],
        "Binary files a/i.png and b/i.png differ",
    ]


def test_line_endings_are_not_a_difference(project: Project) -> None:
    project.publish({"a.py": "one\n"})
    (project.root / "a.py").write_bytes(b"one\r\n")
    assert list(diff(project.plan({"a.py": "one\n"}))) == []
    assert list(diff(project.plan({"a.py": "one\ntwo\n"})))[3:] == [" one", "+two"]
