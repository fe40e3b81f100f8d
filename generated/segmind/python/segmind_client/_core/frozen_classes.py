"""Immutable dataclasses that take little time to define.

`dataclass(frozen=True)` compiles six methods for every class, which was a third of what this package added to the time of
a first call. Subclasses of `Frozen` share theirs. To type checkers and to `dataclasses` they are frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import partial
from operator import attrgetter
from types import FunctionType
from typing import Any, ClassVar, NoReturn, dataclass_transform

__all__ = ["Frozen"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen:
    """Base class. An instance only keeps what differs from the defaults, which are attributes of the class."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _positional: ClassVar[tuple[str, ...]]
    """Names of fields whose values can be passed by position."""
    _defaults: ClassVar[Mapping[str, object]]
    """The default of every field, or `MISSING`."""
    _factories: ClassVar[dict[str, Callable[[], object]]]
    """Functions that make the values of fields that are not passed."""
    _needed: ClassVar[tuple[str, ...]]
    """Names of fields without a default."""
    _compared: ClassVar[Callable[[Frozen], object]]
    """Returns the class of an instance, and the values that it is compared by."""
    _hashed: ClassVar[Callable[[Frozen], object]]

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        own = fields(cls)
        cls._positional = tuple(each.name for each in own if not each.kw_only)
        cls._factories = {
            each.name: each.default_factory for each in own if each.default_factory is not MISSING
        }
        for each in own:
            if isinstance(each.default, FunctionType):  # As an attribute of the class it would be a method.
                cls._factories[each.name] = partial(_same, each.default)
        cls._defaults = {each.name: MISSING if each.name in cls._factories else each.default for each in own}
        cls._needed = tuple(
            name
            for name, default in cls._defaults.items()
            if default is MISSING and name not in cls._factories
        )
        cls._compared = attrgetter("__class__", *(each.name for each in own if each.compare))
        hashed = (each.name for each in own if (each.compare if each.hash is None else each.hash))
        cls._hashed = attrgetter("__class__", *hashed)

    def __init__(self, *args: Any, **values: Any) -> None:
        if args:
            values = self._with_positional(args, values)
        attributes, defaults = self.__dict__, self._defaults
        for name, value in values.items():
            if name not in defaults:
                raise TypeError(f"{type(self).__name__}() got an unexpected keyword argument {name!r}")
            if value is not defaults[name]:
                attributes[name] = value
        for name in self._needed:
            if name not in values:
                raise TypeError(f"{type(self).__name__}() is missing the argument {name!r}")
        for name, make in self._factories.items():
            if name not in values:
                attributes[name] = make()

    def _with_positional(self, args: tuple[object, ...], values: dict[str, object]) -> dict[str, object]:
        names = self._positional[: len(args)]
        if len(args) > len(names) or not values.keys().isdisjoint(names):
            raise TypeError(f"{type(self).__name__}() got too many arguments, or one of them twice")
        return {**dict(zip(names, args, strict=True)), **values}

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frozen):
            return NotImplemented
        return type(self)._compared(self) == type(other)._compared(other)

    def __hash__(self) -> int:
        return hash(type(self)._hashed(self))

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"


def _same(value: object) -> object:
    return value
