"""A client of a fictional API, written by hand in the form that Speccast generates, to test the runtime."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import Acme as Acme
    from .client import AsyncAcme as AsyncAcme

_MODULES = {"Acme": "client", "AsyncAcme": "client", "OMIT": "_core.omit"}
_ERRORS = ("errors", "_runtime.errors")
"""Modules of everything else: errors, which their classes name as exported here."""

__all__ = ["OMIT", "Acme", "AsyncAcme"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        modules = () if name.startswith("_") else _ERRORS
        found = [getattr(import_module(f".{each}", __name__), name, None) for each in modules]
        if not any(found):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return found[0] or found[1]
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
