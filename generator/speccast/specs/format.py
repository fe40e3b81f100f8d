"""Python types of the spec format. Generated from specs/schema/*.schema.json by `make generate`; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class EventSpec(TypedDict):
    event: NotRequired[str]
    data: Any


class AnswerSpec(TypedDict):
    """
    One answer. Without `body`, `media` and `events` it is empty.
    """

    when: NotRequired[dict[str, Any]]
    status: NotRequired[int]
    headers: NotRequired[dict[str, str]]
    body: NotRequired[Any]
    media: NotRequired[str]
    events: NotRequired[list[EventSpec]]


AuthAlternative = TypedDict(
    "AuthAlternative",
    {
        "type": NotRequired[Literal["key", "hmac-sha256"]],
        "in": Literal["header", "query"],
        "name": str,
        "scheme": NotRequired[str],
    },
)


AuthSpec = TypedDict(
    "AuthSpec",
    {
        "type": NotRequired[Literal["key", "hmac-sha256"]],
        "in": Literal["header", "query"],
        "name": str,
        "scheme": NotRequired[str],
        "description": NotRequired[str],
        "alternatives": NotRequired[list[AuthAlternative]],
    },
)


class Environment(TypedDict):
    """
    Names of the environment variables that the client reads.
    """

    api_key: NotRequired[str]
    base_url: NotRequired[str]
    log: NotRequired[str]


class Sync(TypedDict):
    """
    The surface of one blocking call.
    """

    path: str
    base_url: NotRequired[str]
    body: NotRequired[Literal["json", "multipart", "form"]]
    wrap: NotRequired[str]


class CancelSpec(TypedDict):
    """
    Path of the request that cancels a job, by POST; {id} is replaced by the job's id. With another method a mapping: `{method: DELETE, path: "/jobs/{id}"}`.
    """

    method: NotRequired[Literal["POST", "PUT", "DELETE"]]
    path: str


class StateSpec(TypedDict):
    name: str
    phase: Literal["waiting", "running", "succeeded", "failed", "canceled"]
    http_status: NotRequired[int]
    description: NotRequired[str]


class Async(TypedDict):
    """
    The surface of jobs: submit, poll, fetch.
    """

    submit: str
    base_url: NotRequired[str]
    wrap: NotRequired[str]
    status: str
    result: NotRequired[str]
    cancel: NotRequired[CancelSpec | str]
    body: NotRequired[Literal["json", "multipart", "form"]]
    states: list[StateSpec]
    deadline: NotRequired[float]
    interval: NotRequired[float]
    retention: NotRequired[float]


class UploadAnswerSpec(TypedDict):
    """
    What the API answers.
    """

    status: NotRequired[int]
    body: Any


class UploadSpec(TypedDict):
    """
    How the API takes a file before a request, which then contains the file's address. The client uploads files that are larger than `above`, or that the request cannot contain. It sends the key to this origin because the spec names it.
    """

    url: str
    encoding: NotRequired[Literal["json", "multipart", "binary"]]
    body: NotRequired[dict[str, Any]]
    answer: UploadAnswerSpec
    above: NotRequired[int]
    retention: NotRequired[float]
    observed: NotRequired[bool]
    note: NotRequired[str]


class Messages(TypedDict):
    """
    Texts of the error body by occasion, as observed. An occasion that is listed here need not be listed under occasions.
    """

    missing_key: NotRequired[str]
    invalid_key: NotRequired[str]
    unknown_model: NotRequired[str]
    unknown_job: NotRequired[str]
    finished_job: NotRequired[str]
    wrong_method: NotRequired[str]
    content_type: NotRequired[str]
    too_large: NotRequired[str]
    slow_body: NotRequired[str]
    invalid_body: NotRequired[str]
    invalid_parameters: NotRequired[str]
    insufficient_credits: NotRequired[str]
    rate_limit: NotRequired[str]
    blocked_content: NotRequired[str]


class ErrorSpec(TypedDict):
    status: int
    title: str
    description: NotRequired[str]
    exception: NotRequired[str]
    rejected_unprocessed: NotRequired[bool]
    observed: NotRequired[bool]
    media_type: NotRequired[Literal["application/json", "text/html"]]
    occasions: NotRequired[
        list[
            Literal[
                "missing_key",
                "invalid_key",
                "unknown_model",
                "unknown_job",
                "finished_job",
                "wrong_method",
                "content_type",
                "too_large",
                "slow_body",
                "invalid_body",
                "invalid_parameters",
                "insufficient_credits",
                "rate_limit",
                "blocked_content",
            ]
        ]
    ]
    messages: NotRequired[Messages]
    note: NotRequired[str]


class HeaderSpec(TypedDict):
    name: str
    meaning: str
    type: NotRequired[Literal["string", "integer", "number"]]
    observed: NotRequired[bool]
    description: NotRequired[str]


class DropInSpec(TypedDict):
    """
    Names that the package also exports for compatibility with another SDK: role to name.
    """

    replaces: NotRequired[str]
    run: NotRequired[str]
    run_sync: NotRequired[str]
    submit: NotRequired[str]
    client: NotRequired[str]
    error: NotRequired[str]
    failed: NotRequired[str]
    timeout: NotRequired[str]


class FormerName(TypedDict):
    """
    The former name of a parameter of the model. Python and the command line accept it, with a DeprecationWarning, until the next minor version.
    """

    name: str
    version: str


class ParameterSpec(TypedDict):
    """
    One parameter, property or array item, with the keywords of JSON Schema.
    """

    type: NotRequired[
        Literal["string", "integer", "number", "boolean", "array", "object", "file"]
        | list[Literal["string", "integer", "number", "boolean", "array", "object", "null"]]
    ]
    anyOf: NotRequired[list[ParameterSpec]]
    required: NotRequired[bool]
    enum: NotRequired[list[str | float | bool | None]]
    also_accepts: NotRequired[Literal["string"]]
    open: NotRequired[bool]
    hidden_values: NotRequired[int]
    minimum: NotRequired[float]
    maximum: NotRequired[float]
    exclusiveMinimum: NotRequired[float]
    exclusiveMaximum: NotRequired[float]
    multipleOf: NotRequired[float]
    minLength: NotRequired[int]
    maxLength: NotRequired[int]
    pattern: NotRequired[str]
    format: NotRequired[str]
    items: NotRequired[ParameterSpec]
    minItems: NotRequired[int]
    maxItems: NotRequired[int]
    properties: NotRequired[dict[str, ParameterSpec]]
    media: NotRequired[
        list[Literal["image", "video", "audio", "document"]] | Literal["image", "video", "audio", "document"]
    ]
    forms: NotRequired[list[Literal["url", "base64", "data_uri"]]]
    media_types: NotRequired[list[str]]
    max_size: NotRequired[int]
    min_width: NotRequired[int]
    max_width: NotRequired[int]
    min_height: NotRequired[int]
    max_height: NotRequired[int]
    max_pixels: NotRequired[int]
    min_duration: NotRequired[float]
    max_duration: NotRequired[float]
    default: NotRequired[Any]
    examples: NotRequired[list[Any]]
    description: NotRequired[str]
    applies_when: NotRequired[dict[str, Any]]
    documented_as: NotRequired[str | float | bool | dict[str, Any] | None]
    note: NotRequired[str]
    name: NotRequired[str]
    renamed_from: NotRequired[FormerName]


class PathsSpec(TypedDict):
    """
    Paths of this model where they differ from the API's, for example under another prefix.
    """

    sync: NotRequired[str]
    submit: NotRequired[str]
    status: NotRequired[str]
    result: NotRequired[str]
    cancel: NotRequired[str]


class SourceSpec(TypedDict):
    """
    The page that the spec is based on.
    """

    document: NotRequired[str]
    url: NotRequired[str]
    date: NotRequired[str]


class FormerModelName(TypedDict):
    """
    The former name of the model. Attribute, module, classes and command of that name work, with a DeprecationWarning, until the next minor version.
    """

    name: str
    version: str


class Deprecated(TypedDict):
    """
    Present if the vendor has announced the end of the model.
    """

    since: str
    replaced_by: NotRequired[str]


ModelAuth = TypedDict(
    "ModelAuth",
    {
        "type": NotRequired[Literal["key", "hmac-sha256"]],
        "in": Literal["header", "query"],
        "name": str,
        "scheme": NotRequired[str],
    },
)


class WaitSpec(TypedDict):
    """
    How long the client waits for a job of this model, where it differs from the API's `async`.
    """

    deadline: NotRequired[float]
    interval: NotRequired[float]


class AnswersSpec(TypedDict):
    sync: NotRequired[AnswerSpec | list[AnswerSpec]]
    submit: NotRequired[AnswerSpec | list[AnswerSpec]]
    status: NotRequired[AnswerSpec | list[AnswerSpec]]
    result: NotRequired[AnswerSpec | list[AnswerSpec]]
    cancel: NotRequired[AnswerSpec | list[AnswerSpec]]
    failed: NotRequired[AnswerSpec | list[AnswerSpec]]
    error: NotRequired[AnswerSpec | list[AnswerSpec]]


ApiSpec = TypedDict(
    "ApiSpec",
    {
        "speccast": Literal[1],
        "title": str,
        "description": NotRequired[str],
        "documentation": NotRequired[str],
        "base_url": str,
        "auth": NotRequired[AuthSpec],
        "environment": NotRequired[Environment],
        "package": str,
        "distribution": str,
        "command": str,
        "client": str,
        "version": str,
        "license": NotRequired[str],
        "sample": NotRequired[str],
        "sync": NotRequired[Sync],
        "async": NotRequired[Async],
        "upload": NotRequired[UploadSpec],
        "errors": NotRequired[list[ErrorSpec]],
        "answers": NotRequired[AnswersSpec],
        "request_headers": NotRequired[dict[str, str]],
        "headers": NotRequired[list[HeaderSpec]],
        "drop_in": NotRequired[DropInSpec],
        "note": NotRequired[str],
    },
)


class ModelSpec(TypedDict):
    """
    One hosted model: what its documentation page says, as data.
    """

    speccast: Literal[1]
    slug: str
    name: NotRequired[str]
    title: str
    description: NotRequired[str]
    category: NotRequired[str]
    surfaces: list[Literal["sync", "async"]]
    paths: NotRequired[PathsSpec]
    body: NotRequired[Literal["json", "multipart", "form"]]
    sends: NotRequired[dict[str, str | float | bool | None]]
    returns: list[str]
    answers: NotRequired[AnswersSpec]
    parameters: dict[str, ParameterSpec]
    example: NotRequired[dict[str, Any]]
    source: NotRequired[SourceSpec]
    renamed_from: NotRequired[FormerModelName]
    deprecated: NotRequired[Deprecated]
    auth: NotRequired[ModelAuth]
    wait: NotRequired[WaitSpec]
    price: NotRequired[str]
    latency: NotRequired[str]
    note: NotRequired[str]
