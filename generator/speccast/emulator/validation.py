"""Whether a request's parameters are what the spec allows: plain JSON Schema, on exact numbers.

Independent of the generated clients' own check, so that the two can be tested against each other; only the search for
patterns is shared (`core.patterns`), which is bounded: a text that would take too long to search counts as matching, as
in the client; so do further texts of a request whose searches took too long together. jsonschema-rs decides whether parameters are valid; jsonschema only explains what is wrong with the rest. Models with
patterns are always checked by jsonschema, because jsonschema-rs has another dialect of patterns. Numbers are exact on both sides (`exact`).
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from speccast.core.patterns import MAX_STEPS, PatternError, compile_pattern
from speccast.core.places import in_words
from speccast.core.suggestions import closest
from speccast.core.values import read_text
from speccast.emulator.bodies import json_type
from speccast.emulator.exact_numbers import branch_of_exact, exact, exact_number, is_multiple, plain
from speccast.errors import SpeccastError
from speccast.specs.jsonschema import tag_name
from speccast.specs.wording import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema.protocols import Validator

    from speccast.core.model import Model
    from speccast.core.parameter import Parameter

MAX_LISTED = 1000
"""Invalid values that one response lists."""

MAX_SEARCH = 10 * MAX_STEPS
"""Steps of all searches for patterns in one request."""

MAX_SHOWN = 200
"""Characters of a value that a response repeats."""

PHRASES = {
    "minimum": "must be at least {bound}",
    "maximum": "must be at most {bound}",
    "exclusiveMinimum": "must be over {bound}",
    "exclusiveMaximum": "must be under {bound}",
    "multipleOf": "must be a multiple of {bound}",
    "pattern": "must match the pattern {bound}",
    "minLength": "must have at least {bound} character{s}",
    "maxLength": "must have at most {bound} character{s}",
    "minItems": "must have at least {bound} item{s}",
    "maxItems": "must have at most {bound} item{s}",
}
LENGTHS = ("minLength", "maxLength", "minItems", "maxItems")


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """One violation of a limit. `limit` is the keyword with its bound, such as `{"maximum": 100}`."""

    path: tuple[str | int, ...]
    limit: Mapping[str, Any]
    requirement: str
    value: Any = None
    is_missing: bool = False

    @property
    def parameter(self) -> str:
        return path_text(self.path)

    @property
    def message(self) -> str:
        return f"{self.parameter} {self.requirement}"

    def as_json(self) -> dict[str, Any]:
        value = {} if self.is_missing else {"value": self.value}
        return {"parameter": self.parameter, **value, "limit": self.limit, "message": self.message}


def path_text(path: tuple[str | int, ...]) -> str:
    """Return the path of a value as text, such as `loras[0].weight`, cut if it is long."""
    return _cut(in_words(path))


class Validation:
    """Validates the parameters of one model."""

    def __init__(self, model: Model) -> None:
        """
        Raises:
            SpeccastError: a pattern of the model is not a regular expression.
        """
        schema = exact(model.schema)
        has_patterns = False
        for pattern in _patterns(schema):
            has_patterns = True
            try:
                compile_pattern(pattern)
            except PatternError as error:
                raise SpeccastError(f"{model.slug}: invalid pattern {pattern!r}: {error}") from error
        self._fast = None if has_patterns else jsonschema_rs.Draft202012Validator(schema)
        self._validator = _Validator(schema)
        self._members = model.parameters
        self._takes_text = any(map(_takes_text, model.parameters))
        self._order = {wire: position for position, wire in enumerate(each.wire for each in model.parameters)}

    def read_texts(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters in which the text of a number is the number, where the API takes it."""
        return _with_numbers(parameters, self._members) if self._takes_text else dict(parameters)

    def invalid_values(
        self, parameters: Mapping[str, Any], others: Iterable[InvalidValue] = ()
    ) -> list[InvalidValue]:
        """Return all violations with `others`, in the order of the model's parameters; unknown parameters come last."""
        parameters = self.read_texts(parameters)
        found: list[InvalidValue] = []
        if not self._is_surely_valid(parameters):
            _steps_left.set(MAX_SEARCH)
            found += islice(_invalid_values(self._validator.iter_errors(parameters)), MAX_LISTED)
        found += islice(others, MAX_LISTED)
        return sorted(found, key=lambda value: self._order.get(str(value.path[0]), len(self._order)))

    def _is_surely_valid(self, parameters: Mapping[str, Any]) -> bool:
        try:
            return self._fast is not None and self._fast.is_valid(parameters)
        except UnicodeEncodeError:
            # JSON can contain an unpaired surrogate, which only jsonschema accepts.
            return False


def _takes_text(parameter: Parameter) -> bool:
    """Return whether a parameter, or a nested one, also takes the text of a number."""
    nested = (*parameter.properties, *parameter.branches, *([parameter.items] if parameter.items else []))
    return parameter.takes_text or any(map(_takes_text, nested))


def _with_numbers(values: Mapping[str, Any], members: Iterable[Parameter]) -> dict[str, Any]:
    """Return an object in which the text of a number is the number, where a parameter takes it, so that limits apply to it."""
    by_name = {member.wire: member for member in members}
    return {
        name: _with_number(value, by_name[name]) if name in by_name else value
        for name, value in values.items()
    }


def _with_number(value: Any, parameter: Parameter) -> Any:
    parameter = branch_of_exact(parameter, value) or parameter
    if isinstance(value, dict) and parameter.properties:
        return _with_numbers(value, parameter.properties)
    if isinstance(value, list) and parameter.items is not None:
        items = parameter.items
        return [_with_number(item, items) for item in value]
    if isinstance(value, str) and parameter.takes_text:
        read = read_text(value)
        is_number = isinstance(read, int | float) and not isinstance(read, bool)
        return exact_number(value) if is_number else read
    return value


def _meant(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield errors, and for those of unions the errors of the branch that was meant: first by type, then by tag.

    An error of a union remains if the value has the type of no branch.
    """
    for error in errors:
        alternatives: Any = error.validator_value
        if error.validator != "anyOf" or alternatives[0].keys() == {"enum"}:  # not a union, but an open enum
            yield error
            continue
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        typed = [each for each in branches.values() if not any(map(_is_of_another_type, each))]
        tag = tag_name(alternatives)
        tagged = [each for each in typed if not _of_tag(each, tag)]
        if not typed:
            yield error
        elif tagged:
            yield from _meant(tagged[0])
        else:
            [wrong, *_] = _of_tag(typed[0], tag)
            if wrong.validator == "enum":
                wrong.validator_value = [
                    choice
                    for each in alternatives
                    for choice in each.get("properties", {}).get(tag, {}).get("enum", ())
                ]
            yield wrong


def _is_of_another_type(error: ValidationError) -> bool:
    """Return whether the error of a branch is that the value itself, not a part of it, has another type."""
    return error.validator in ("type", "anyOf") and not error.relative_path


def _of_tag(errors: Iterable[ValidationError], tag: str) -> list[ValidationError]:
    """Return those of the errors of an object that are about its tag."""
    return [error for error in errors if tag and [*error.relative_path] == [tag]]


def _invalid_values(errors: Iterable[ValidationError]) -> Iterator[InvalidValue]:
    mistyped: set[tuple[str | int, ...]] = set()
    for error in _meant(errors):
        path = tuple(error.absolute_path)
        # A value of the wrong type has no other violations. The type comes first, because the schema has `type` and
        # `anyOf` before all other keywords.
        if path in mistyped:
            continue
        keyword, value = str(error.validator), error.instance
        bound: Any = error.validator_value
        match keyword:
            case "required":
                yield InvalidValue(path, {keyword: True}, error.message, is_missing=True)
            case "additionalProperties":
                yield InvalidValue(path, {keyword: False}, error.message, _format(value))
            case "type" | "anyOf":
                mistyped.add(path)
                kind = bound if keyword == "type" else _kinds(bound)
                kind = "file" if _is_file(error.schema) else kind
                yield InvalidValue(path, {"type": kind}, _must_be("type", kind, value), _format(value))
            case _:
                yield InvalidValue(path, {keyword: bound}, _must_be(keyword, bound, value), _format(value))


def _kinds(alternatives: Iterable[Mapping[str, Any]]) -> str | list[str]:
    """Return the type of an open enum, which is `anyOf` of the known values and the type, or those of the branches of a union."""
    found: dict[str, None] = {}
    for each in alternatives:
        kinds = _kinds(each["anyOf"]) if "anyOf" in each else each.get("type", [])
        found |= dict.fromkeys([kinds] if isinstance(kinds, str) else kinds)
    first, *others = found
    return [first, *others] if others else first


def _is_file(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("format") == "binary"


def _check_required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("is required", path=(name,))


def _unknown(_: Any, __: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
    known = schema["properties"]
    for name in instance if isinstance(instance, dict) else ():
        if name not in known:
            close = closest(name, known)
            hint = f"; did you mean {close}?" if close else ""
            yield ValidationError(f"is not a parameter{hint}", path=(name,), instance=instance[name])


def _multiple(_: Any, step: int | Decimal, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, int | Decimal) and not is_multiple(instance, step):
        yield ValidationError("is not a multiple")


_steps_left: ContextVar[int] = ContextVar("steps_left")
"""What is left of `MAX_SEARCH` for the request that is checked."""


def _matches(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, str):
        return
    compiled = compile_pattern(pattern)
    left = _steps_left.get() - compiled.steps(instance)
    if left < 0:
        return
    _steps_left.set(left)
    if compiled.search(instance) is False:
        yield ValidationError("does not match")


_extend: Callable[..., type[Validator]] = extend
_Validator = _extend(
    Draft202012Validator,
    {
        "required": _check_required,
        "additionalProperties": _unknown,
        "multipleOf": _multiple,
        "pattern": _matches,
    },
)


def _patterns(schema: Mapping[str, Any]) -> Iterator[str]:
    if "pattern" in schema:
        yield schema["pattern"]
    items = [schema["items"]] if "items" in schema else []
    for inner in (*schema.get("properties", {}).values(), *items, *schema.get("anyOf", ())):
        yield from _patterns(inner)


def _must_be(keyword: str, bound: Any, value: Any) -> str:
    """Return the requirement of a limit, in words that follow a parameter's name."""
    if keyword == "type":
        kinds = bound if isinstance(bound, list) else [bound]
        named = " or ".join(kind if kind == "null" else ARTICLES[kind] for kind in kinds)
        return f"must be {named}, not {json_type(value)}"
    if keyword == "enum":
        return f"must be one of {', '.join(_text(choice) for choice in bound)} (got {_text(value)})"
    got = len(value) if keyword in LENGTHS else _text(value)
    plural = "" if bound == 1 else "s"
    return f"{PHRASES[keyword].format(bound=bound, s=plural)} (got {got})"


def _text(value: Any) -> str:
    """Return a value as JSON, cut if it is long."""
    if isinstance(value, Decimal):
        return _cut(str(value))
    return _cut(json.dumps(value, ensure_ascii=False, default=plain))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _format(value: Any) -> Any:
    """Return a value as a response repeats it: itself, or the beginning of its text if that is long."""
    if isinstance(value, str):
        return _cut(value)
    text = json.dumps(value, ensure_ascii=False, default=plain)
    return value if len(text) <= MAX_SHOWN else _cut(text)
