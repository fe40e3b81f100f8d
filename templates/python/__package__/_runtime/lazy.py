"""Classes that are loaded on first use, because they need an optional package."""

from __future__ import annotations

from importlib import import_module

__all__ = ["load_params"]


def load_params(asking: str, module: str, name: str) -> object:
    """Return the pydantic model of a model's parameters. `asking` is the module beside the package `_params`.

    Raises:
        ImportError: pydantic is not installed.
    """
    try:
        return getattr(import_module(f".._params.{module}", asking), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pydantic", "pydantic_core"):
            raise
        message = f'{name} needs pydantic: pip install "pydantic>=2.12"'
        raise ImportError(message, name=error.name) from error
