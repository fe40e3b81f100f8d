"""Names of models and security schemes in an OpenAPI document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.core.model import Model


def names_of_models(models: Iterable[Model]) -> Mapping[str, str]:
    """Return a snake case name for each slug. Names differ in more than underscores and capitals."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for model in models:
        stem = name = re.sub("[^a-z0-9]+", "_", (model.name or model.slug).lower())
        number = 1
        while name.replace("_", "") in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.replace("_", ""))
        names[model.slug] = name
    return names


def schema_name(name: str) -> str:
    """Return the name of the schema of a model's parameters."""
    words = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
    # Generators of code make a class of it.
    return f"M{words}Params" if words[:1].isdigit() else f"{words}Params"


def security_name(place: int) -> str:
    """Return the name of a security scheme: `key` for the one that clients use by default, `key2` for its first alternative."""
    return f"key{place + 1}" if place else "key"
