"""A model as data."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from .frozen_classes import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .answers import Answer, Operation
    from .auth import Auth
    from .parameter import Json, Parameter

__all__ = ["Deprecation", "Model", "PageSource"]


class Deprecation(Frozen):
    """Since when a model is deprecated, and the slug of the model to use instead."""

    since: str
    replaced_by: str | None = None


class PageSource(Frozen):
    """The page that a spec was written from."""

    document: str | None = None
    url: str | None = None
    date: str | None = None


class Model(Frozen, kw_only=True):
    """One hosted model."""

    slug: str
    title: str
    spec: str
    """Path of the spec, as shown to users."""
    surfaces: tuple[Literal["sync", "async"], ...]
    returns: tuple[str, ...]
    """Media types of the outputs."""
    parameters: tuple[Parameter, ...]
    schema: Mapping[str, Json] = field(hash=False)
    """Plain JSON Schema of the request body."""
    bundled: str = field(repr=False)
    """The model's part of `_specs.json`."""
    name: str | None = None
    """The name that the spec gives the model in code, where the slug does not serve as one."""
    description: str = ""
    category: str = ""
    sends: Mapping[str, Json] = field(default_factory=dict[str, "Json"], hash=False)
    """Constants of the request body that are not parameters."""
    body: str | None = None
    """How the body of a request is encoded, if it differs from the surface's: a key of `encoding.ENCODINGS`."""
    sync_path: str | None = None
    """Path of the blocking call, if it differs from the API's."""
    submit_path: str | None = None
    """Path of the submit, if it differs from the API's."""
    auth: Auth | None = None
    """Which of the API's ways to send the key the model uses; None for the first one."""
    status_path: str | None = None
    """Path of a job's status, if it differs from the API's."""
    result_path: str | None = None
    """Path of a job's result, if it differs from the API's."""
    cancel_path: str | None = None
    """Path that cancels a job, if it differs from the API's."""
    deadline: float | None = None
    """Seconds that a client waits for a job, if they differ from the API's."""
    interval: float | None = None
    """Seconds between two polls, if they differ from the API's."""
    price: str = ""
    """What a request costs, as the page prints it."""
    latency: str = ""
    """How long a request takes, as the page prints it."""
    answers: Mapping[Operation, tuple[Answer, ...]] = field(
        default_factory=dict["Operation", "tuple[Answer, ...]"], hash=False
    )
    """Answers that differ from the API's."""
    example: Mapping[str, Json] | None = field(default=None, hash=False)
    source: PageSource | None = None
    deprecated: Deprecation | None = None
    note: str = ""
    renamed_from: str = ""
    """Former slug or name in code, whose names in the client still work with a DeprecationWarning."""
    renamed_in: str = ""
    """The version of the package that has the new name first."""

    @property
    def is_sync(self) -> bool:
        """Whether the model has a blocking call."""
        return "sync" in self.surfaces

    @property
    def is_async(self) -> bool:
        """Whether the model takes jobs."""
        return "async" in self.surfaces
