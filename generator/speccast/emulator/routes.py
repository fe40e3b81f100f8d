"""From a request's path to the endpoint that it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.emulator.contract import Contract
    from speccast.specs.bundle import Bundle

Kind: TypeAlias = Literal["sync", "submit", "status", "result"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of the API; `slug` and `id` are what the path says of them."""

    kind: Kind
    slug: str | None = None
    id: str | None = None

    @property
    def method(self) -> str:
        return "POST" if self.kind in ("sync", "submit") else "GET"


class Routes:
    """The paths of an API. A model has a path only on the surfaces that are documented for it."""

    def __init__(self, bundle: Bundle, contract: Contract) -> None:
        self._calls: dict[str, Endpoint] = {}
        self._by_model: dict[str, dict[Kind, str]] = {slug: {} for slug in bundle.models}
        self._jobs: list[tuple[re.Pattern[str], Kind]] = []
        for slug, model in bundle.models.items():
            own = model.get("paths", {})
            if "sync" in model["surfaces"] and contract.sync is not None:
                self._add("sync", slug, own.get("sync", contract.sync.path))
            if "async" in model["surfaces"] and contract.jobs is not None:
                self._add("submit", slug, own.get("submit", contract.jobs.submit))
        if contract.jobs is not None:
            self._jobs = [
                (_pattern(contract.jobs.status), "status"),
                (_pattern(contract.jobs.result), "result"),
            ]

    def find(self, path: str) -> tuple[Endpoint, ...]:
        """The endpoints at a path, one for each method that is allowed there; none where the path is unknown."""
        found = (self._calls[path],) if path in self._calls else ()
        for pattern, kind in self._jobs:
            match = pattern.fullmatch(path)
            if match is not None:
                return (*found, Endpoint(kind, **match.groupdict()))
        return found

    def of_model(self, slug: str) -> Mapping[Kind, str]:
        """The paths under which a model is called."""
        return self._by_model[slug]

    def _add(self, kind: Kind, slug: str, template: str) -> None:
        path = path_of(template, slug=slug)
        self._by_model[slug][kind] = path
        self._calls.setdefault(path, Endpoint(kind, slug))


def path_of(template: str, *, slug: str = "", job: str = "") -> str:
    """A path with its `{slug}` and `{id}` filled in."""
    return template.replace("{slug}", slug).replace("{id}", job)


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.escape(template)
    for name in ("slug", "id"):
        marker = re.escape(f"{{{name}}}")
        # A name can stand in a path twice; the second time it must say the same.
        pattern = pattern.replace(marker, f"(?P<{name}>[^/]+)", 1).replace(marker, f"(?P={name})")
    return re.compile(pattern)
