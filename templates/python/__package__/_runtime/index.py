"""What the client knows about a model before it imports the model's module, and the model as an attribute."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from . import PACKAGE

__all__ = ["ModelAttribute", "ModelEntry"]


class ModelEntry(NamedTuple):
    """A model in the list `models` of a client, whose keys are the client's attributes."""

    module: str
    """Module in the package `models`."""
    class_name: str
    """Class in that module; the asynchronous class has the prefix `Async`."""
    slug: str
    title: str
    command: str
    """Command of the command line."""
    category: str
    surfaces: tuple[str, ...]
    """`sync` (one blocking call), `async` (a job), or both."""
    price: str = ""
    """What a request costs, as the page prints it."""
    latency: str = ""
    """How long a request takes, as the page prints it."""


class ModelAttribute:
    """A model as an attribute of a client, imported on first use. As an attribute of the class, it is the model's class.

    Completion, `help()`, documentation tools and mocks find the models on the class.
    """

    def __init__(
        self, name: str, module: str, class_name: str, create: Callable[[Any, Callable[..., object]], object]
    ) -> None:
        """`create` makes the model of a client from the model's class."""
        self._name, self._module, self._class_name, self._create = name, module, class_name, create

    def __get__(self, client: object | None, owner: type) -> object:
        """Concurrent threads get the same object."""
        model = getattr(import_module(f"{PACKAGE}.models.{self._module}"), self._class_name)
        return (
            model if client is None else client.__dict__.setdefault(self._name, self._create(client, model))
        )
