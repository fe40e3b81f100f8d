"""Classes that are loaded on first use, because they need an optional package."""

from __future__ import annotations

from importlib import import_module

from .log import PACKAGE

__all__ = ["load_params"]


def load_params(module: str, asking: str, name: str) -> object:
    """Return the pydantic model of a model's parameters.

    Args:
        module: The module that defines it, relative to `asking`.
        asking: The name of the importing module.
        name: The name of the class.

    Raises:
        ImportError: pydantic is not installed.
    """
    try:
        return getattr(import_module(module, asking), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pydantic", "pydantic_core"):
            raise
        from .._api import API

        # A vendored copy has another name, and no extras.
        is_copy = API.package != PACKAGE
        requirement = "pydantic>=2.13" if is_copy else f"{API.distribution}[pydantic]"
        message = f'{name} needs pydantic. To install it, run: pip install "{requirement}"'
        raise ImportError(message, name=error.name) from error
