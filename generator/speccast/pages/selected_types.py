"""Adds the media types that a parameter such as `output_format` selects to those that a model returns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import Fact
from speccast.pages.media_limits import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.pages.facts import Facts

_NAME: Final = re.compile(
    r"(?:(?:output|image|video|audio|file|result)_?)?(?:format|extension)|(?:output|file)_?type",
    re.IGNORECASE,
)


def add_selected_types(facts: Facts) -> None:
    """Add the types that a parameter selects, as a doubt: first its default, then its other values, then the types of the page."""
    returns = facts.values.get(("returns",))
    if returns is None or not isinstance(returns.value, list):
        return
    names = [
        str(pointer[1])
        for pointer in facts.values
        if pointer[0] == "parameters" and pointer[2:] == ("type",) and _NAME.fullmatch(str(pointer[1]))
    ]
    for name in names:
        kinds = {str(each).split("/", 1)[0] for each in returns.value}
        types = [each for each in _types(facts, name) if each.split("/", 1)[0] in kinds]
        if set(types) - set(returns.value):
            kept = returns.value if returns.is_certain else []
            selected = list(dict.fromkeys([*types, *kept]))
            fact = Fact(selected, returns.spans, (returns.value, *returns.readings), returns.reason)
            facts.add(("returns",), fact.with_doubt(f"`{name}` selects the media type"))
            return


def _types(facts: Facts, name: str) -> Iterator[str]:
    for pointer in (("parameters", name, "default"), ("example", name), ("parameters", name, "enum")):
        fact = facts.values.get(pointer)
        value: Any = None if fact is None else fact.value
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each.lower().lstrip(".") in TYPES:
                yield TYPES[each.lower().lstrip(".")][1]
