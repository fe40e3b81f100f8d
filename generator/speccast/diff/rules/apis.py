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

from speccast.diff.change import UNTYPED, Change, ChangeRule, Level, Side, Witness, effects
from speccast.diff.rules import package_names, requests, responses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.api import Api


ADDED: Final = ChangeRule("V401", "api-added", Level.ADDITION, "an API that is new")
REMOVED: Final = ChangeRule("V402", "api-removed", Level.BREAKING, "an API that is gone")
TEXT: Final = ChangeRule("V490", "api-text-changed", Level.TEXT, "other texts about an API")


_TEXTS: Final = ("title", "description", "documentation", "license", "sample")


def presence(old: Api | None, new: Api | None) -> Iterator[Change]:
    """Yield that an API is new or gone."""
    if old is None:
        yield Change(ADDED, (), "the API is new", effects(Level.ADDITION))
    elif new is None:
        witness = Witness("python", "", f"import {old.package}")
        yield Change(REMOVED, (), "the API is removed", UNTYPED, witness)


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of `api.yaml`."""
    yield from requests.changes(old, new)
    yield from responses.changes(old, new)
    yield from package_names.changes(old, new)
    for key in _TEXTS:
        if getattr(old, key) != getattr(new, key):
            yield Change(TEXT, (key,), f"another {key}", effects(Level.TEXT, Side.PYTHON))
