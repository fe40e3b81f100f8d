"""A model with one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._core.parameter import Parameter
from .._runtime.resources import SyncModel

if TYPE_CHECKING:
    from .._runtime.params import Params


class Film(SyncModel):
    """Films."""

    slug: ClassVar[str] = "film"
    title: ClassVar[str] = "Film"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="prompt", wire="prompt", flag="--prompt", type="string", required=True),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("async",)
    returns: ClassVar[tuple[str, ...]] = ("video/mp4",)
    deprecated: ClassVar[str] = ""
    _sync_path: ClassVar[str | None] = None
    _submit_path: ClassVar[str | None] = None

    @classmethod
    def _params(cls) -> type[Params]:
        from ._params.film import FilmParams

        return FilmParams
