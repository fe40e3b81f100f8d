"""Parameters of speak."""

from __future__ import annotations

from ..._runtime.params import Params


class SpeakParams(Params):
    text: str
