"""Security boundary: the filters that only Python needs, in addition to those of `speccast.targets.filters`.

Text of a spec can end up as a constant, a checked identifier or a docstring, and nothing more.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from enum import Enum
from typing import TYPE_CHECKING

from speccast.core.parameter import Parameter
from speccast.specs.identifiers import is_identifier
from speccast.specs.identity_cache import cached_by_identity
from speccast.targets.filters import WIDTH, Code, UnsafeTextError, visible, wrap
from speccast.targets.python import declarations, documentation
from speccast.targets.python.example import page_example, sample_path, sample_value
from speccast.targets.python.names import python_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _typeshed import DataclassInstance

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json
    from speccast.core.places import EventPlaces


class CheckedSource(str):
    """Source of a module of parameter models that `speccast.targets.python.params_code` has checked."""

    __slots__ = ()


def literal(value: object) -> Code:
    """Return a Python literal of a JSON value, a tuple or an enum member.

    Invisible characters are escaped, so neither line ends nor direction marks reach the source.
    """
    return Code(_literal(value))


def one_of(values: Sequence[object]) -> Code:
    """Return the right side of a comparison with one or several values: `== 'a'` or `in ('a', 'b', )`."""
    return Code(f"== {_literal(values[0])}" if len(values) == 1 else f"in {_literal(values)}")


def subscripts(path: Sequence[object]) -> Code:
    """Return the subscripts of a path in JSON: `['a'][0]`."""
    return Code("".join(f"[{_literal(step)}]" for step in path))


def media_type_of(values: Sequence[str]) -> Code:
    """Return the right side of a check of a media type: a comparison, or a call of `startswith` for a range (`image/*`)."""
    if not any("*" in value for value in values):
        return one_of(values)
    return Code(f".startswith({_literal(tuple(value.partition('*')[0] for value in values))})")


def identifier(name: str) -> Code:
    """Return a legal Python identifier in the form that Python normalizes it to."""
    if not is_identifier(name) or keyword.iskeyword(name):
        raise UnsafeTextError(f"{name!r} is not an identifier")
    return Code(name)


def dotted(name: str) -> Code:
    """Return a dotted module path of legal identifiers."""
    return Code(".".join(identifier(part) for part in name.split(".")))


def relative(name: str) -> Code:
    """Return a module path relative to the package, such as `._runtime.jobs`."""
    if not name.startswith("."):
        raise UnsafeTextError(f"{name!r} is not a relative module path")
    return Code("." + dotted(name[1:]))


def docstring(text: str, indent: int = 0) -> Code:
    """Return a docstring with its quotes, wrapped at `WIDTH` columns and indented by `indent` spaces."""
    margin = " " * indent
    lines = [wrapped for line in text.strip().split("\n") for wrapped in wrap(line, WIDTH - indent)]
    body = "\n".join(visible(line.replace("\\", "\\\\")).replace('"""', '\\"\\"\\"') for line in lines)
    if "\n" in body:
        body = re.sub(r" +\n", "\n", body.replace("\n", f"\n{margin}") + f"\n{margin}")
    elif body.endswith(('"', "\\")):
        body += " "
    return Code(f'"""{body}"""')


def annotation(parameter: Parameter, owner: str) -> Code:
    """Return the type of an argument. Classes of nested objects are named after the class `owner`."""
    if parameter.properties or parameter.items is not None or parameter.branches:
        return Code(declarations.annotation(parameter, owner, literal))
    return _scalar_annotation(parameter)


@cached_by_identity
def _scalar_annotation(parameter: Parameter) -> Code:
    return Code(declarations.annotation(parameter, "", literal))


def constructor(value: DataclassInstance) -> Code:
    """Return the expression that constructs an object of the runtime's core, without the fields that have their default."""
    if isinstance(value, Parameter):
        return _parameter_constructor(value)
    return Code(declarations.constructor(value, literal))


@cached_by_identity
def _parameter_constructor(parameter: Parameter) -> Code:
    return Code(declarations.constructor(parameter, literal))


def class_imports(value: DataclassInstance, package: str) -> Code:
    """Return the statements that import the classes that `constructor` needs from the modules of a package."""
    return Code(declarations.class_imports(value, package))


def keywords(text: str) -> Code:
    """Return Python keywords such as `async def`, or nothing."""
    if not all(keyword.iskeyword(word) for word in text.split()):
        raise UnsafeTextError(f"{text!r} does not consist of keywords")
    return Code(text)


def params_source(source: str) -> Code:
    """Return the source of parameter models, checked node by node in `speccast.targets.python.params_code`."""
    if not isinstance(source, CheckedSource):
        raise UnsafeTextError("the source of parameter models has not been checked")
    return Code(source)


def quick_start(api: Api, model: Model) -> Code:
    """Return a few lines that call a model with the page's example, on each of its surfaces, and use the result.

    Every line begins with code, so that none can end the fenced block of a Markdown page.
    """
    named = python_model(model)
    example = page_example(api, model)
    if example is None:
        example = {
            parameter.wire: (model.example or {}).get(parameter.wire, sample_value(parameter))
            for parameter in named.parameters
            if parameter.must_be_given or parameter.name == "prompt"
        }
    names = {parameter.wire: parameter.name for parameter in named.parameters}
    values = {wire: literal(value) for wire, value in example.items()}
    files = {each.wire: _sample_file(each) for each in named.parameters if _needs_file(each, example)}
    given = [f"{identifier(names[wire])}={value}" for wire, value in {**values, **files}.items()]
    arguments = ", ".join(given)
    if len(arguments) > 80:
        arguments = "\n" + "".join(f"    {argument},\n" for argument in given)
    target = f"client.{identifier(named.module)}"
    lines = ["from pathlib import Path", ""] if files else []
    lines += [
        f"from {identifier(api.package)} import {identifier(api.client)}",
        "",
        f"client = {identifier(api.client)}()",
    ]
    if model.is_sync:
        lines += [f"result = {target}.generate({arguments})", _print_call(api, model, is_job=False)]
    if api.event_places(model) is not None:
        lines += ["", f"with {target}.stream({arguments}) as stream:", "    for piece in stream:"]
        lines.append("        print(piece, end='', flush=True)")
    if model.is_async:
        lines += ["", f"job = {target}.submit({arguments})", "result = job.wait()"]
        lines.append(_print_call(api, model, is_job=True))
    source = "\n".join(lines)
    ast.parse(source)
    return Code(source)


def _needs_file(parameter: Parameter, example: Mapping[str, Json]) -> bool:
    """Return whether a sample passes a file: content is required, and the example has none."""
    content = parameter.items or parameter
    return (
        parameter.required
        and content.is_media
        and (content.type == "file" or example.get(parameter.wire) == "…")
    )


def _sample_file(parameter: Parameter) -> str:
    path = f"Path({literal(sample_path(parameter))})"
    return path if parameter.items is None else f"[{path}]"


def _print_call(api: Api, model: Model, *, is_job: bool) -> str:
    places = api.answers_of(model).places
    if "text" in (places.result if is_job else places.sync):
        return "print(result.text)"
    use = documentation.use_of_result(model, is_job=is_job)
    return f"print({use})" + ("  # the paths of the files written" if use.endswith("save()") else "")


def model_docstring(model: Model, indent: int = 0) -> Code:
    """Return the docstring of a model's class."""
    return docstring(documentation.model_documentation(model), indent)


def method_docstring(
    model: Model,
    method: declarations.Method,
    events: EventPlaces | None = None,
    indent: int = 8,
) -> Code:
    """Return the docstring of a model's method: what it does and every parameter with range, default and meaning.

    `events` are those of its streamed responses.
    """
    return docstring(documentation.method_documentation(model, method, events), indent)


def member_docstring(parameter: Parameter, indent: int = 4) -> Code:
    """Return the docstring of a member of a nested object, or nothing."""
    text = documentation.member_documentation(parameter)
    return docstring(text, indent) if text else Code("")


FILTERS: Mapping[str, Callable[..., Code]] = {
    "annotation": annotation,
    "class_imports": class_imports,
    "constructor": constructor,
    "docstring": docstring,
    "dotted": dotted,
    "identifier": identifier,
    "keywords": keywords,
    "literal": literal,
    "member_docstring": member_docstring,
    "method_docstring": method_docstring,
    "model_docstring": model_docstring,
    "media_type_of": media_type_of,
    "one_of": one_of,
    "params_source": params_source,
    "quick_start": quick_start,
    "relative": relative,
    "subscripts": subscripts,
}


def _literal(value: object) -> str:
    if type(value) is str:
        return _string(value)
    if isinstance(value, Enum):
        return identifier(value.name)
    if isinstance(value, str):  # a subclass, which could also be an enum
        return _string(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnsafeTextError(f"{value!r} is not a JSON number")
        return repr(value)
    if isinstance(value, tuple):
        return "(" + "".join(f"{_literal(item)}, " for item in value) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    # Formatting an undefined variable raises Jinja's error, which names it.
    raise UnsafeTextError(f"{value} is a {type(value).__name__}, which has no literal")


def _string(text: str) -> str:
    quote = '"' if "'" in text and '"' not in text else "'"
    return quote + visible(text.replace("\\", "\\\\").replace(quote, f"\\{quote}")) + quote
