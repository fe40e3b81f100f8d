# speccast: if renamed_models
"""Names of models that were renamed: attribute, module, classes and slug still work, with a DeprecationWarning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from .check import level_of_caller

__all__ = ["FormerAttribute", "FormerModel", "add_former_modules", "find_attribute", "former_class"]


class FormerModel(NamedTuple):
    """A model under its former name."""

    name: str
    """The former slug, or the former name in code."""
    attribute: str
    """The current attribute of the client, which is also the module."""
    commands: tuple[str, ...]
    """The former commands."""


class FormerAttribute:
    """The former attribute of a model: the current one, with a warning."""

    def __init__(self, name: str, model: FormerModel) -> None:
        """`name` is the former attribute."""
        self._name, self._model = name, model

    def __get__(self, client: object | None, owner: type) -> object:
        """Return the model of a client, or its class."""
        _warn(f"{owner.__name__}.{self._name} is deprecated, use {self._model.attribute}")
        return getattr(owner if client is None else client, self._model.attribute)


def find_attribute(models: Mapping[str, FormerModel], slug: str) -> str | None:
    """Return the attribute of the model that had a slug, with a warning; None if there is none."""
    found = next((model for model in models.values() if model.name == slug), None)
    if found is None:
        return None
    _warn(f"the model {slug} is called {found.attribute} now")
    return found.attribute


def former_class(package: str, name: str, module: str, current: str) -> object:
    """Return a class under its former name, with a warning."""
    _warn(f"{package}.{name} is deprecated, use {current}")
    return getattr(import_module(f".{module}", package), current)


def add_former_modules(
    package: str, modules: Mapping[str, str], classes: Mapping[str, tuple[str, str]]
) -> None:
    """Let the former modules of a package be imported. `modules` has the current name of each, `classes` those of their classes."""
    for name, current in modules.items():
        sys.modules.setdefault(f"{package}.{name}", _FormerModule(package, name, current, classes))


class _FormerModule(ModuleType):
    """A module under its former name, which is loaded when something of it is used."""

    def __init__(self, package: str, name: str, current: str, classes: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(f"{package}.{name}", f"Deprecated, use {package}.{current}.")
        self._load: Callable[[], ModuleType] = lambda: import_module(f"{package}.{current}")
        self._current = f"{package}.{current}"
        self._classes = classes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks for these
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        _warn(f"{self.__name__} is deprecated, use {self._current}")
        _, current = self._classes.get(name, ("", name))
        return getattr(self._load(), current)


def _warn(message: str) -> None:
    warnings.warn(message, DeprecationWarning, stacklevel=level_of_caller())


# speccast: end
