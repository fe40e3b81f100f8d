"""Security boundary: the filters that every target has, and the only way for text of a spec into an output file.

A template prints a value through a filter; each filter returns `Code`, and the environment refuses to print anything
else. Text that the author of a spec chose can therefore end up as a literal, a checked name, prose or a comment, and
nothing more. A filter raises `UnsafeTextError` for what it cannot express safely.
"""

from __future__ import annotations

import json
import math
import re
import shlex
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn
from unicodedata import ucd_3_2_0 as unicode_3_2

from speccast.specs.invisible_characters import INVISIBLE, json_visible, unicode_escape
from speccast.specs.json_layout import json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from speccast.core.parameter import Json

WIDTH = 100
"""Columns at which prose is wrapped."""


class Code(str):
    """Text that is safe in an output file without escaping."""

    __slots__ = ()


class UnsafeTextError(ValueError):
    """A filter refused a value: the template is wrong, or a name was not checked."""


def json_text(value: Json) -> Code:
    """Return JSON on one line, ASCII only."""
    return Code(json.dumps(value, ensure_ascii=True, allow_nan=False, default=_no_json))


def json_document(value: Json) -> Code:
    """Return indented JSON that ends with a line break. Invisible characters are escaped."""
    return Code(json_visible(json_lines(value, "\n", "  ", _encode)) + "\n")


def bundle(text: str) -> Code:
    """Return a text that is JSON already, such as `specs_json(api)`."""
    json.loads(text)
    return Code(text)


def javascript(value: Json) -> Code:
    """Return a JavaScript or TypeScript literal, ASCII only; also safe inside a `<script>` element."""
    return Code(_javascript(value))


def yaml(value: Json) -> Code:
    """Return a YAML value on one line (flow style). Strings are always quoted."""
    return Code(_yaml(value))


def toml(value: str | Iterable[str]) -> Code:
    """Return a TOML string, or an array of strings."""
    if isinstance(value, str):
        return Code(_double_quoted(value, "TOML"))
    return Code("[" + ", ".join(toml(item) for item in value) + "]")


def shell(word: str) -> Code:
    """Return one word of a command, quoted for a POSIX shell."""
    return Code(shlex.quote(visible(word)))


def comment(text: str) -> Code:
    """Return one line for inside a line or block comment of C, Python, HTML, SQL, Lua or ML."""
    return Code(_comment(text))


def line_comment(text: str, marker: str = "//", indent: int = 0) -> Code:
    """Return the paragraphs as line comments, wrapped; every line begins with `marker`. The first line is not indented."""
    lines = [f"{marker} {line}".rstrip() for line in _comment_lines(text, WIDTH - indent - len(marker) - 1)]
    return Code(f"\n{' ' * indent}".join(lines))


def block_comment(text: str, indent: int = 0) -> Code:
    """Return the paragraphs as a block comment, `/** … */`, wrapped. The first line is not indented."""
    lines = _comment_lines(text, WIDTH - indent - len(" * "))
    if len(lines) == 1:
        return Code(f"/** {lines[0]} */")
    margin = " " * indent
    return Code("\n".join(["/**", *(f"{margin} * {line}".rstrip() for line in lines), f"{margin} */"]))


# At most 64 characters before the @, as in RFC 5321: without a limit, a long word takes quadratic time.
_EMAIL = re.compile(
    r"((?:(?:mailto|xmpp):)?[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)++)", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def markdown(text: str) -> Code:
    """Return prose in Markdown: one paragraph or table cell without markup, HTML or links."""
    pieces = _EMAIL.split(visible(" ".join(text.split())))
    # GitHub links an e-mail address everywhere but in code; `_EMAIL` has one group.
    return Code(
        "".join(markdown_code(piece) if index % 2 else _prose(piece) for index, piece in enumerate(pieces))
    )


def _prose(flat: str) -> str:
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = re.sub(r"[\\`*_{}\[\]|~$#]|^[-+=]|:(?=//)", r"\\\g<0>", flat)
    # GitHub turns what looks like an address into a link.
    flat = re.sub(r"(?<![A-Za-z0-9])(www)\.", r"\1\\.", flat, flags=re.IGNORECASE)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", flat)


def markdown_link(address: str) -> Code:
    """Return a web address as a link to itself; anything else as prose."""
    if re.fullmatch(r"https?://[A-Za-z0-9/._~:?#@!$&'()*+,;=%-]+", address):
        return Code(f"<{address}>")
    return markdown(address)


def markdown_code(text: str) -> Code:
    """Return inline code in Markdown, also in a table cell. The fence is longer than any run of backticks in the text."""
    flat = visible(" ".join(str(text).split())).replace("|", "\\|")
    runs = [len(run) for run in re.findall(r"`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    space = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return Code(f"{fence}{space}{flat}{space}{fence}")


def identifier(name: str) -> Code:
    """Return a name of ASCII letters, digits and underscores that does not begin with a digit, unchanged."""
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise UnsafeTextError(f"{name!r} is not an identifier")
    return Code(name)


def pascal_case(name: str) -> Code:
    """Return an ASCII name such as `GuidanceScale`. A leading digit gets an underscore."""
    return _named("".join(word[:1].upper() + word[1:] for word in _words(name)))


def camel_case(name: str) -> Code:
    """Return an ASCII name such as `guidanceScale`. A leading digit gets an underscore."""
    first, *rest = _words(name)
    return _named(first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in rest))


def snake_case(name: str) -> Code:
    """Return an ASCII name such as `guidance_scale`. A leading digit gets an underscore."""
    return _named("_".join(word.lower() for word in _words(name)))


def kebab_case(name: str) -> Code:
    """Return an ASCII name such as `guidance-scale`."""
    return Code("-".join(word.lower() for word in _words(name)))


FILTERS: Mapping[str, Callable[..., Code]] = {
    "block_comment": block_comment,
    "bundle": bundle,
    "camel_case": camel_case,
    "comment": comment,
    "identifier": identifier,
    "javascript": javascript,
    "json": json_text,
    "json_document": json_document,
    "kebab_case": kebab_case,
    "line_comment": line_comment,
    "markdown": markdown,
    "markdown_code": markdown_code,
    "markdown_link": markdown_link,
    "pascal_case": pascal_case,
    "shell": shell,
    "snake_case": snake_case,
    "toml": toml,
    "yaml": yaml,
}
"""The filters of every target."""


def visible(text: str) -> str:
    """Return the text with a Python escape in place of every invisible character."""
    if text.isascii() and text.isprintable():
        return text  # the common case
    return INVISIBLE.sub(lambda found: _SHORT_ESCAPES.get(found[0]) or _escape(found[0]), text)


_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(character: str) -> str:
    return hex_escape(character) if ord(character) <= 0xFF else unicode_escape(character)


def hex_escape(character: str) -> str:
    """Return the character as `\\x23`: how comments write what would mean something to a tool."""
    return f"\\x{ord(character):02x}"


_MEANINGFUL = re.compile(
    r"""
    [#>]                 # a comment of Python, YAML or TOML; the end of one of HTML
    | (?<=coding)[:=]    # the encoding of a Python file
    | (?<=[*+])/ | /$    # */ of C and +/ of D; a slash that could begin */ or /* with what follows
    | (?<=/)[*+]         # /* and /+, which nest in some languages
    | (?<=\*)\)          # *) of ML
    | (?<=-)[}-]         # -} of Haskell; -- of XML
    | (?<=\])[\]=]       # ]] and ]=] of Lua
    | \\(?=u|$)          # a Unicode escape, which Java reads in comments; a line continuation of C
    | (?<=\?\?)/         # the same as a backslash in C
    | (?<![a-zA-Z0-9_])@(?=\S)     # @ts-ignore, and the tags of documentation generators
    """,
    re.VERBOSE,
)
"""What ends a comment in some language, begins another one, or is a directive for a tool."""

_DIRECTIVE = re.compile(
    r"[a-z]+:(?=\S)|type:|\+build|nolint|NOLINT|noqa|(?:eslint|tslint|prettier|istanbul|biome|stylelint|jshint|deno|clang|c8|v8)\b"
)
"""The beginning of a line comment that a tool may obey, such as `go:build` or `eslint-disable-line`."""


def _comment(text: str) -> str:
    """Return the text on one line, invisible characters and everything in `_MEANINGFUL` as escapes."""
    return _MEANINGFUL.sub(_meaningless, visible(" ".join(text.split())))


def _meaningless(found: re.Match[str]) -> str:
    return hex_escape(found[0])


def _comment_lines(text: str, width: int) -> list[str]:
    """Return the lines of a comment; none begins with a directive for a tool."""
    lines = [
        _comment(wrapped)
        for line in text.strip().splitlines() or [""]
        for wrapped in wrap(line.strip(), width)
    ]
    return [f"{hex_escape(line[0])}{line[1:]}" if _DIRECTIVE.match(line) else line for line in lines]


def _no_json(value: object) -> NoReturn:
    # Formatting an undefined variable raises Jinja's error, which names it.
    raise UnsafeTextError(f"{value} is a {type(value).__name__}, which JSON cannot express")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_no_json).encode


def _javascript(value: object) -> str:
    if isinstance(value, dict):
        # A quoted __proto__ would set the prototype; a computed one is a property like others.
        members = [
            f"{'[' + _javascript(key) + ']' if key == '__proto__' else _javascript(key)}: {_javascript(item)}"
            for key, item in value.items()
        ]
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_javascript, value)) + "]"
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, default=_no_json)
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _yaml(value: object) -> str:
    if isinstance(value, str):
        return _double_quoted(value, "YAML")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml_key(key)}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)  # YAML 1.1 reads 1e+22 as a string
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return json.dumps(value, allow_nan=False, default=_no_json)


def _yaml_key(key: str) -> str:
    """YAML limits a key to 1024 characters unless a question mark announces it."""
    text = _yaml(key)
    return text if len(text) <= 1000 else f"? {text} "


def _double_quoted(text: str, language: str) -> str:
    """Return a string of TOML or YAML. Neither can express a lone surrogate."""
    if re.search("[\ud800-\udfff]", text):
        raise UnsafeTextError(f"{text!r} cannot be written in {language}")
    escaped = re.sub(r'["\\]', r"\\\g<0>", text)
    return '"' + INVISIBLE.sub(lambda found: unicode_escape(found[0]), escaped) + '"'


def _words(name: str) -> list[str]:
    """Return the words of a name: runs of ASCII letters and digits, split before a capital after a small letter."""
    # The characters of Unicode 3.2, so that every version of Python makes the same words.
    text = "".join(sign for sign in unicode_3_2.normalize("NFKD", name) if not unicode_3_2.combining(sign))
    words = re.findall(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+|[0-9]+", text)
    if not words:
        raise UnsafeTextError(f"{name!r} cannot become a name: it has no ASCII letter or digit")
    return words


def _named(name: str) -> Code:
    return Code(f"_{name}" if name[0].isdigit() else name)


def wrap(line: str, width: int) -> list[str]:
    """Return a line of prose as lines of at most `width` columns, each with its indentation."""
    if not line.strip():
        return [""]
    if len(line) <= max(width, 40) and line.isprintable():
        return [line.rstrip(" ")]  # the common case, which `textwrap` would split into words and join
    margin = line[: len(line) - len(line.lstrip(" "))]
    hanging = margin + ("    " if margin else "")
    return textwrap.wrap(
        line.strip(" "),
        max(width, 40),
        initial_indent=margin,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    ) or [""]
