"""Writes a draft as YAML in the style of specs that a person wrote, with a comment for each decision that is left.

A comment `# draft: …` is above the key that needs a decision, or above the parameter if the key is not there.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

import yaml

from speccast.pages.facts import ABSENT
from speccast.pages.keys import ORDER, TOP
from speccast.pages.notes import notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.core.check import Pointer
    from speccast.pages.facts import Fact
    from speccast.pages.reader import Page

COMMENT: Final = "# draft:"
WIDTH: Final = 110
_MOST_SHOWN: Final = 4
_LONGEST_SHOWN: Final = 60
_PLAIN: Final = re.compile(r"[A-Za-z_/(<][^\n\t\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]*")
_RESERVED: Final = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan|inf)")


def write_spec(page: Page, *, document: str, date: str, modeline: str = "", url: str = "") -> str:
    """Return the text of a spec."""
    tree = spec_tree(page, document=document, date=date, url=url)
    comments = _comments(page, tree)
    lines: list[str] = [modeline] if modeline else []
    for remark, _ in page.facts.remarks:
        lines += _comment(remark, 0)
    for key in TOP:
        if key not in tree:
            continue
        if key in ("parameters", "example"):
            lines.append("")
        lines += _entry(key, tree[key], 0, (key,), comments)
    return "\n".join(lines) + "\n"


def spec_tree(page: Page, *, document: str, date: str, url: str = "") -> dict[str, Any]:
    """Return the value of the spec of a page."""
    facts: dict[str, Any] = page.facts.tree()
    source = {"document": document} | ({"url": url} if url else {}) | {"date": date}
    tree: dict[str, Any] = {"speccast": 1, **facts, "source": source}
    tree.setdefault("parameters", {})
    answer = tree.get("answers", {}).get("sync", {})
    if "events" in answer:
        streamed = {"when": {"stream": True}, "events": answer["events"]}
        whole = [{"body": answer["body"]}] if "body" in answer else []
        tree["answers"] = {"sync": [streamed, *whole]}
    for name, note in notes(page).items():
        tree["parameters"].setdefault(name, {})["note"] = note
    tree["parameters"] = {
        name: _order(parameter)
        for name, parameter in tree["parameters"].items()
        if parameter.keys() & {"type", "anyOf"}
    }
    return {key: tree[key] for key in TOP if key in tree}


def _order(parameter: dict[str, Any]) -> dict[str, Any]:
    ordered = {key: parameter[key] for key in (*ORDER, *parameter) if key in parameter}
    if isinstance(ordered.get("items"), dict):
        ordered["items"] = _order(ordered["items"])
    if isinstance(ordered.get("properties"), dict):
        ordered["properties"] = {
            name: _order(inner)
            for name, inner in ordered["properties"].items()
            if inner.keys() & {"type", "anyOf"}
        }
    return ordered


def doubt_text(key: str, fact: Fact) -> str:
    """Return what a person has to decide about a fact."""
    readings = [
        "no such key" if reading is ABSENT else json.dumps(reading, ensure_ascii=False)
        for reading in fact.readings[:_MOST_SHOWN]
    ]
    shown = " or ".join(
        each if len(each) <= _LONGEST_SHOWN else each[:_LONGEST_SHOWN] + "…" for each in readings
    )
    more = " or others" if len(fact.readings) > _MOST_SHOWN else ""
    return f"{key}: {fact.reason}" + (f" (other readings: {shown}{more})" if shown else "")


def place_of(pointer: Pointer, tree: Mapping[str, Any]) -> Pointer:
    """Return the pointer of the nearest part of a spec that exists."""
    node: Any = tree
    place: list[str | int] = []
    for step in pointer:
        if not isinstance(node, dict) or step not in node:
            break
        node = node[step]
        place.append(step)
    return tuple(place)


def entry_lines(key: str, value: Any, indent: int, *, comment: str = "") -> list[str]:
    """Return the lines of a key with its value or, with `comment`, of a comment above it."""
    return list(_comment(comment, indent) if comment else _entry(key, value, indent, (), {}))


def flow_text(value: Any) -> str:
    """Return a value for a place within brackets."""
    if isinstance(value, dict) and value:
        members = (f"{_flow_scalar(str(name))}: {flow_text(inner)}" for name, inner in value.items())
        return f"{{ {', '.join(members)} }}"
    if isinstance(value, list) and value:
        return f"[{', '.join(map(flow_text, value))}]"
    return _flow_scalar(value)


def _comments(page: Page, tree: Mapping[str, Any]) -> dict[Pointer, list[str]]:
    grouped: dict[tuple[Pointer, str, str], tuple[Fact, list[str]]] = {}
    for pointer, fact in page.facts.doubts().items():
        place = place_of(pointer, tree)
        if pointer[0] not in TOP or not place:
            continue
        rest = pointer[len(place) :]
        name = ".".join(map(str, rest)) if rest else str(pointer[-1])
        key = (place, fact.reason, name if fact.readings else "")
        grouped.setdefault(key, (fact, []))[1].append(name)
    comments: dict[Pointer, list[str]] = {}
    for (place, _, _), (fact, names) in grouped.items():
        comments.setdefault(place, []).append(doubt_text(", ".join(names), fact))
    return comments


def _entry(
    key: str, value: Any, indent: int, pointer: Pointer, comments: Mapping[Pointer, Sequence[str]]
) -> Iterator[str]:
    for comment in comments.get(pointer, ()):
        yield from _comment(comment, indent)
    pad = " " * indent
    shown = f"{pad}{scalar(key)}:"
    if isinstance(value, dict) and value:
        yield shown
        for name, inner in value.items():
            yield from _entry(str(name), inner, indent + 2, (*pointer, name), comments)
    elif isinstance(value, list) and value:
        is_flat = not any(isinstance(item, list | dict) and item for item in value)
        if is_flat and len(line := f"{shown} {flow_text(value)}") <= WIDTH:
            yield line
            return
        yield shown
        for item in value:
            yield from _item(item, indent + 2)
    else:
        yield from _scalar_lines(shown, value, indent)


def _item(value: Any, indent: int) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, dict) and value:
        lines = [
            line for name, inner in value.items() for line in _entry(str(name), inner, indent + 2, (), {})
        ]
        yield f"{pad}- {lines[0].lstrip()}"
        yield from lines[1:]
    elif isinstance(value, list) and value:
        yield f"{pad}- {flow_text(value)}"
    else:
        yield from _scalar_lines(f"{pad}-", value, indent)


def _scalar_lines(start: str, value: Any, indent: int) -> Iterator[str]:
    written = scalar(value)
    if not isinstance(value, str) or len(start) + 1 + len(written) <= WIDTH or not _can_fold(value):
        yield f"{start} {written}"
        return
    yield f"{start} >-"
    pad = " " * (indent + 2)
    lines = _fold(value, WIDTH - indent - 2)
    yield from (pad + line for line in lines)


def _fold(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False)


def _can_fold(text: str) -> bool:
    """Return whether a text can be written below `>-`: its lines, joined by spaces, are the text again."""
    return (
        text == text.strip()
        and "  " not in text
        and bool(re.fullmatch(r"[ -~\xa1-\u1fff\u2010-\u2027]+", text))
    )


def scalar(value: Any) -> str:
    """Return a scalar, or an empty collection, that YAML 1.1 and 1.2 read as the same value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return value if _is_plain(value) else _quote(value)
    return "[]" if isinstance(value, list) else "{}"


def _number(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or _RESERVED.fullmatch(text) or text != text.strip():
        return False
    if ": " in text or " #" in text or text.endswith(":") or text.startswith("---"):
        return False
    return bool(_yaml(text) == text)


def _quote(text: str) -> str:
    """Return a text in double quotes. What YAML does not allow in a file is escaped."""
    written = json.dumps(text, ensure_ascii=False)
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]",
        lambda match: f"\\u{ord(match[0]):04x}",
        written,
    )


def _flow_scalar(value: Any) -> str:
    """Return a scalar for a place within brackets."""
    text = scalar(value)
    if (
        isinstance(value, str)
        and text == value
        and (re.search(r"[,\[\]{}]", text) or _yaml(f"[{text}]") != [value])
    ):
        return _quote(value)
    return text


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
    except (yaml.YAMLError, ValueError):
        return None


def _comment(text: str, indent: int) -> Iterator[str]:
    pad = " " * indent
    clean = re.sub(r"[^ -~\xa1-\u1fff\u2010-\u2027\u2030-\ud7ff]", " ", text)
    lines = textwrap.wrap(clean, max(WIDTH - indent - len(COMMENT) - 1, 40), break_on_hyphens=False)
    for index, line in enumerate(lines):
        yield f"{pad}{COMMENT} {line}" if index == 0 else f"{pad}#   {line}"
