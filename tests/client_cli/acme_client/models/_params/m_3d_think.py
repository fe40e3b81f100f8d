"""Parameters of 3d-think."""

from __future__ import annotations

from ..._runtime.params import Params


class M3dThinkParams(Params):
    question: str
