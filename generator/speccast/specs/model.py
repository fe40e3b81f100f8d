"""What a spec means: `Api` and `Model`, frozen, with every name and type decided and nothing specific to a target.

`speccast.specs.build` makes these from checked documents; templates, documentation and tests read them. A value that a
spec leaves out is `None` or empty here, except for defaults, where null is a value and `UNSET` says that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from speccast.specs.bundle import joined_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "array", "object"]
Phase: TypeAlias = Literal["waiting", "running", "succeeded", "failed"]


class Unset(Enum):
    """The type of `UNSET`, one object that stands for "the spec gives none"."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, member of an object or item of an array.

    `name` and `flag` are its names in Python and on the command line; `wire` is the one that is sent. `choices` are the
    known values as the spec corrects them, `also_accepted` those that the page prints instead.
    """

    wire: str
    name: str
    flag: str
    type: Kind
    nullable: bool = False
    required: bool = False
    default: Json | Unset = UNSET
    choices: tuple[Json, ...] = ()
    also_accepted: tuple[Json, ...] = ()
    open: bool = False
    hidden_values: int = 0
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    items: Parameter | None = None
    min_items: int | None = None
    max_items: int | None = None
    properties: tuple[Parameter, ...] = ()
    examples: tuple[Json, ...] = ()
    description: str = ""
    applies_when: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    documented_as: Json | Unset = UNSET
    note: str = ""

    @property
    def is_sent_by_default(self) -> bool:
        """Whether the client sends the default when the caller omits the parameter."""
        return self.required and self.default is not UNSET

    @property
    def must_be_given(self) -> bool:
        return self.required and self.default is UNSET


@dataclass(frozen=True, slots=True)
class Deprecation:
    since: str
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Source:
    document: str | None
    url: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """One hosted model. `spec` is the path of its file as people write it; `schema` the plain JSON Schema of its body.

    `bundled` is the value of its spec as it stands in a bundle.
    """

    slug: str
    module: str
    class_name: str
    command: str
    title: str
    spec: str
    surfaces: tuple[Literal["sync", "async"], ...]
    returns: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    schema: Mapping[str, Json] = field(hash=False)
    bundled: str = field(repr=False)
    description: str = ""
    category: str = ""
    sync_path: str | None = None
    submit_path: str | None = None
    example: Mapping[str, Json] | None = field(default=None, hash=False)
    source: Source | None = None
    deprecated: Deprecation | None = None
    note: str = ""

    @property
    def async_class_name(self) -> str:
        return f"Async{self.class_name}"

    @property
    def params_class_name(self) -> str:
        return f"{self.class_name}Params"

    @property
    def is_sync(self) -> bool:
        return "sync" in self.surfaces

    @property
    def is_async(self) -> bool:
        return "async" in self.surfaces

    @property
    def exported(self) -> tuple[str, ...]:
        """Names of classes that the model adds to the package of models."""
        return (self.class_name, self.async_class_name, self.params_class_name)


@dataclass(frozen=True, slots=True)
class Auth:
    location: Literal["header", "query"]
    name: str
    scheme: str | None
    description: str


@dataclass(frozen=True, slots=True)
class SyncSurface:
    path: str
    base64_parameter: str | None
    base64_field: str | None


@dataclass(frozen=True, slots=True)
class JobFields:
    """Members of a job's JSON; the defaults are the ones that the format's schema documents."""

    id: str = "request_id"
    status: str = "status"
    status_url: str = "status_url"
    result_url: str = "response_url"
    output: str = "output"
    error: str = "error"
    metrics: str = "metrics"


@dataclass(frozen=True, slots=True)
class State:
    name: str
    phase: Phase
    http_status: int
    description: str


@dataclass(frozen=True, slots=True)
class JobSurface:
    """Paths, states and times (seconds) of jobs."""

    submit: str
    status: str
    result: str
    fields: JobFields
    states: tuple[State, ...]
    deadline: float
    interval: float
    retention: float | None


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    status: int
    title: str
    description: str
    exception: str | None
    rejected_unprocessed: bool
    observed: bool


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    meaning: str
    type: Literal["string", "integer", "number"]
    description: str


@dataclass(frozen=True, slots=True)
class DropIn:
    """Role to name of what the package also exports because another SDK (`replaces`) has it."""

    replaces: str
    run: str | None
    run_sync: str | None
    submit: str | None
    client: str | None
    error: str | None
    failed: str | None
    timeout: str | None

    @property
    def names(self) -> tuple[str, ...]:
        roles = (self.run, self.run_sync, self.submit, self.client, self.error, self.failed, self.timeout)
        return tuple(name for name in roles if name is not None)


@dataclass(frozen=True, slots=True)
class Api:
    """One API with all its models, sorted by slug. `id` is the name of its folder, `spec` the path of its `api.yaml`.

    `bundled` is what `speccast.specs.bundle` writes around the models.
    """

    id: str
    title: str
    spec: str
    base_url: str
    package: str
    distribution: str
    command: str
    client: str
    version: str
    description: str
    documentation: str | None
    license: str | None
    auth: Auth | None
    env_api_key: str | None
    env_base_url: str | None
    sync: SyncSurface | None
    jobs: JobSurface | None
    errors: tuple[ErrorStatus, ...]
    error_field: str
    headers: tuple[Header, ...]
    drop_in: DropIn | None
    models: tuple[Model, ...]
    bundled: str = field(repr=False)

    @property
    def bundle(self) -> str:
        """The text of the `_specs.json` of the API and its models."""
        return joined_bundle(self.bundled, [model.bundled for model in self.models])

    @property
    def async_client(self) -> str:
        return f"Async{self.client}"

    @property
    def exceptions(self) -> tuple[ErrorStatus, ...]:
        """The statuses that have a class of their own, in the order of the statuses."""
        return tuple(
            sorted((error for error in self.errors if error.exception), key=lambda error: error.status)
        )
