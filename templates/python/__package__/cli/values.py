"""Parses arguments of the command line into JSON values.

An argument that does not match its parameter's type stays a text: the client's check then reports it together with all
other violations, and with --no-validate it is sent as typed. Only unreadable input (a missing file, invalid JSON) is
reported here.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from .._runtime.typed_texts import UnreadableError, as_unicode, number_of, parse_json, value_of
from .options import destination
from .terminal import is_terminal, print_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .._core.parameter import Json, Parameter


@dataclass
class StandardInput:
    """Standard input, which only one option of a command can read."""

    reader: str = field(default="", init=False)

    def read(self, flag: str) -> str:
        """Return the whole input as text, without the newline at its end.

        Raises:
            UnreadableError: another option has read it already, it is closed, or it is not UTF-8.
        """
        stream = self._open(flag)
        if is_terminal(sys.stdin):
            print_message(f"Reading {flag} from the keyboard; end with Ctrl-D on an empty line.")
        text = _decode(stream.read())
        return text.removesuffix("\n").removesuffix("\r")

    # speccast: if files
    def file(self, flag: str) -> BinaryIO:
        """Return the input as a file object that can seek: a temporary file if it is a pipe.

        Raises:
            UnreadableError: as `read`, or it is a terminal.
        """
        stream = self._open(flag)
        if is_terminal(sys.stdin):
            raise UnreadableError("standard input is a terminal: redirect a file to it")
        if stream.seekable():
            return stream
        from shutil import copyfileobj
        from tempfile import TemporaryFile

        with ExitStack() as stack:
            copy = stack.enter_context(TemporaryFile())
            copyfileobj(stream, copy)
            copy.seek(0)
            click.get_current_context().call_on_close(stack.pop_all().close)
        return copy

    # speccast: end
    def _open(self, flag: str) -> BinaryIO:
        if self.reader:
            raise UnreadableError(f"standard input was already read for {self.reader}")
        self.reader = flag
        if sys.stdin is None:
            raise UnreadableError("standard input is closed")
        return sys.stdin.buffer


def collect(
    parameters: Sequence[Parameter], given: Mapping[str, object], stdin: StandardInput
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values that flags give, by parameter name, and by flag what could not be read.

    `given` maps `options.destination` to what click parsed: a text, a tuple of texts, or a bool.
    """
    values: dict[str, object] = {}
    problems: dict[str, str] = {}
    for parameter in parameters:
        word = given.get(destination(parameter))
        try:
            match word:
                case bool():
                    values[parameter.name] = word
                case str():
                    values[parameter.name] = _value(parameter, word, stdin)
                case tuple():
                    words = tuple(map(str, cast("tuple[object, ...]", word)))
                    values[parameter.name] = _array(parameter, words, stdin)
                case _:
                    pass
        except UnreadableError as error:
            problems[parameter.flag] = str(error)
    return values, problems


def read_object(source: str, flag: str, stdin: StandardInput) -> dict[str, Json]:
    """Return the JSON object in a file, or in standard input for `-`.

    Raises:
        UnreadableError: it cannot be read, or is not an object.
    """
    value = parse_json(stdin.read(flag) if source == "-" else _file(source))
    if not isinstance(value, dict):
        raise UnreadableError("does not contain a JSON object of parameters")
    return value


# speccast: if files
def with_paths(parameters: Sequence[Parameter], values: Mapping[str, Json]) -> dict[str, Any]:
    """Return values by wire name, in which texts for files are the paths of these files."""
    files = {each.wire for each in parameters if (each.items or each).type == "file"}

    def path(value: Json) -> object:
        if isinstance(value, list):
            return [path(item) for item in value]
        if isinstance(value, str) and not re.match("(?i)data:", value):
            return Path(value)
        return value

    return {name: path(value) if name in files else value for name, value in values.items()}


# speccast: end
def read_assignments(words: Iterable[str]) -> dict[str, Json]:
    """Return the values of arguments NAME=JSON.

    Raises:
        UnreadableError: an argument has no `=`, or no valid JSON after it.
    """
    values: dict[str, Json] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise UnreadableError(f"{word!r} is not NAME=JSON")
        try:
            values[name] = parse_json(text)
        except UnreadableError as error:
            raise UnreadableError(f"{name}: {error}; quote a text, as in '{name}=\"text\"'") from None
    return values


def _value(parameter: Parameter, word: str, stdin: StandardInput) -> object:
    if parameter.nullable and word == "null":
        return None
    # speccast: if files
    if (media := _media(parameter)) is not None:
        return _content(parameter, media, word, stdin)
    # speccast: end
    kinds = {form.type for form in parameter.branches or (parameter,)}
    if word == "-" and "string" in kinds:
        word = stdin.read(parameter.flag)
        if parameter.type == "string":
            return word
    elif kinds & {"array", "object"}:
        word = _resolve_file(word, parameter.flag, stdin)
    return value_of(parameter, word)


# speccast: if files
def _media(parameter: Parameter | None) -> Parameter | None:
    """Return the parameter, its branch, or the items of its array that take content."""
    if parameter is None or parameter.is_media:
        return parameter
    return next(filter(None, map(_media, (*parameter.branches, parameter.items))), None)


def _content(parameter: Parameter, media: Parameter, word: str, stdin: StandardInput) -> object:
    """Return the content that an argument means: of a file, standard input, an address or a data URI; else JSON."""
    forms = parameter.branches or (parameter,)
    kinds = {form.type for form in forms}
    first = word.lstrip()[:1]
    if (first == "[" and "array" in kinds) or (first == "{" and not kinds <= {"string", "file"}):
        with suppress(UnreadableError):  # the name of a file can begin so
            return parse_json(word)
    if "boolean" in kinds and word in ("true", "false"):
        return word == "true"
    if kinds & {"integer", "number"}:
        number = number_of(word, integral="integer" in kinds)
        if not isinstance(number, str):
            return number
    value: object = Path(word.removeprefix("@"))
    if word in ("-", "@-"):
        value = stdin.file(parameter.flag)
    elif not word or word in (media.default, *media.choices) or _is_text(word):
        value = as_unicode(word)
    return value if media in forms else [value]


def _is_text(word: str) -> bool:
    """Return whether an argument is an address or a data URI, and not a path. The check refuses addresses of files."""
    from .._core.media import is_address

    return is_address(word) or re.match("(?i)(data|file):", word) is not None


# speccast: end
def _array(parameter: Parameter, words: tuple[str, ...], stdin: StandardInput) -> object:
    # speccast: if unions
    if parameter.branches:
        if len(words) == 1:
            return _value(parameter, words[0], stdin)
        parameter = next(branch for branch in parameter.branches if branch.type == "array")
    # speccast: end
    if parameter.nullable and words == ("null",):
        return None
    # speccast: if files
    if _media(parameter) is not None:
        contents: list[object] = []
        for word in words:
            value = _value(parameter, word, stdin)
            contents += cast("list[object]", value) if isinstance(value, list) else [value]
        return contents
    # speccast: end
    items: list[Json] = []
    for word in words:
        if word.startswith(("[", "@")):
            value = parse_json(_resolve_file(word, parameter.flag, stdin))
            items += value if isinstance(value, list) else [value]
        else:
            items.append(parse_json(word) if parameter.items is None else value_of(parameter.items, word))
    return items


def _resolve_file(word: str, flag: str, stdin: StandardInput) -> str:
    """Return the content of `@FILE` or `@-`, or the argument itself."""
    if not word.startswith("@"):
        return word
    return stdin.read(flag) if word == "@-" else _file(word[1:])


def _file(name: str) -> str:
    try:
        return _decode(Path(name).expanduser().read_bytes())
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableError(f"cannot read {name}: {reason}") from None


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not UTF-8 text") from None
