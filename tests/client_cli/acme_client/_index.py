"""The models by client attribute."""

from ._runtime.former_models import FormerModel
from ._runtime.index import ModelEntry

_BOTH, _SYNC, _ASYNC = ("sync", "async"), ("sync",), ("async",)

MODELS: dict[str, ModelEntry] = {
    "paint_1_0": ModelEntry(
        "paint_1_0", "Paint10", "paint-1.0", "Paint \x1b[31m1.0\x1b[0m", "paint-1.0", "text-to-image", _BOTH
    ),
    "blend": ModelEntry("blend", "Blend", "blend", "Blend", "blend", "image-to-image", _SYNC),
    "film": ModelEntry("film", "Film", "film", "Film", "film", "text-to-video", _ASYNC),
    "speak": ModelEntry("speak", "Speak", "speak", "Speak", "speak", "", _SYNC),
    "tale": ModelEntry("tale", "Tale", "tale", "Tale", "tale", "", _SYNC),
    "m_3d_think": ModelEntry(
        "m_3d_think", "M3dThink", "3d-think", "Think in three dimensions", "3d-think", "", _SYNC
    ),
}
FORMER_MODELS: dict[str, FormerModel] = {}
