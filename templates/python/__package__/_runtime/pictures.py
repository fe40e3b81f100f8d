"""Pictures as objects of Pillow and numpy, which are imported only here, and only on demand."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from typing import Any

from .errors import OutputError

__all__ = ["to_array", "to_picture"]

_MODES = frozenset({"F", "I", "I;16", "L", "LA", "RGB", "RGBA"})
"""Modes of Pillow whose values are what a reader of an array expects; others are converted."""


def to_picture(content: bytes) -> Any:
    """Return a `PIL.Image.Image` that is read. Raises OutputError, also for a picture that Pillow takes for an attack."""
    module = _load("PIL.Image", "pillow", "pil()")
    try:
        picture = module.open(BytesIO(content))
        picture.load()
    except Exception as error:  # Damaged pictures raise many classes.
        raise OutputError(f"the picture cannot be read: {error}") from error
    return picture


def to_array(content: bytes) -> Any:
    """Return a `numpy.ndarray` of height, width and, unless it is gray, channels. Raises OutputError."""
    numpy = _load("numpy", "numpy", "numpy()")
    _load("PIL.Image", "pillow", "numpy()")
    picture = to_picture(content)
    if picture.mode not in _MODES:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return numpy.asarray(picture)


def _load(module: str, package: str, method: str) -> Any:
    """Import a module of an optional package. Raises ImportError with the command that installs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise
        message = f"{method} needs {package}. To install it, run: pip install {package}"
        raise ImportError(message, name=error.name) from error
