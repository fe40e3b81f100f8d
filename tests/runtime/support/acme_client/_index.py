"""The invented models."""

from __future__ import annotations

from ._runtime.index import ModelEntry

MODELS: dict[str, ModelEntry] = {
    "blend": ModelEntry("blend", "Blend", "blend", "Blend", "blend", "image-to-image", ("sync",)),
    "fox_1_5": ModelEntry(
        "fox_1_5", "Fox15", "fox-1.5", "Fox", "fox-1-5", "text-to-image", ("sync", "async")
    ),
    "owl": ModelEntry("owl", "Owl", "owl", "Owl", "owl", "text-to-image", ("sync",)),
    "scan": ModelEntry("scan", "Scan", "scan", "Scan", "scan", "image-to-image", ("sync",)),
}
