"""What the client knows about a model before it imports the model's module."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ModelEntry"]


class ModelEntry(NamedTuple):
    """An entry of the generated index, whose keys are the client's attributes."""

    module: str
    """Module in the package `models`."""
    class_name: str
    """Class in that module; the asynchronous class has the prefix `Async`."""
    slug: str
    title: str
    command: str
    category: str
    surfaces: tuple[str, ...]
    """`sync` (one blocking call), `async` (a job), or both."""
