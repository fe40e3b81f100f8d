"""Security boundary: the only place where the text of a spec becomes code.

A template can emit a value only through one of these filters; each answers `Code`, and the environment refuses to print
anything else. Text that a spec's author chose can thereby end up as a constant, a checked identifier, a docstring or a
comment, and nothing more. What a filter cannot express safely it refuses with `UnsafeTextError`.
"""

from __future__ import annotations

import ast
import json
import keyword
import math
import re
import shlex
import textwrap
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from speccast.specs.alike import once_per_parameter
from speccast.specs.invisible import INVISIBLE, json_visible, unicode_escape
from speccast.targets.python import declarations

_json_string = json.encoder.encode_basestring  # in C, where Python has that

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from _typeshed import DataclassInstance

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

WIDTH = 100
"""Columns at which prose is wrapped."""


class Code(str):
    """Text that is safe to stand in an output file as it is."""

    __slots__ = ()


_SHORT = 1000
"""Characters up to which a text is worth remembering: most models have the same names, limits and sentences."""


class CheckedSource(str):
    """Source of one module of parameter models, known to consist of nothing else."""

    __slots__ = ()


class UnsafeTextError(ValueError):
    """A value that a filter will not turn into code: a fault of a template or of a name that was not checked."""


def literal(value: object) -> Code:
    """A Python literal: JSON values, tuples of them, and enum members that say how they are written.

    Every character that is not printable is escaped, so neither line ends nor direction marks reach the source.
    """
    return Code(_literal(value))


def one_of(values: Sequence[object]) -> Code:
    """The end of a comparison with what a value may be: `== 'a'`, or `in ('a', 'b', )`."""
    return Code(f"== {_literal(values[0])}" if len(values) == 1 else f"in {_literal(values)}")


def identifier(name: str) -> Code:
    """A name, checked to be one, and to be the one that Python reads it as."""
    if not name.isidentifier() or keyword.iskeyword(name) or unicodedata.normalize("NFKC", name) != name:
        raise UnsafeTextError(f"{name!r} is no identifier")
    return Code(name)


def dotted(name: str) -> Code:
    """A dotted module path, every part checked."""
    return Code(".".join(identifier(part) for part in name.split(".")))


def relative(name: str) -> Code:
    """The path of a module relative to the package, such as `._runtime.jobs`."""
    if not name.startswith("."):
        raise UnsafeTextError(f"{name!r} is no relative module")
    return Code("." + dotted(name[1:]))


def docstring(text: str, indent: int = 0) -> Code:
    """A docstring with its quotes, wrapped at `WIDTH` columns and indented by `indent` spaces."""
    margin = " " * indent
    lines = [
        wrapped
        for line in text.strip().split("\n")
        for wrapped in (_wrapped if len(line) <= _SHORT else _wrap)(line, WIDTH - indent)
    ]
    body = "\n".join(_visible(line.replace("\\", "\\\\")).replace('"""', '\\"\\"\\"') for line in lines)
    if "\n" in body:
        body = re.sub(r" +\n", "\n", body.replace("\n", f"\n{margin}") + f"\n{margin}")
    elif body.endswith(('"', "\\")):
        body += " "
    return Code(f'"""{body}"""')


def comment(text: str) -> Code:
    """One line of a comment of Python, TOML or HTML, without the signs around it.

    It neither ends the comment nor says anything to a tool (`# noqa`, `coding: …`).
    """
    flat = _visible(" ".join(text.split()))
    return Code(re.sub("[#>]|(?<=coding)[:=]", lambda found: f"\\x{ord(found[0]):02x}", flat))


def annotation(parameter: Parameter, owner: str) -> Code:
    """The type of an argument; `owner` is the class whose members the classes of nested objects are named after."""
    return Code(declarations.annotation(parameter, owner, literal))


def constructor(value: DataclassInstance) -> Code:
    """The call that makes an object of `speccast.core`, without its fields that have their default."""
    return Code(declarations.constructor(value, literal))


def class_imports(value: DataclassInstance, package: str) -> Code:
    """The statements that import the classes that `constructor` writes from the modules of a package."""
    return Code(declarations.class_imports(value, package))


parameter_data = once_per_parameter(constructor)


def keywords(text: str) -> Code:
    """Words of Python's own, such as `async def`; nothing, too."""
    if not all(keyword.iskeyword(word) for word in text.split()):
        raise UnsafeTextError(f"{text!r} is not made of keywords")
    return Code(text)


def json_text(value: Json) -> Code:
    """JSON on one line, with nothing but ASCII in it."""
    return Code(json.dumps(value, ensure_ascii=True, allow_nan=False))


def json_document(value: Json) -> Code:
    """JSON for people, two spaces a level. Every character that could not be seen is escaped."""
    return Code(json_visible(_json_lines(value, "\n")) + "\n")


def bundle(text: str) -> Code:
    """The text of a `_specs.json`, checked to be JSON."""
    json.loads(text)
    return Code(text)


def toml(value: str | Iterable[str]) -> Code:
    """A TOML string or an array of strings. TOML has no way to write a lone surrogate."""
    if isinstance(value, str):
        if re.search("[\ud800-\udfff]", value):
            raise UnsafeTextError(f"{value!r} is no text in TOML")
        escaped = re.sub(r'["\\]', r"\\\g<0>", value)
        return Code('"' + INVISIBLE.sub(lambda found: unicode_escape(found[0]), escaped) + '"')
    return Code("[" + ", ".join(toml(item) for item in value) + "]")


def params_source(source: str) -> Code:
    """Source of parameter models, which `speccast.targets.python.params_code` has checked node by node."""
    if not isinstance(source, CheckedSource):
        raise UnsafeTextError("the source of parameter models has not been checked")
    return Code(source)


def markdown(text: str) -> Code:
    """Prose in Markdown: no markup, no HTML, no link, no line of its own meaning, one paragraph or cell."""
    return _known_prose(text) if len(text) <= _SHORT else _prose(text)


def markdown_link(address: str) -> Code:
    """An address as a link to itself; prose, where it is no plain address of the web."""
    if re.fullmatch(r"https?://[A-Za-z0-9/._~:?#@!$&'()*+,;=%-]+", address):
        return Code(f"<{address}>")
    return markdown(address)


def markdown_code(text: str) -> Code:
    """Text as inline code in a cell of a table in Markdown, fenced so that it cannot end early."""
    flat = _visible(" ".join(str(text).split())).replace("|", "\\|")
    runs = [len(run) for run in re.findall(r"`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    space = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return Code(f"{fence}{space}{flat}{space}{fence}")


def quick_start(api: Api, model: Model) -> Code:
    """A few lines of Python that call a model with what must be given, and save what it answers.

    Every line begins with code, so that none can end the fenced block of a Markdown page.
    """
    given = []
    for parameter in model.parameters:
        if parameter.must_be_given or parameter.name == "prompt":
            value = next(iter((*parameter.examples, *parameter.choices)), None)
            shown = (model.example or {}).get(parameter.wire, value)
            given.append(f"{identifier(parameter.name)}={literal(shown if shown is not None else '…')}")
    arguments = ", ".join(given)
    if len(arguments) > 80:
        arguments = "\n" + "".join(f"    {argument},\n" for argument in given)
    call = f"client.{identifier(model.module)}.{'generate' if model.is_sync else 'submit'}({arguments})"
    lines = [
        f"from {identifier(api.package)} import {identifier(api.client)}",
        "",
        f"client = {identifier(api.client)}()",
    ]
    if model.is_sync:
        lines += [f"result = {call}", "print(result.save())  # the paths of the files written"]
    else:
        lines += [f"job = {call}", "print(job.wait().save())  # the paths of the files written"]
    source = "\n".join(lines)
    ast.parse(source)
    return Code(source)


def shell(word: str) -> Code:
    """One word of a command, quoted for a POSIX shell."""
    return Code(shlex.quote(_visible(word)))


def model_docstring(model: Model, indent: int = 0) -> Code:
    """The docstring of a model's class."""
    return docstring(declarations.model_documentation(model), indent)


def method_docstring(model: Model, method: str, indent: int = 8) -> Code:
    """The docstring of a model's method: what it does and every parameter with range, default and meaning."""
    return docstring(declarations.method_documentation(model, method), indent)


FILTERS: dict[str, Callable[..., Code]] = {
    "annotation": annotation,
    "bundle": bundle,
    "class_imports": class_imports,
    "comment": comment,
    "constructor": constructor,
    "docstring": docstring,
    "dotted": dotted,
    "identifier": identifier,
    "json": json_text,
    "json_document": json_document,
    "keywords": keywords,
    "literal": literal,
    "markdown": markdown,
    "markdown_code": markdown_code,
    "markdown_link": markdown_link,
    "method_docstring": method_docstring,
    "model_docstring": model_docstring,
    "one_of": one_of,
    "parameter_data": parameter_data,
    "params_source": params_source,
    "quick_start": quick_start,
    "relative": relative,
    "shell": shell,
    "toml": toml,
}


def _prose(text: str) -> Code:
    flat = _visible(" ".join(text.split()))
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = re.sub(r"[\\`*_{}\[\]|~$#]|^[-+=]|:(?=//)", r"\\\g<0>", flat)
    # GitHub makes links of what looks like an address.
    flat = re.sub(r"(?<![A-Za-z0-9])(www)\.", r"\1\\.", flat, flags=re.IGNORECASE)
    return Code(re.sub(r"^(\d+)([.)])", r"\1\\\2", flat))


_known_prose = lru_cache(4096)(_prose)


def _literal(value: object) -> str:
    if type(value) is str:
        return _known_string(value) if len(value) <= _SHORT else _string(value)
    if isinstance(value, Enum):
        return identifier(value.name)
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnsafeTextError(f"{value!r} is no JSON number")
        return repr(value)
    if isinstance(value, tuple):
        return "(" + "".join(f"{_literal(item)}, " for item in value) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    # To write what is undefined is an error of Jinja's, which says what it is.
    raise UnsafeTextError(f"{value} is no literal but a {type(value).__name__}")


def _string(text: str) -> str:
    quote = '"' if "'" in text and '"' not in text else "'"
    return quote + _visible(text.replace("\\", "\\\\").replace(quote, f"\\{quote}")) + quote


_known_string = lru_cache(4096)(_string)


def _visible(text: str) -> str:
    """Text with an escape of Python's in place of every character that could not be seen."""
    if text.isascii() and text.isprintable():
        return text  # as nearly all is
    return INVISIBLE.sub(lambda found: _SHORT_ESCAPES.get(found[0]) or _escape(found[0]), text)


_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) <= 0xFF else unicode_escape(character)


def _json_lines(value: object, margin: str) -> str:
    """What `json.dumps` gives with `indent=2`, which takes it one step of Python a token; `margin` begins a line."""
    if isinstance(value, str):
        return _json_string(value)
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        members = [f"{_json_string(key)}: {_json_lines(member, inner)}" for key, member in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{margin}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{f',{inner}'.join([_json_lines(item, inner) for item in value])}{margin}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _wrap(line: str, width: int) -> list[str]:
    if not line.strip():
        return [""]
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


_wrapped = lru_cache(4096)(_wrap)
