"""The diffs of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.publish.differences import diff_of

if TYPE_CHECKING:
    from speccast.publish.plan import Plan
    from tests.publish.conftest import Project


def diff(plan: Plan) -> list[str]:
    return [line for entry in plan.entries for line in diff_of(plan, entry, f"out/{entry.path}")]


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
    assert diff(project.plan(wanted)) == [
        *[
            "--- a/out/a.py",
            "+++ b/out/a.py",
            "@@ -1,2 +1,2 @@",
            " one",
            "-two",
            "+2\n\\ No newline at end of file",
        ],
        *["--- a/out/b.py", "+++ /dev/null", "@@ -1 +0,0 @@", "-b"],
        *["--- a/out/c.py", "+++ b/out/c.py", "@@ -1 +1 @@", "-mine", "+c"],
        *["--- /dev/null", "+++ b/out/d.py", "@@ -0,0 +1 @@", "+d"],
        "Binary files a/out/i.png and b/out/i.png differ",
    ]


def test_line_endings_are_not_a_difference(project: Project) -> None:
    project.publish({"a.py": "one\n"})
    (project.root / "a.py").write_bytes(b"one\r\n")
    assert diff(project.plan({"a.py": "one\n"})) == []
    assert diff(project.plan({"a.py": "one\ntwo\n"}))[3:] == [" one", "+two"]
