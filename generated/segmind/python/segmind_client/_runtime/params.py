"""Base class of the generated parameter models."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

__all__ = ["Params"]


class Params(BaseModel):
    """The parameters of a model, or an object among them: strict types, no unknown names, no NaN or infinity.

    Fields can be set by their names in Python or by those of the API.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        regex_engine="python-re",
    )
