"""What the client knows of a model before the model's module is loaded."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ModelEntry"]


class ModelEntry(NamedTuple):
    """A line of the generated index, whose keys are the client's attributes."""

    module: str
    """Module in the package `models`."""
    class_name: str
    """Class in that module; `Async` stands before the asynchronous one."""
    slug: str
    title: str
    command: str
    category: str
    surfaces: tuple[str, ...]
    """`sync` (one blocking call), `async` (a job), or both."""
