"""Explains YAML syntax errors.

A parser reports an error where it cannot continue, which is often lines after the mistake, and in terms of the grammar.
Each function here recognizes a common mistake, and returns its position (the quote that was not closed, the line with the
wrong indentation) and a message. The two parsers of PyYAML word their reports differently, so recognition uses the text
around the error and what both reports have in common. For other errors, the message is that of the parser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.specs.parser_report import ParserReport
from speccast.specs.problems import Problem, Span, shorten_value, yaml_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yaml.error import MarkedYAMLError

    from speccast.specs.positions import LineIndex

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
    error: MarkedYAMLError, text: str, lines: LineIndex, *, last: Span, open_brackets: Sequence[int]
) -> Problem:
    """Return the problem that caused a syntax error.

    `last` is the span of the last scalar, and `open_brackets` are the offsets of the brackets still open.
    """
    at = min(error.problem_mark.index, len(text)) if error.problem_mark else len(text)
    began = min(error.context_mark.index, len(text)) if error.context_mark else at
    report = ParserReport(
        text, lines, at, began, error.context or "", error.problem or "", last, open_brackets
    )
    for recognize in _RECOGNIZERS:
        if problem := recognize(report):
            return problem
    if "incompatible YAML document" in report.message:
        return yaml_version(Span(at, report.end(at)), report.rest(at).removeprefix("%YAML").strip())
    return report.problem(
        at, ", ".join(filter(None, (error.context, error.problem))), "correct the YAML here"
    )


def _conflict_marker(report: ParserReport) -> Problem | None:
    marker = _CONFLICT.search(report.text)
    if marker is None:
        return None
    hint = "resolve the conflict, and remove the lines with <<<<<<<, ======= and >>>>>>>"
    return report.problem(
        marker.start(), "the file contains a conflict marker of git", hint, end=marker.end()
    )


def _quote_text(report: ParserReport) -> Problem | None:
    if "quoted scalar" not in report.context:
        return None
    quote = report.text[report.began : report.began + 1]
    if "unexpected" in report.message:  # the end of the file or of the document
        more = "; within single quotes an apostrophe is written ''" if quote == "'" else ""
        return report.problem(
            report.began, f"the quote {quote} is not closed", f"close it at the end of the text{more}"
        )
    backslash = report.text.rfind("\\", report.began, report.at + 1)
    letter = report.text[backslash + 1 : backslash + 2]
    end = backslash + 1 + len(letter)
    if "unknown escape" in report.message:
        hint = "write \\\\ for a backslash, or use single quotes, in which a backslash has no special meaning"
        return report.problem(backslash, f"`\\{letter}` is not an escape within double quotes", hint, end=end)
    digits = {"x": "two", "u": "four", "U": "eight"}.get(letter)
    if digits and "invalid" not in report.message:
        message = f"`\\{letter}` must be followed by {digits} hexadecimal digits"
        return report.problem(
            backslash, message, "complete the escape, or write \\\\ for a backslash", end=end
        )
    hint = "write the character itself, or \\U and its eight hexadecimal digits"
    return report.problem(backslash, "the escape is not a valid character", hint, end=end)


def _open_bracket(report: ParserReport) -> Problem | None:
    """Return a bracket that is not closed, reported lines later or at the end of the file."""
    if not report.open_brackets:
        return None
    bracket = report.open_brackets[-1]
    is_at_end = not report.text[report.at :].strip()
    if not is_at_end and (report.line(report.at) == report.line(bracket) or _is_closed(report, bracket)):
        return None
    opener = report.text[bracket]
    what = "list" if opener == "[" else "mapping"
    return report.problem(
        bracket, f"the bracket {opener} is not closed", f"write {_CLOSER[opener]} at the end of the {what}"
    )


def _is_closed(report: ParserReport, bracket: int) -> bool:
    """Return whether a bracket is closed before the next line that can only be a key of the surrounding mapping."""
    before = report.text[report.lines.bounds(bracket)[0] : bracket]
    indent = len(before) - len(before.lstrip()) if before.strip() else -1
    depth = 0
    for match in _BRACKETS.finditer(report.text, bracket):
        if match["key"] and len(match["indent"]) <= indent:
            return False
        if match["bracket"]:
            depth += 1 if match["bracket"] in _CLOSER else -1
            if depth == 0:
                return True
    return False


def _tab(report: ParserReport) -> Problem | None:
    start, _ = report.lines.bounds(report.at)
    line = report.rest(start)
    tab = line[: len(line) - len(line.lstrip())].find("\t")
    if tab >= 0 and not report.open_brackets:
        message = "the indentation contains a tab, but YAML allows only spaces"
        return report.problem(start + tab, message, "indent with spaces; many editors can convert tabs")
    if report.character == "\t":
        return report.problem(
            report.at, "there is a tab where YAML allows only spaces", "write a space instead"
        )
    return None


def _first_character(report: ParserReport) -> Problem | None:
    """Return the text that begins with a character that has a special meaning in YAML."""
    if "scanning a directive" in report.context or "%YAML directive" in report.context:
        hint = "remove the line; specs need no directives"
        return report.problem(report.began, "a line that begins with % is a directive in YAML", hint)
    if re.search("cannot start any token|mapping keys are not allowed", report.message):
        start = report.at
    elif _OTHER_MEANING.search(f"{report.context} {report.message}"):
        start = report.began
    else:
        return None
    text = report.rest(start)
    word = re.split(r"[\s,\]}]", text, maxsplit=1)[0]
    shown = "a backtick" if text.startswith("`") else f"`{text[:1]}`"
    hint = f"quote the whole text: {_quote(text)}"
    return report.problem(start, f"text cannot begin with {shown}", hint, end=start + len(word))


def _second_value(report: ParserReport) -> Problem | None:
    """Return a colon that would begin a value within another value."""
    if "mapping values are not allowed" not in report.message:
        return None
    if earlier := re.search(r":(?=\s)", report.before):
        value = report.rest(report.at - len(report.before) + earlier.end())
        message = "unquoted text cannot contain a colon followed by a space"
        return report.problem(report.at, message, f"quote the text: {_quote(value)}")
    start = report.at - len(report.before.lstrip())
    text_above: list[tuple[int, str]] = []
    for offset, line in report.above(report.at):
        owner = _KEY.match(line)
        if owner is None:
            text_above.append((offset, line))
            continue
        if not text_above or (line[owner.end() :].strip() and not _MISSING_SPACE.search(text_above[0][1])):
            key = shorten_value(report.before.strip())
            message = (
                f"`{key}:` is part of the text of `{shorten_value(owner[1])}:` on line {report.line(offset)}"
            )
            hint = f"to begin a key, indent it to column {report.column(offset)}; if it is text, quote the whole text"
            return report.problem(start, message, hint, end=report.at)
        break
    for offset, line in text_above:
        if _MISSING_SPACE.search(line):
            return _no_key(report, offset)
    return _no_key(report, text_above[-1][0]) if text_above else None


def _line_without_key(report: ParserReport) -> Problem | None:
    return _no_key(report, report.began) if "could not find expected ':'" in report.message else None


def _no_key(report: ParserReport, start: int) -> Problem:
    """Return the problem of a line in a mapping that is not `key: value`."""
    line = report.rest(start)
    if re.match(r"-\S", line):
        return report.problem(
            start, "a space is missing after the `-` of a list item", f"write `- {shorten_value(line[1:])}`"
        )
    if missing := _MISSING_SPACE.search(line):
        key, value = shorten_value(line[: missing.start()]), shorten_value(line[missing.end() :])
        return report.problem(
            start + missing.start(), "a space is missing after the colon", f"write `{key}: {value}`"
        )
    message = f"the key has no colon: `{shorten_value(line)}`"
    hint = "write `key: value`; if it continues the text above, indent it deeper"
    return report.problem(start, message, hint, end=start + len(line))


def _after_value(report: ParserReport) -> Problem | None:
    """Return the text after the quote or bracket that closes a value."""
    done = report.before.rstrip()
    if not _MISPLACED.search(report.message) or not done.endswith(("'", '"', "]", "}")):
        return None
    if done[-1] in "]}":
        if report.character in tuple("]}"):
            return report.problem(
                report.at,
                f"unmatched `{report.character}`: the opening bracket is missing",
                "remove it; if it is text, quote the whole text",
            )
        start = report.lines.bounds(report.at)[0] + (done.find("{{") if "{{" in done else len(report.before))
        message = f"text continues after the bracket `{done[-1]}`"
        return report.problem(
            start, message, f"quote the whole text: {_quote(report.rest(start))}" if "{{" in done else _WHOLE
        )
    quote, end = done[-1], report.at - len(report.before) + len(done)
    if report.last.end == end and report.line(report.last.start) < report.line(report.at):
        message = f"the quote {quote} that opens here is closed only on line {report.line(report.at)}"
        return report.problem(report.last.start, message, "close it on its own line")
    escaped = {"'": "single quotes an apostrophe is written ''", '"': 'double quotes a quote is written \\"'}[
        quote
    ]
    hint = f"within {escaped}; if the quotes are part of the text, {_WHOLE}"
    return report.problem(report.at, f"text continues after the closing quote {quote}", hint)


def _indentation(report: ParserReport) -> Problem | None:
    """Return a line whose indentation matches no line above."""
    if not _MISPLACED.search(report.message) or report.before.strip():
        return None
    if report.character == ":":
        return report.problem(report.at, "the key before the colon is missing", "write the key before it")
    columns: list[int] = []
    for offset, line in report.above(report.at):
        if line == "...":
            message = "text continues after `...`, which ends the YAML document"
            return report.problem(report.at, message, "remove the line with `...`", end=report.end(report.at))
        columns += [report.column(offset)] if not columns or report.column(offset) < columns[-1] else []
        if columns[-1] == report.column(report.at):
            is_item = report.rest(report.at).startswith("-")
            what, others = ("a list item", "keys") if is_item else ("a key", "list items")
            if is_item == line.startswith("-"):
                break
            hint = "indent it below the line that it belongs to"
            return report.problem(report.at, f"{what} is among {others}", hint, end=report.end(report.at))
    if not columns:
        return None
    expected = " or ".join(map(str, sorted(columns)))
    message = "the indentation of this line matches no line above"
    return report.problem(report.at, message, f"indent it to column {expected}", end=report.end(report.at))


def _within_brackets(report: ParserReport) -> Problem | None:
    if "node content" in report.message:
        if report.rest(report.at).startswith(": "):
            return report.problem(report.at, "the key before the colon is missing", "write the key before it")
        if report.character == ",":
            return report.problem(
                report.at, "the value before this comma is missing", "remove the comma, or write the value"
            )
        word = re.split(r"[\s,\]}]", report.rest(report.at), maxsplit=1)[0] or report.character
        return report.problem(
            report.at,
            f"`{shorten_value(word)}` is not allowed here",
            f"remove it; if it is text, quote it: {_quote(word)}",
        )
    if not report.open_brackets or not re.search(r"expected ',' or", report.message):
        return None
    bracket = report.open_brackets[-1]
    opener = report.text[bracket]
    if report.character in tuple("]}"):
        message = f"`{report.character}` does not close `{opener}`"
        opened = (Span(bracket, bracket + 1), "opened here")
        return report.problem(report.at, message, f"write `{_CLOSER[opener]}` instead", related=opened)
    if report.character == ":":
        hint = "separate two entries with a comma; if it is text with a colon, quote the text"
        return report.problem(report.at, "this colon would begin a second value", hint)
    return report.problem(report.at, "a comma is missing here", "separate entries with commas")


def _block_structure(report: ParserReport) -> Problem | None:
    if "sequence entries are not allowed" in report.message:
        return report.problem(
            report.at,
            "a list cannot begin on the same line as its key",
            "begin the list on the next line, or write [a, b]",
        )
    if "block scalar" in report.context:
        sign = report.text[report.began : report.began + 1]
        if "indicator" in report.message:
            hint = f"write only `{sign}`, or `{sign}2` for an indentation of two"
            return report.problem(report.at, f"the number after `{sign}` must be from 1 to 9", hint)
        message = f"text cannot follow `{sign}` on the same line"
        return report.problem(
            report.at, message, f"begin the text on the next line; if `{sign}` is text, quote the whole text"
        )
    return None


_RECOGNIZERS: Final[tuple[Callable[[ParserReport], Problem | None], ...]] = (
    _conflict_marker,
    _quote_text,
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


def _quote(text: str) -> str:
    """Return text of the spec in quotes."""
    shown = shorten_value(text.strip())
    return f"'{shown}'" if '"' in shown or "\\" in shown else f'"{shown}"'
