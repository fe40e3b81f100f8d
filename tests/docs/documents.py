"""The fenced blocks, headings and links of the documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = tuple(
    path.relative_to(ROOT).as_posix()
    for path in sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")))
)

_FENCE = re.compile(r"(?P<ticks>```+|~~~+)(?P<language>[^`\s]*)")


@dataclass(frozen=True)
class Block:
    """A fenced block. `line` is the number of its first line, counted from 1.

    `printed` is the expected output of a Python block: the text block that follows it.
    """

    document: str
    line: int
    language: str
    text: str
    printed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


@dataclass(frozen=True)
class Step:
    """A command of a console block, and the output that the document shows below it."""

    where: str
    command: str
    shown: tuple[str, ...]


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str) -> list[Block]:
    found: list[Block] = []
    lines = read(document).splitlines()
    start: tuple[int, str, str] | None = None
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if start is None and fence:
            start = number + 1, fence["ticks"], fence["language"]
        elif start is not None and line.strip() == start[1]:
            inside = lines[start[0] - 1 : number - 1]
            if start[2] == "text" and found and found[-1].language == "python" and not found[-1].printed:
                found[-1] = replace(found[-1], printed=tuple(inside))
            else:
                found.append(Block(document, start[0], start[2], "".join(f"{text}\n" for text in inside)))
            start = None
    assert start is None, f"{document}:{start}: unclosed block"
    return found


def steps(block: Block) -> list[Step]:
    """Return the commands of a console block. Each starts with `$ ` and continues after a backslash, or up to `EOF`."""
    found: list[tuple[int, list[str], list[str]]] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            found.append((number, [line[2:]], []))
            continue
        assert found, f"{block.document}:{number}: a console block must start with a command"
        _, command, shown = found[-1]
        is_open = command[-1].endswith("\\") or ("<<'EOF'" in command[0] and command[-1] != "EOF")
        (command if is_open and not shown else shown).append(line)
    return [
        Step(f"{block.document}:{number}", "\n".join(command), tuple(shown))
        for number, command, shown in found
    ]


def prose(document: str) -> str:
    """Return a document without its blocks, since these may contain text that looks like a link or a heading."""
    return re.sub(r"^(```+).*?^\1\s*$", "", read(document), flags=re.DOTALL | re.MULTILINE)


def links(document: str) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "", prose(document))
    return re.findall(r"\]\(([^()\s]+)\)", text)


def code_spans(document: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(document))


def anchors(document: str) -> set[str]:
    """Return the anchors of the headings, as code hosts name them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
