"""Makes `Api` and `Model` from documents that have passed the check: decides every name, type and default.

Nothing is judged here: what the linter let through is taken as it stands. Where the format gives a meaning by default
(`hidden_values` implies `open`, a state is served with 200), that meaning is written out once, here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from speccast.specs import names
from speccast.specs.alike import MOST
from speccast.specs.bundle import bundle_head, bundle_piece
from speccast.specs.jsonschema import parameters_schema
from speccast.specs.model import (
    UNSET,
    Api,
    Auth,
    Deprecation,
    DropIn,
    ErrorStatus,
    Header,
    JobFields,
    JobSurface,
    Json,
    Kind,
    Model,
    Parameter,
    Source,
    State,
    SyncSurface,
)

if TYPE_CHECKING:
    from speccast.specs.bundle import Bundle
    from speccast.specs.document import Document
    from speccast.specs.format import ApiSpec, Async, ModelSpec, ParameterSpec
    from speccast.specs.load import LoadedApi

DEADLINE = 600.0
"""Seconds that a client waits for a job where the API's page names no time."""

INTERVAL = 1.0
"""Seconds between two polls where the API's page names no time."""


def build_api(loaded: LoadedApi) -> Api:
    """The API of a folder of checked documents, its models sorted by slug."""
    return _build(
        loaded.id,
        cast("ApiSpec", loaded.api.value),
        loaded.api.path,
        [model_of(document) for document in loaded.models],
    )


def model_of(document: Document) -> Model:
    """The model of a checked document, made once: first the linter looks at it, then it is rendered."""
    kept = vars(document)
    if "model" not in kept:
        kept["model"] = build_model(cast("ModelSpec", document.value), document.path, document.bundled)
    return cast("Model", kept["model"])


def build_shared(api_id: str, api: Document) -> Api:
    """What an API is without its models."""
    return _build(api_id, cast("ApiSpec", api.value), api.path, [])


def build_bundle(bundle: Bundle) -> Api:
    """The API of a bundle; where its specs were once is not known, so their paths are as in their own folder."""
    spec = {key: value for key, value in bundle.api.items() if key != "id"}
    return _build(
        bundle.api["id"],
        cast("ApiSpec", spec),
        f"{bundle.api['id']}/api.yaml",
        [
            build_model(cast("ModelSpec", model), f"{bundle.api['id']}/{slug}.yaml")
            for slug, model in bundle.models.items()
        ],
    )


def _build(api_id: str, spec: ApiSpec, path: str, models: Sequence[Model]) -> Api:
    environment = spec.get("environment", {})
    auth = spec.get("auth")
    sync = spec.get("sync")
    base64 = sync.get("base64") if sync else None
    drop_in = spec.get("drop_in")
    return Api(
        id=api_id,
        title=spec["title"],
        spec=path,
        base_url=spec["base_url"],
        package=spec["package"],
        distribution=spec["distribution"],
        command=spec["command"],
        client=spec["client"],
        version=spec["version"],
        description=spec.get("description", ""),
        documentation=spec.get("documentation"),
        license=spec.get("license"),
        auth=Auth(auth["in"], auth["name"], auth.get("scheme"), auth.get("description", ""))
        if auth
        else None,
        env_api_key=environment.get("api_key"),
        env_base_url=environment.get("base_url"),
        sync=SyncSurface(
            path=sync["path"],
            base64_parameter=base64["parameter"] if base64 else None,
            base64_field=base64["field"] if base64 else None,
        )
        if sync
        else None,
        jobs=_jobs(spec["async"]) if "async" in spec else None,
        errors=tuple(
            ErrorStatus(
                status=error["status"],
                title=error["title"],
                description=error.get("description", ""),
                exception=error.get("exception"),
                rejected_unprocessed=error.get("rejected_unprocessed", False),
                observed=error.get("observed", False),
            )
            for error in spec.get("errors", [])
        ),
        error_field=spec.get("error_field", "error"),
        headers=tuple(
            Header(
                header["name"], header["meaning"], header.get("type", "string"), header.get("description", "")
            )
            for header in spec.get("headers", [])
        ),
        drop_in=_drop_in(drop_in) if drop_in else None,
        models=tuple(sorted(models, key=lambda model: model.slug)),
        bundled=bundle_head({"id": api_id, **cast("dict[str, Any]", spec)}),
    )


def build_model(spec: ModelSpec, path: str, bundled: str | None = None) -> Model:
    """One model from its spec's value; `path` is the spec's file as people write it, `bundled` its value in a bundle."""
    slug = spec["slug"]
    name = spec.get("name")
    paths = spec.get("paths", {})
    deprecated = spec.get("deprecated")
    source = spec.get("source")
    return Model(
        slug=slug,
        module=names.module_name(name or slug),
        class_name=names.class_name(name or slug),
        command=names.command_name(slug, name),
        title=spec["title"],
        spec=path,
        surfaces=tuple(surface for surface in ("sync", "async") if surface in spec["surfaces"]),
        returns=tuple(spec["returns"]),
        parameters=tuple(build_parameter(wire, parameter) for wire, parameter in spec["parameters"].items()),
        schema=parameters_schema(spec),
        bundled=bundle_piece(cast("dict[str, Any]", spec)) if bundled is None else bundled,
        description=spec.get("description", ""),
        category=spec.get("category", ""),
        sync_path=paths.get("sync"),
        submit_path=paths.get("submit"),
        example=spec.get("example"),
        source=Source(source.get("document"), source.get("url"), source.get("date")) if source else None,
        deprecated=Deprecation(deprecated["since"], deprecated.get("replaced_by")) if deprecated else None,
        note=spec.get("note", ""),
    )


_built: dict[str, Parameter] = {}


def build_parameter(wire: str, spec: ParameterSpec) -> Parameter:
    """One parameter, member or item; numbers of an integer are integers, however the spec writes them.

    What is written alike is one object, of which most models have several.
    """
    key = json.dumps([wire, spec])
    known = _built.get(key)
    if known is None:
        if len(_built) >= MOST:
            _built.clear()
        known = _built[key] = _build_parameter(wire, spec)
    return known


def _build_parameter(wire: str, spec: ParameterSpec) -> Parameter:
    kind, nullable = parameter_type(spec)
    name = spec.get("name")
    documented = spec.get("documented_as", UNSET)
    printed = documented if "enum" in spec and isinstance(documented, Mapping) else {}
    hidden = spec.get("hidden_values", 0)

    def number(key: str) -> int | float | None:
        value = cast("Mapping[str, int | float]", spec).get(key)
        return None if value is None else cast("int | float", _as_kind(value, kind))

    items = spec.get("items")
    return Parameter(
        wire=wire,
        name=names.parameter_name(wire, name),
        flag=names.flag(wire, name),
        type=kind,
        nullable=nullable,
        required=spec.get("required", False),
        default=_as_kind(spec["default"], kind) if "default" in spec else UNSET,
        choices=tuple(_as_kind(value, kind) for value in spec.get("enum", [])),
        also_accepted=tuple(_as_kind(value, kind) for value in printed.values()),
        open=spec.get("open", False) or hidden > 0,
        hidden_values=hidden,
        minimum=number("minimum"),
        maximum=number("maximum"),
        exclusive_minimum=number("exclusiveMinimum"),
        exclusive_maximum=number("exclusiveMaximum"),
        multiple_of=number("multipleOf"),
        min_length=spec.get("minLength"),
        max_length=spec.get("maxLength"),
        pattern=spec.get("pattern"),
        format=spec.get("format"),
        items=build_parameter("", items) if items is not None else None,
        min_items=spec.get("minItems"),
        max_items=spec.get("maxItems"),
        properties=tuple(
            build_parameter(member, value) for member, value in spec.get("properties", {}).items()
        ),
        examples=tuple(_as_kind(value, kind) for value in spec.get("examples", [])),
        description=spec.get("description", ""),
        applies_when=tuple(
            (other, tuple(values) if isinstance(values, list) else (values,))
            for other, values in spec.get("applies_when", {}).items()
        ),
        documented_as=UNSET if printed else documented,
        note=spec.get("note", ""),
    )


def parameter_type(spec: ParameterSpec) -> tuple[Kind, bool]:
    """The type that a spec writes, and whether null is allowed beside it."""
    written = spec["type"]
    if isinstance(written, str):
        return written, False
    kinds: Sequence[str] = [kind for kind in written if kind != "null"]
    return cast("Kind", kinds[0]), True


def _as_kind(value: Json, kind: Kind) -> Json:
    """An integral float as the integer that its text is in JSON (1e23, not the nearest binary), where one is meant."""
    is_integer = kind == "integer" and isinstance(value, float) and value.is_integer()
    return int(Decimal(repr(value))) if is_integer else value


def _jobs(spec: Async) -> JobSurface:
    return JobSurface(
        submit=spec["submit"],
        status=spec["status"],
        result=spec["result"],
        fields=JobFields(**spec.get("fields", {})),
        states=tuple(
            State(state["name"], state["phase"], state.get("http_status", 200), state.get("description", ""))
            for state in spec["states"]
        ),
        deadline=spec.get("deadline", DEADLINE),
        interval=spec.get("interval", INTERVAL),
        retention=spec.get("retention"),
    )


def _drop_in(spec: Mapping[str, Any]) -> DropIn:
    roles = ("run", "run_sync", "submit", "client", "error", "failed", "timeout")
    return DropIn(replaces=spec.get("replaces", ""), **{role: spec.get(role) for role in roles})
