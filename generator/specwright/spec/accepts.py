"""Whether a value is valid by the format's schemas, as quickly as Python can tell.

Nearly every document is valid, and a general validator needs as long to say so as reading the document takes. So each
schema is made into a function once; only what the function refuses is looked at by the validator, which knows what is wrong
and where (`specwright.spec.validator`). The tests hold that both accept the same.
"""

from __future__ import annotations

import re
from operator import ge, gt, le
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from specwright.spec.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized

    Schema: TypeAlias = Mapping[str, Any]
    Test: TypeAlias = Callable[[Any], bool]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
"""Exact types: true is no number. An integral float is an integer, too."""


def accepting(schema: Schema) -> Test:
    """The function that tells whether a schema, which may refer to its own `$defs`, accepts a value.

    Raises:
        NotImplementedError: a keyword that the format's schemas did not have so far.
    """
    return _Compiler(schema.get("$defs", {})).test(schema)


class _Compiler:
    """Makes functions of schemas. Each keyword is a function of its own, and lets pass what it does not speak of."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self._made: dict[str, Test] = {}

    def test(self, schema: Schema) -> Test:
        tests = [self._keyword(keyword, schema) for keyword in _ORDER if keyword in schema]
        if unknown := schema.keys() - _ORDER.keys() - _ELSEWHERE:
            raise NotImplementedError(f"{', '.join(sorted(unknown))} in a schema of the format")
        if "$ref" in schema:
            tests.append(self._reference(schema["$ref"].removeprefix("#/$defs/")))
        if "properties" in schema or "additionalProperties" in schema:
            tests.append(self._members(schema))
        return tests[0] if len(tests) == 1 else _all(tests)

    def _keyword(self, keyword: str, schema: Schema) -> Test:
        argument = schema[keyword]
        match keyword:
            case "anyOf":
                return _any([self.test(each) for each in argument])
            case "items" | "contains":
                return _ORDER[keyword](self.test(argument))
            case _:
                return _ORDER[keyword](argument)

    def _reference(self, name: str) -> Test:
        def test(value: Any) -> bool:
            if name not in self._made:  # made when it is needed, for a definition may hold itself
                self._made[name] = self.test(self._definitions[name])
            return self._made[name](value)

        return test

    def _members(self, schema: Schema) -> Test:
        known = {name: self.test(each) for name, each in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties", True)
        return _members(known, self.test(others) if isinstance(others, dict) else lambda _: others)


def _all(tests: list[Test]) -> Test:
    return lambda value: all(test(value) for test in tests)


def _of_type(types: str | list[str]) -> Test:
    names = [types] if isinstance(types, str) else types
    exact = frozenset(type_ for name in names for type_ in _TYPES[name])
    if "integer" in names and float not in exact:
        return lambda value: type(value) in exact or (type(value) is float and value.is_integer())
    return lambda value: type(value) in exact


def _one_of(choices: list[Any]) -> Test:
    texts = frozenset(each for each in choices if isinstance(each, str))
    others = [each for each in choices if not isinstance(each, str)]
    return lambda value: value in texts if type(value) is str else any(same(value, each) for each in others)


def _any(tests: list[Test]) -> Test:
    return lambda value: any(test(value) for test in tests)


def _matching(pattern: str) -> Test:
    search = re.compile(whole_end(pattern)).search
    return lambda value: type(value) is not str or search(value) is not None


def whole_end(pattern: str) -> str:
    """A pattern for Python's `re`, which otherwise takes a `$` to be before a line break at the end, too."""
    return re.sub(r"\$$", r"\\Z", pattern)


def _every(test: Test) -> Test:
    return lambda value: type(value) is not list or all(map(test, value))


def _some(test: Test) -> Test:
    return lambda value: type(value) is not list or any(map(test, value))


def _without_repetition(_: object) -> Test:
    """Every list of the format that must not repeat itself is one of texts; of others it is not asked here."""

    def test(value: Any) -> bool:
        texts = [item for item in value if type(item) is str] if type(value) is list else []
        return len(set(texts)) == len(texts)

    return test


def _having(keys: list[str]) -> Test:
    wanted = frozenset(keys)
    return lambda value: type(value) is not dict or wanted <= value.keys()


def _bounded(types: tuple[type, ...], keeps: Callable[[Any, Any], bool]) -> Callable[[float], Test]:
    """What makes the tests of a bound that speaks of some types."""
    return lambda bound: lambda value: type(value) not in types or keeps(value, bound)


def _members(known: Mapping[str, Test], others: Test) -> Test:
    def test(value: Any) -> bool:
        return type(value) is not dict or all(known.get(key, others)(part) for key, part in value.items())

    return test


def _longer(value: Sized, bound: float) -> bool:
    return len(value) >= bound


def _shorter(value: Sized, bound: float) -> bool:
    return len(value) <= bound


_NUMBER: Final = (int, float)
_ORDER: Final[Mapping[str, Callable[[Any], Test]]] = {
    "type": _of_type,
    "const": lambda only: _one_of([only]),
    "enum": _one_of,
    "anyOf": _any,
    "required": _having,
    "minimum": _bounded(_NUMBER, ge),
    "maximum": _bounded(_NUMBER, le),
    "exclusiveMinimum": _bounded(_NUMBER, gt),
    "minLength": _bounded((str,), _longer),
    "maxLength": _bounded((str,), _shorter),
    "pattern": _matching,
    "minItems": _bounded((list,), _longer),
    "maxItems": _bounded((list,), _shorter),
    "uniqueItems": _without_repetition,
    "items": _every,
    "contains": _some,
    "minProperties": _bounded((dict,), _longer),
}
"""The keywords that constrain, in the order in which they are asked, and what makes a test of what each is given."""
_ELSEWHERE: Final = frozenset(
    {"$schema", "$id", "$defs", "$ref", "title", "description", "properties", "additionalProperties"}
)
"""Keywords that constrain nothing, or that are looked at with the rest of the schema."""
