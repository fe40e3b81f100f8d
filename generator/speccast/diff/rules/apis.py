"""APIs as a whole.

V401 api-added

    A new API.

    Bad::

        # after/wolves/api.yaml
        title: Wolves

    Good::

        # after/api.yaml
        title: Foxes and more

V402 api-removed

    An API that is gone, with its package.

    Bad::

        # before/wolves/api.yaml
        title: Wolves

    Good::

        # after/api.yaml
        title: Foxes and more

V490 api-text-changed

    Title, description, documentation, license and sample of the API.

    Bad::

        # after/api.yaml
        title: Another title

    Good::

        # after/api.yaml
        base_url: https://other.example
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.diff.change import UNTYPED, Change, Level, Rule, Side, Witness, effects
from speccast.diff.rules import package_names, requests, responses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.api import Api


def _rule(code: str, name: str, level: Level, summary: str) -> Rule:
    return Rule(code=code, name=name, level=level, summary=summary, module=__name__)


ADDED: Final = _rule("V401", "api-added", Level.ADDITION, "an API that is new")
REMOVED: Final = _rule("V402", "api-removed", Level.BREAKING, "an API that is gone")
TEXT: Final = _rule("V490", "api-text-changed", Level.TEXT, "other texts about an API")

RULES: Final = (ADDED, REMOVED, TEXT)

_TEXTS: Final = ("title", "description", "documentation", "license", "sample")


def presence(old: Api | None, new: Api | None) -> Iterator[Change]:
    """Yield that an API is new or gone."""
    if old is None:
        yield Change(rule=ADDED, pointer=(), message="the API is new", effects=effects(Level.ADDITION))
    elif new is None:
        witness = Witness("python", "", f"import {old.package}")
        yield Change(rule=REMOVED, pointer=(), message="the API is removed", effects=UNTYPED, witness=witness)


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of `api.yaml`."""
    yield from requests.changes(old, new)
    yield from responses.changes(old, new)
    yield from package_names.changes(old, new)
    for key in _TEXTS:
        if getattr(old, key) != getattr(new, key):
            yield Change(
                rule=TEXT, pointer=(key,), message=f"another {key}", effects=effects(Level.TEXT, Side.PYTHON)
            )
