"""A parameter of a model as data, from which documentation, user interfaces and checks are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .omit import OMIT, Omit

__all__ = ["JsonValue", "Parameter"]

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
"""What JSON can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter, one member of an object, or the items of an array. Limits mean what they mean in JSON Schema."""

    name: str
    """In Python."""
    wire: str
    """In the request's JSON."""
    flag: str
    """On the command line, such as `--guidance-scale`."""
    type: str
    """`string`, `integer`, `number`, `boolean`, `array` or `object`."""
    description: str = ""
    required: bool = False
    """The client sends the default, if there is one, when the caller leaves a required parameter out."""
    nullable: bool = False
    default: JsonValue | Omit = OMIT
    choices: tuple[JsonValue, ...] = ()
    """The values that are known; with `open`, others pass as well."""
    also_accepted: tuple[JsonValue, ...] = ()
    """Values that pass because the API's documentation prints them, though it means one of the choices."""
    open: bool = False
    hidden_values: int = 0
    """How many more choices the documentation mentions and does not list."""
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    """Regular expression that is found somewhere in the text."""
    format: str | None = None
    """What kind of text this is, such as uri. Never checked."""
    min_items: int | None = None
    max_items: int | None = None
    items: Parameter | None = None
    properties: tuple[Parameter, ...] = ()
    """Members of a closed object; without any, an object is open."""
    examples: tuple[JsonValue, ...] = ()
    applies_when: tuple[tuple[str, tuple[JsonValue, ...]], ...] = ()
    """Wire name of another parameter, and the values under which this one has an effect; all must hold."""
    note: str = ""

    @property
    def range(self) -> str:
        """The limits in words, such as `10 to 100`, or `over 0 and at most 2, in steps of 8`; empty without any."""
        steps = "" if self.multiple_of is None else f"in steps of {_number(self.multiple_of)}"
        parts = [
            _bounds(self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum),
            steps,
            _count(self.min_length, self.max_length, "character"),
            _count(self.min_items, self.max_items, "item"),
        ]
        return ", ".join(part for part in parts if part)


def _bounds(low: float | None, high: float | None, over: float | None, under: float | None) -> str:
    if low is not None and high is not None and over is None and under is None:
        return f"{_number(low)} to {_number(high)}" if low != high else f"exactly {_number(low)}"
    limits = (("at least", low), ("over", over), ("at most", high), ("under", under))
    return " and ".join(f"{words} {_number(value)}" for words, value in limits if value is not None)


def _count(low: int | None, high: int | None, noun: str) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        words = f"at most {high}"
    elif high is None:
        words = f"at least {low}"
    else:
        words = f"{low} to {high}" if low != high else f"exactly {low}"
    return f"{words} {noun}{'' if words.endswith(' 1') else 's'}"


def _number(value: float) -> str:
    """A number as people write it: 8, not 8.0."""
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e16
        else repr(value)
    )
