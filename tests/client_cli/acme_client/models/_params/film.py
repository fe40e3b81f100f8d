"""Parameters of film."""

from __future__ import annotations

from ..._runtime.params import Params


class FilmParams(Params):
    prompt: str
