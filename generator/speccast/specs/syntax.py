"""Says what a YAML syntax error is really about.

A parser notices an error where it cannot go on, which is often lines after the slip, and says so in the terms of the
grammar. Here its report becomes the place of the slip (the quote that was left open, the line that is indented wrongly)
and words for the cases that people meet. Both parsers of PyYAML word their reports differently, so recognition rests on
the text around the place and on what both have in common. What is not recognised keeps the parser's own words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.specs.problems import Problem, Span, clipped, yaml_version
from speccast.specs.slip import Slip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yaml.error import MarkedYAMLError

    from speccast.specs.positions import Lines

_CONFLICT: Final = re.compile(r"^<{7} [^\r\n]*", re.MULTILINE)
_KEY: Final = re.compile(r"(?:- ++)*+(\S.*?):(?=\s|$)")
_MISSING_SPACE: Final = re.compile(r":(?=[^\s:/])")
_SKIPPED: Final = r"""(?<=[\s\[{,:])(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')|(?<=\s)\#[^\r\n]*"""
_BRACKETS: Final = re.compile(
    rf"(?s:{_SKIPPED})|(?P<bracket>[\[\]{{}}])|(?:\r\n|\r|\n)(?P<indent>\x20*)(?P<key>[\w.-]+:(?=[\s]))"
)
_MISPLACED: Final = re.compile("expected key|<block end>|'-' indicator|document start")
_OTHER_MEANING: Final = re.compile("scanning an alias|scanning an anchor|scanning a tag|tag handle")
_WHOLE: Final = "quote the whole text"
_CLOSER: Final = {"[": "]", "{": "}"}


def explain(
    error: MarkedYAMLError, text: str, lines: Lines, *, last: Span, open_brackets: Sequence[int]
) -> Problem:
    """The problem behind a syntax error.

    `last` is where the scalar stands that was read last, `open_brackets` where the brackets stand that were still open.
    """
    at = min(error.problem_mark.index, len(text)) if error.problem_mark else len(text)
    began = min(error.context_mark.index, len(text)) if error.context_mark else at
    slip = Slip(text, lines, at, began, error.context or "", error.problem or "", last, open_brackets)
    for recognise in _RECOGNISERS:
        if problem := recognise(slip):
            return problem
    if "incompatible YAML document" in slip.said:
        return yaml_version(Span(at, slip.end(at)), slip.rest(at).removeprefix("%YAML").strip())
    return slip.problem(at, ", ".join(filter(None, (error.context, error.problem))), "correct the YAML here")


def _conflict_marker(slip: Slip) -> Problem | None:
    marker = _CONFLICT.search(slip.text)
    if marker is None:
        return None
    hint = "decide between the two sides, then remove the lines with <<<<<<<, ======= and >>>>>>>"
    return slip.problem(
        marker.start(), "a conflict marker of git is still in the file", hint, end=marker.end()
    )


def _quoted_text(slip: Slip) -> Problem | None:
    if "quoted scalar" not in slip.context:
        return None
    quote = slip.text[slip.began : slip.began + 1]
    if "unexpected" in slip.said:  # the end of the file or of the document
        more = "; within single quotes an apostrophe is written ''" if quote == "'" else ""
        return slip.problem(
            slip.began, f"the quote {quote} is never closed", f"close it where its text ends{more}"
        )
    backslash = slip.text.rfind("\\", slip.began, slip.at + 1)
    letter = slip.text[backslash + 1 : backslash + 2]
    end = backslash + 1 + len(letter)
    if "unknown escape" in slip.said:
        hint = "write \\\\ for a backslash, or use single quotes, in which a backslash is only that"
        return slip.problem(backslash, f"`\\{letter}` means nothing within double quotes", hint, end=end)
    digits = {"x": "two", "u": "four", "U": "eight"}.get(letter)
    if digits and "invalid" not in slip.said:
        message = f"after `\\{letter}` must come {digits} hexadecimal digits"
        return slip.problem(backslash, message, "complete the escape, or write \\\\ for a backslash", end=end)
    hint = "write the character itself, or \\U and its eight hexadecimal digits"
    return slip.problem(backslash, "the escape stands for no character", hint, end=end)


def _open_bracket(slip: Slip) -> Problem | None:
    """A bracket that is never closed, noticed lines later or at the end of the file."""
    if not slip.open_brackets:
        return None
    bracket = slip.open_brackets[-1]
    is_at_end = not slip.text[slip.at :].strip()
    if not is_at_end and (slip.line(slip.at) == slip.line(bracket) or _is_closed(slip, bracket)):
        return None
    opener = slip.text[bracket]
    what = "list" if opener == "[" else "mapping"
    return slip.problem(
        bracket, f"the bracket {opener} is never closed", f"write {_CLOSER[opener]} where the {what} ends"
    )


def _is_closed(slip: Slip, bracket: int) -> bool:
    """Whether a bracket is closed before the next line that can only be a key of the mapping around it."""
    before = slip.text[slip.lines.bounds(bracket)[0] : bracket]
    indent = len(before) - len(before.lstrip()) if before.strip() else -1
    depth = 0
    for match in _BRACKETS.finditer(slip.text, bracket):
        if match["key"] and len(match["indent"]) <= indent:
            return False
        if match["bracket"]:
            depth += 1 if match["bracket"] in _CLOSER else -1
            if depth == 0:
                return True
    return False


def _tab(slip: Slip) -> Problem | None:
    start, _ = slip.lines.bounds(slip.at)
    line = slip.rest(start)
    tab = line[: len(line) - len(line.lstrip())].find("\t")
    if tab >= 0 and not slip.open_brackets:
        message = "a tab stands in the indentation, where YAML takes only spaces"
        return slip.problem(start + tab, message, "indent with spaces; many editors can convert tabs")
    if slip.character == "\t":
        return slip.problem(slip.at, "a tab stands where YAML takes only spaces", "write a space instead")
    return None


def _first_character(slip: Slip) -> Problem | None:
    """Text that begins with a character which means something else to YAML."""
    if "scanning a directive" in slip.context or "%YAML directive" in slip.context:
        hint = "remove the line; specs need no directives"
        return slip.problem(slip.began, "a line that begins with % is a directive to YAML", hint)
    if re.search("cannot start any token|mapping keys are not allowed", slip.said):
        start = slip.at
    elif _OTHER_MEANING.search(f"{slip.context} {slip.said}"):
        start = slip.began
    else:
        return None
    text = slip.rest(start)
    word = re.split(r"[\s,\]}]", text, maxsplit=1)[0]
    shown = "a backtick" if text.startswith("`") else f"`{text[:1]}`"
    hint = f"quote the whole text: {_quoted(text)}"
    return slip.problem(start, f"text cannot begin with {shown}", hint, end=start + len(word))


def _second_value(slip: Slip) -> Problem | None:
    """A colon that would begin a value within another one."""
    if "mapping values are not allowed" not in slip.said:
        return None
    if earlier := re.search(r":(?=\s)", slip.before):
        value = slip.rest(slip.at - len(slip.before) + earlier.end())
        message = "a colon and a space cannot stand within unquoted text"
        return slip.problem(slip.at, message, f"quote the text: {_quoted(value)}")
    start = slip.at - len(slip.before.lstrip())
    text_above: list[tuple[int, str]] = []
    for offset, line in slip.above(slip.at):
        owner = _KEY.match(line)
        if owner is None:
            text_above.append((offset, line))
            continue
        if not text_above or (line[owner.end() :].strip() and not _MISSING_SPACE.search(text_above[0][1])):
            key = clipped(slip.before.strip())
            message = f"`{key}:` stands within the text of `{clipped(owner[1])}:` on line {slip.line(offset)}"
            hint = f"a key beside that one begins in column {slip.column(offset)}; if it is text, quote the whole text"
            return slip.problem(start, message, hint, end=slip.at)
        break
    for offset, line in text_above:
        if _MISSING_SPACE.search(line):
            return _no_key(slip, offset)
    return _no_key(slip, text_above[-1][0]) if text_above else None


def _line_without_key(slip: Slip) -> Problem | None:
    return _no_key(slip, slip.began) if "could not find expected ':'" in slip.said else None


def _no_key(slip: Slip, start: int) -> Problem:
    """A line in a mapping that is no `key: value`."""
    line = slip.rest(start)
    if re.match(r"-\S", line):
        return slip.problem(
            start, "a space is missing after the `-` of a list item", f"write `- {clipped(line[1:])}`"
        )
    if missing := _MISSING_SPACE.search(line):
        key, value = clipped(line[: missing.start()]), clipped(line[missing.end() :])
        return slip.problem(
            start + missing.start(), "a space is missing after the colon", f"write `{key}: {value}`"
        )
    message = f"a key stands here without a colon: `{clipped(line)}`"
    hint = "write `key: value`; if it continues the text above, indent it deeper"
    return slip.problem(start, message, hint, end=start + len(line))


def _after_value(slip: Slip) -> Problem | None:
    """Something behind a quote or bracket that has closed a value."""
    done = slip.before.rstrip()
    if not _MISPLACED.search(slip.said) or not done.endswith(("'", '"', "]", "}")):
        return None
    if done[-1] in "]}":
        if slip.character in tuple("]}"):
            return slip.problem(
                slip.at, f"one `{slip.character}` too many", "remove it; if it is text, quote the whole text"
            )
        start = slip.lines.bounds(slip.at)[0] + (done.find("{{") if "{{" in done else len(slip.before))
        message = f"text goes on after the bracket `{done[-1]}`"
        return slip.problem(
            start, message, f"quote the whole text: {_quoted(slip.rest(start))}" if "{{" in done else _WHOLE
        )
    quote, end = done[-1], slip.at - len(slip.before) + len(done)
    if slip.last.end == end and slip.line(slip.last.start) < slip.line(slip.at):
        message = f"the quote {quote} that opens here is closed only on line {slip.line(slip.at)}"
        return slip.problem(slip.last.start, message, "close it on its own line")
    escaped = {"'": "single quotes an apostrophe is written ''", '"': 'double quotes a quote is written \\"'}[
        quote
    ]
    hint = f"within {escaped}; if the quotes are part of the text, {_WHOLE}"
    return slip.problem(slip.at, f"text goes on after the closing quote {quote}", hint)


def _indentation(slip: Slip) -> Problem | None:
    """A line that begins where nothing it could belong to begins."""
    if not _MISPLACED.search(slip.said) or slip.before.strip():
        return None
    if slip.character == ":":
        return slip.problem(slip.at, "nothing stands before the colon", "write the key before it")
    columns: list[int] = []
    for offset, line in slip.above(slip.at):
        if line == "...":
            message = "text goes on after `...`, which ends the YAML document"
            return slip.problem(slip.at, message, "remove the line with `...`", end=slip.end(slip.at))
        columns += [slip.column(offset)] if not columns or slip.column(offset) < columns[-1] else []
        if columns[-1] == slip.column(slip.at):
            is_item = slip.rest(slip.at).startswith("-")
            what, others = ("a list item", "keys") if is_item else ("a key", "list items")
            if is_item == line.startswith("-"):
                break
            hint = "indent it so that it stands under the line it belongs to"
            return slip.problem(slip.at, f"{what} stands among {others}", hint, end=slip.end(slip.at))
    if not columns:
        return None
    wanted = " or ".join(map(str, sorted(columns)))
    message = "the indentation of this line fits no line above"
    return slip.problem(slip.at, message, f"begin it in column {wanted}", end=slip.end(slip.at))


def _within_brackets(slip: Slip) -> Problem | None:
    if "node content" in slip.said:
        if slip.rest(slip.at).startswith(": "):
            return slip.problem(slip.at, "nothing stands before the colon", "write the key before it")
        if slip.character == ",":
            return slip.problem(
                slip.at, "nothing stands before this comma", "remove the comma, or write what is missing"
            )
        word = re.split(r"[\s,\]}]", slip.rest(slip.at), maxsplit=1)[0] or slip.character
        return slip.problem(
            slip.at,
            f"`{clipped(word)}` cannot stand here",
            f"remove it; if it is text, quote it: {_quoted(word)}",
        )
    if not slip.open_brackets or not re.search(r"expected ',' or", slip.said):
        return None
    bracket = slip.open_brackets[-1]
    opener = slip.text[bracket]
    if slip.character in tuple("]}"):
        message = f"`{slip.character}` closes what `{opener}` opened"
        opened = (Span(bracket, bracket + 1), "opened here")
        return slip.problem(slip.at, message, f"write `{_CLOSER[opener]}` instead", related=opened)
    if slip.character == ":":
        hint = "separate two entries by a comma; if it is text with a colon, quote the text"
        return slip.problem(slip.at, "this colon would begin a second value", hint)
    return slip.problem(slip.at, "a comma is missing before this", "separate entries by commas")


def _block_structure(slip: Slip) -> Problem | None:
    if "sequence entries are not allowed" in slip.said:
        return slip.problem(
            slip.at,
            "a list cannot begin on the line of its key",
            "begin the list on the next line, or write [a, b]",
        )
    if "block scalar" in slip.context:
        sign = slip.text[slip.began : slip.began + 1]
        if "indicator" in slip.said:
            hint = f"write only `{sign}`, or `{sign}2` for an indentation of two"
            return slip.problem(slip.at, f"the number after `{sign}` must be from 1 to 9", hint)
        message = f"nothing can follow `{sign}` on its line"
        return slip.problem(
            slip.at, message, f"begin the text on the next line; if `{sign}` is text, quote the whole text"
        )
    return None


_RECOGNISERS: Final[tuple[Callable[[Slip], Problem | None], ...]] = (
    _conflict_marker,
    _quoted_text,
    _open_bracket,
    _tab,
    _first_character,
    _second_value,
    _line_without_key,
    _after_value,
    _indentation,
    _within_brackets,
    _block_structure,
)


def _quoted(text: str) -> str:
    """Text of the spec as it could be written in quotes."""
    shown = clipped(text.strip())
    return f"'{shown}'" if '"' in shown or "\\" in shown else f'"{shown}"'
