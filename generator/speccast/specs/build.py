"""Builds `Api` and `Model` of the core from checked documents, with every name, type and default resolved.

Nothing is validated here. Keys of a spec that are named like a field of the dataclass are copied by `_from_spec`; the
meanings that the format defines by default, such as that `hidden_values` implies `open`, are resolved here only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from speccast.core.answers import Answer, Answers, Event, Operation, find_paths
from speccast.core.api import (
    Api,
    Cancel,
    DropIn,
    ErrorStatus,
    HeaderMeaning,
    JobState,
    JobSurface,
    SyncSurface,
)
from speccast.core.auth import build_auth
from speccast.core.model import Deprecation, Model, PageSource
from speccast.core.omit import OMIT
from speccast.core.parameter import Json, Kind, Parameter
from speccast.core.places import Places
from speccast.core.upload_surface import ADDRESSES, UploadSurface
from speccast.specs.bundle import bundle_head, bundle_piece
from speccast.specs.identifiers import fold_words
from speccast.specs.identity_cache import MAX_OBJECTS
from speccast.specs.jsonschema import FIELDS, parameters_schema, tag_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from speccast.specs.bundle import Bundle
    from speccast.specs.document import Document
    from speccast.specs.format import (
        AnswerSpec,
        ApiSpec,
        Async,
        CancelSpec,
        ModelSpec,
        ParameterSpec,
        Sync,
        UploadSpec,
    )
    from speccast.specs.load import LoadedApi

T = TypeVar("T", bound="DataclassInstance")


def build_api(loaded: LoadedApi) -> Api:
    """Build the API of a folder of checked documents, with its models sorted by slug."""
    return _build(
        loaded.id,
        cast("ApiSpec", loaded.api.value),
        loaded.api.path,
        [model_of(document) for document in loaded.models],
    )


def model_of(document: Document) -> Model:
    """Build the model of a checked document, once: it is first linted and then rendered."""
    kept = vars(document)
    if "model" not in kept:
        kept["model"] = build_model(cast("ModelSpec", document.value), document.path, document.bundled)
    return cast("Model", kept["model"])


def build_bundle(bundle: Bundle) -> Api:
    """Build the API of a bundle. The paths of its specs are relative to its folder of specs, whose place is unknown."""
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
    answers = Answers().replace(_answers(spec))
    return _from_spec(
        Api,
        spec,
        id=api_id,
        spec=path,
        auth=build_auth(spec["auth"]) if "auth" in spec else None,
        env_api_key=environment.get("api_key"),
        env_base_url=environment.get("base_url"),
        env_log=environment.get("log"),
        sync=_sync(spec["sync"]) if "sync" in spec else None,
        jobs=_jobs(spec["async"]) if "async" in spec else None,
        upload=_upload(spec["upload"], spec["base_url"]) if "upload" in spec else None,
        answers=answers,
        places=answers.places,
        job_places=_job_places(answers, models),
        errors=tuple(
            _from_spec(
                ErrorStatus,
                error,
                occasions=(*dict.fromkeys([*error.get("occasions", ()), *error.get("messages", ())]),),
            )
            for error in spec.get("errors", [])
        ),
        headers=tuple(_from_spec(HeaderMeaning, header) for header in spec.get("headers", [])),
        drop_in=_from_spec(DropIn, spec["drop_in"]) if "drop_in" in spec else None,
        models=tuple(sorted(models, key=lambda model: model.slug)),
        bundled=bundle_head({"id": api_id, **cast("dict[str, Any]", spec)}),
    )


def _from_spec(cls: type[T], spec: Mapping[str, Any], /, **values: Any) -> T:
    """Build an instance from the keys of a spec that are named like a field. `values` override or complete them."""
    named = {field.name: spec[field.name] for field in fields(cls) if field.name in spec}
    return cls(**(named | values))


def build_model(spec: ModelSpec, path: str, bundled: str = "") -> Model:
    """Build a model from the value of its spec. `path` is the file as shown to users, `bundled` the result of `bundle_piece`."""
    paths = spec.get("paths", {})
    return _from_spec(
        Model,
        spec,
        spec=path,
        surfaces=tuple(surface for surface in ("sync", "async") if surface in spec["surfaces"]),
        returns=tuple(spec["returns"]),
        parameters=tuple(build_parameter(wire, parameter) for wire, parameter in spec["parameters"].items()),
        schema=parameters_schema(spec),
        bundled=bundled or bundle_piece(cast("dict[str, Any]", spec)),
        sync_path=paths.get("sync"),
        submit_path=paths.get("submit"),
        auth=build_auth(spec["auth"]) if "auth" in spec else None,
        status_path=paths.get("status"),
        result_path=paths.get("result"),
        cancel_path=paths.get("cancel"),
        **spec.get("wait", {}),
        answers=_answers(spec),
        source=_from_spec(PageSource, spec["source"]) if spec.get("source") else None,
        deprecated=_from_spec(Deprecation, spec["deprecated"]) if "deprecated" in spec else None,
        renamed_from=spec.get("renamed_from", {}).get("name", ""),
        renamed_in=spec.get("renamed_from", {}).get("version", ""),
    )


_built: dict[str, Parameter] = {}


def build_parameter(wire: str, spec: ParameterSpec) -> Parameter:
    """Return a parameter, member or item. Integral floats of an integer parameter become integers.

    Identical specs give the same object; see `identity_cache`.
    """
    key = json.dumps([wire, spec])
    parameter = _built.get(key)
    if parameter is None:
        if len(_built) >= MAX_OBJECTS:
            _built.clear()
        parameter = _built[key] = _build_parameter(wire, spec)
    return parameter


def _description(text: str, *names: str) -> str:
    """Return the description, or an empty text if it only repeats the name: `negative_prompt` and "Negative prompt."."""
    return "" if fold_words(text) in map(fold_words, names) else text


def _build_parameter(wire: str, spec: ParameterSpec) -> Parameter:
    tag = tag_name(cast("list[Mapping[str, Any]]", spec.get("anyOf", [])))
    branches, nullable = _branches(spec, tag)
    kind: Kind = "union"
    if not branches:
        kind, nullable = parameter_type(spec)
    documented = spec.get("documented_as", OMIT)
    printed = documented if "enum" in spec and isinstance(documented, Mapping) else {}
    keywords = cast("Mapping[str, Json]", spec)
    items = spec.get("items")
    given = spec.get("media", ())
    media = (given,) if isinstance(given, str) else tuple(given)
    former = spec.get("renamed_from", {})
    return _from_spec(
        Parameter,
        spec,
        wire=wire,
        name=spec.get("name", wire),
        type=kind,
        nullable=nullable,
        default=_as_kind(spec["default"], kind) if "default" in spec else OMIT,
        choices=tuple(_as_kind(value, kind) for value in spec.get("enum", [])),
        also_accepted=tuple(_as_kind(value, kind) for value in printed.values()),
        takes_text=spec.get("also_accepts") == "string" and kind in ("integer", "number", "boolean"),
        open=spec.get("open", False) or spec.get("hidden_values", 0) > 0,
        items=build_parameter("", items) if items is not None else None,
        properties=tuple(
            build_parameter(member, value) for member, value in spec.get("properties", {}).items()
        ),
        branches=branches,
        tag=tag,
        media=media,
        forms=_forms(spec) if media and kind == "string" else (),
        media_types=tuple(spec.get("media_types", ())),
        examples=tuple(_as_kind(value, kind) for value in spec.get("examples", [])),
        description=_description(spec.get("description", ""), wire, spec.get("name", "")),
        applies_when=_conditions(spec.get("applies_when", {})),
        documented_as=OMIT if printed else documented,
        renamed_from=former.get("name", ""),
        renamed_in=former.get("version", ""),
        **{FIELDS[key]: _as_kind(keywords[key], kind) for key in FIELDS if key in keywords},
    )


def _forms(spec: ParameterSpec) -> tuple[str, ...]:
    """Return the forms of a text with `media`."""
    every = ("url",) if spec.get("format") == "uri" else ("url", "base64", "data_uri")
    return tuple(spec.get("forms", every))


def _branches(spec: ParameterSpec, tag: str) -> tuple[tuple[Parameter, ...], bool]:
    """Return the branches of a union, and whether one of them allows null. The tag of objects is required."""
    built = [build_parameter("", branch) for branch in spec.get("anyOf", [])]
    branches = (
        replace(
            branch,
            nullable=False,
            properties=tuple(
                replace(member, required=True, default=OMIT)
                if member.wire == tag and branch.type == "object"
                else member
                for member in branch.properties
            ),
        )
        for branch in built
    )
    return tuple(branches), any(branch.nullable for branch in built)


def parameter_type(spec: ParameterSpec) -> tuple[Kind, bool]:
    """Return the type of a parameter's spec, and whether null is allowed."""
    written = spec["type"]
    if isinstance(written, str):
        return written, False
    kinds: Sequence[str] = [kind for kind in written if kind != "null"]
    return cast("Kind", kinds[0]), True


def _as_kind(value: Json, kind: Kind) -> Json:
    """Return an integral float of an integer parameter as the integer that its JSON text says: 1e23 is exact."""
    is_integer = kind == "integer" and isinstance(value, float) and value.is_integer()
    return int(Decimal(repr(value))) if is_integer else value


def _sync(spec: Sync) -> SyncSurface:
    return SyncSurface(spec["path"], spec.get("body", "json"), spec.get("base_url"), spec.get("wrap"))


def _jobs(spec: Async) -> JobSurface:
    return _from_spec(
        JobSurface,
        spec,
        result=spec.get("result", spec["status"]),
        cancel=_cancel(spec["cancel"]) if "cancel" in spec else None,
        states=tuple(_from_spec(JobState, state) for state in spec["states"]),
    )


def _upload(spec: UploadSpec, base_url: str) -> UploadSurface:
    """Return how files are uploaded. An origin that is the API's own is left out."""
    scheme, slashes, rest = spec["url"].rpartition("://")
    host, slash, path = rest.partition("/")
    origin = f"{scheme}{slashes}{host}"
    return _from_spec(
        UploadSurface,
        spec,
        path=slash + path,
        base_url=origin if origin not in ("", base_url) else None,
        places=find_paths(spec["answer"]["body"], ADDRESSES),
        answer=_from_spec(Answer, spec["answer"]),
    )


def _job_places(answers: Answers, models: Sequence[Model]) -> Places | None:
    """Return where the answers about a job of any model have their values: those of the API first."""
    models = sorted(models, key=lambda model: model.slug)
    own = [answers.replace(model.answers).places for model in models if model.is_async and model.answers]
    if not own:
        return None
    return Places(
        **{
            each.name: {
                name: tuple(
                    dict.fromkeys(
                        path
                        for places in (answers.places, *own)
                        for path in getattr(places, each.name).get(name, ())
                    )
                )
                for name in dict.fromkeys(
                    name for places in (answers.places, *own) for name in getattr(places, each.name)
                )
            }
            for each in fields(Places)
        }
    )


def _answers(spec: ApiSpec | ModelSpec) -> dict[Operation, tuple[Answer, ...]]:
    """Return the answers of a spec by operation. An operation has one answer or a list of them."""
    given = cast("Mapping[Operation, AnswerSpec | list[AnswerSpec]]", spec.get("answers", {}))
    return {
        operation: tuple(_answer(each) for each in (answers if isinstance(answers, list) else [answers]))
        for operation, answers in given.items()
    }


def _answer(spec: AnswerSpec) -> Answer:
    return _from_spec(
        Answer,
        spec,
        when=_conditions(spec.get("when", {})),
        events=tuple(_from_spec(Event, event) for event in spec.get("events", ())),
    )


def _conditions(spec: Mapping[str, Any]) -> tuple[tuple[str, tuple[Json, ...]], ...]:
    """Return conditions: other parameter to value or values."""
    return tuple(
        (other, tuple(values) if isinstance(values, list) else (values,)) for other, values in spec.items()
    )


def _cancel(spec: str | CancelSpec) -> Cancel:
    return Cancel(spec) if isinstance(spec, str) else _from_spec(Cancel, spec)
