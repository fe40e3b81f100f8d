"""The operations: each model on each of its surfaces, and the status and result of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from speccast.targets.openapi.bodies import merge_content, request_content
from speccast.targets.openapi.headers import header_references
from speccast.targets.openapi.lookups import CANCEL, STATUS, Lookup, has_own_status, lookups
from speccast.targets.openapi.names import names_of_models, security_name
from speccast.targets.openapi.responses import (
    JOB,
    JOB_RESULT,
    JOB_STATUS,
    errors_of,
    finished_otherwise,
    job_content,
    model_content,
    statuses_of,
    success,
)
from speccast.targets.openapi.uploads import upload_operation, upload_path

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from speccast.core.answers import Answer, Operation
    from speccast.core.api import Api, JobSurface, SyncSurface
    from speccast.core.model import Model
    from speccast.core.upload_surface import UploadSurface

JOBS = "jobs"
"""Tag of the operations on jobs."""


def operations(api: Api, *, with_servers: bool = True) -> dict[str, dict[str, Any]]:
    """Return the `paths` of the document. The models of one surface that share a path are one operation."""
    paths: dict[str, dict[str, Any]] = {}

    def add(template: str, method: str, operation: dict[str, Any]) -> None:
        paths.setdefault(template, {}).setdefault(method, operation)

    names = names_of_models(api.models)
    calls = _calls(api)
    left_out = set(submits_left_out(api))
    about_jobs = lookups(api, api.jobs, names) if api.jobs is not None else []
    for (path, is_job), models in calls.items():
        if is_job and path in left_out:
            continue
        if is_job and api.jobs is not None:
            add(path, "post", _submit(api, path, models, names, about_jobs))
        else:
            add(path, "post", _generate(api, path, models, names))
    for lookup in about_jobs:
        assert api.jobs is not None
        if lookup.kind == CANCEL and api.jobs.cancel is not None:
            add(lookup.path, api.jobs.cancel.method.lower(), _cancel(api, api.jobs, lookup))
        else:
            add(lookup.path, "get", _look(api, api.jobs, lookup))
    if api.upload is not None and has_upload(api):
        add(upload_path(api.upload), "post", upload_operation(api, api.upload))
    if with_servers:
        _add_servers(api, paths, {path for path, is_job in calls if not is_job})
    return paths


def has_upload(api: Api) -> bool:
    """Return whether the document describes the upload: not where it has the path of a call on another host."""
    return api.upload is not None and upload_path(api.upload) not in {path for path, _ in _calls(api)}


def submits_left_out(api: Api) -> list[str]:
    """Return the paths of submits that are also those of blocking calls, on another host.

    A path of a document has one POST operation for all servers: that of the blocking call.
    """
    calls = _calls(api)
    return [path for path, is_job in calls if is_job and (path, False) in calls]


def has_submits(api: Api) -> bool:
    """Return whether the document describes submits."""
    return sum(is_job for _, is_job in _calls(api)) > len(submits_left_out(api))


def _calls(api: Api) -> dict[tuple[str, bool], list[Model]]:
    """Return the models by path and by whether it is that of a submit."""
    calls: dict[tuple[str, bool], list[Model]] = {}
    for model in served_models(api):
        if model.is_sync and api.sync is not None:
            calls.setdefault((_path(model.sync_path or api.sync.path, model), False), []).append(model)
        if model.is_async and api.jobs is not None:
            calls.setdefault((_path(model.submit_path or api.jobs.submit, model), True), []).append(model)
    return calls


def _add_servers(api: Api, paths: Mapping[str, dict[str, Any]], of_calls: Container[str]) -> None:
    """Add the origin of a surface to its paths, if it differs from the API's."""
    for path, operations_at in paths.items():
        is_upload = api.upload is not None and has_upload(api) and path == upload_path(api.upload)
        surface: UploadSurface | SyncSurface | JobSurface | None = api.jobs
        if is_upload:
            surface = api.upload
        elif path in of_calls:
            surface = api.sync
        if surface is not None and surface.base_url is not None:
            operations_at["servers"] = [{"url": surface.base_url, "description": api.title}]


def served_models(api: Api) -> tuple[Model, ...]:
    """Return the models with a surface that the API has."""
    return tuple(
        model
        for model in api.models
        if (model.is_sync and api.sync is not None) or (model.is_async and api.jobs is not None)
    )


def tag_of(model: Model) -> str:
    return model.category or "models"


def _path(template: str, model: Model) -> str:
    return template.replace("{slug}", model.slug)


def _generate(api: Api, path: str, models: Sequence[Model], names: Mapping[str, str]) -> dict[str, Any]:
    content = merge_content((model_content(api, model) for model in models), "anyOf")
    answer = success(api, "What the model made.", content)
    return {
        **_call(api, path, models, names, job=False),
        "responses": {**_under_each_status(api.answers_of(models[0]).sync, answer), **errors_of(api)},
    }


def _submit(
    api: Api, path: str, models: Sequence[Model], names: Mapping[str, str], about_jobs: Iterable[Lookup]
) -> dict[str, Any]:
    accepted = success(api, "The job was accepted.", job_content(api, JOB, "submit", models))
    links: dict[str, Any] = {}
    for lookup in about_jobs:
        if lookup.kind == CANCEL or not all(model.slug in lookup.slugs for model in models):
            continue
        if "{slug}" in lookup.path and len(models) > 1:
            continue
        links["status" if lookup.kind == STATUS else "result"] = {
            "operationId": lookup.operation_id,
            "parameters": {
                **({"slug": models[0].slug} if "{slug}" in lookup.path else {}),
                lookup.id_name: f"$response.body#{_id_pointer(api, models[0])}",
            },
            "description": "The job's status."
            if lookup.kind == STATUS
            else "What the job made, once it is finished.",
        }
    accepted["links"] = links
    return {
        **_call(api, path, models, names, job=True),
        "responses": {**_under_each_status(api.answers_of(models[0]).submit, accepted), **errors_of(api)},
    }


def _call(
    api: Api, path: str, models: Sequence[Model], names: Mapping[str, str], *, job: bool
) -> dict[str, Any]:
    titles = ", ".join(model.title for model in models)
    name = names[models[0].slug] if len(models) == 1 else "_".join(re.findall("[A-Za-z0-9]+", path))
    operation: dict[str, Any] = {
        "operationId": f"{'submit' if job else 'generate'}_{name}",
        "summary": f"{titles}: {'submit a job' if job else 'one blocking call'}",
        "description": "\n\n".join(map(_description, models)),
        "tags": list(dict.fromkeys(map(tag_of, models))),
    }
    urls = {model.source.url for model in models if model.source is not None and model.source.url is not None}
    if len(urls) == 1:
        operation["externalDocs"] = {"description": "The model's page.", "url": urls.pop()}
    if all(model.deprecated is not None for model in models):
        operation["deprecated"] = True
    if any(model.auth is not None for model in models):
        places = dict.fromkeys(api.auth_place(model) for model in models)
        operation["security"] = [{security_name(place): []} for place in places]
    for key, texts in (
        ("x-price", [model.price for model in models]),
        ("x-latency", [model.latency for model in models]),
    ):
        if any(texts):
            operation[key] = ", ".join(dict.fromkeys(filter(None, texts)))
    if headers := header_references(api):
        operation["parameters"] = headers
    content = request_content(api, models, names, job=job)
    operation["requestBody"] = {"required": True, "content": content}
    return operation


def _description(model: Model) -> str:
    sentences = [model.description or f"{model.title}."]
    if model.deprecated is not None and model.deprecated.replaced_by:
        sentences.append(f"Use {model.deprecated.replaced_by} instead.")
    return "\n\n".join(sentence for sentence in sentences if sentence)


def _look(api: Api, jobs: JobSurface, lookup: Lookup) -> dict[str, Any]:
    models = [model for model in api.models if model.slug in lookup.slugs]
    what: Operation = "result"
    operations: tuple[Operation, ...] = ("status", "result", "failed")
    schema = JOB_RESULT
    if lookup.kind == STATUS:
        what, operations, schema = "status", ("status", "failed"), JOB_STATUS
    content = job_content(api, schema, what, models)
    described = success(api, f"The {what} of the job.", content)
    responses = {
        **dict.fromkeys(sorted({"200"} | statuses_of(api, operations)), described),
        **finished_otherwise(api, jobs, content),
    }
    return _about_job(api, lookup, f"The {what} of a job", f"The {what} of a job, by its id.", responses)


def _cancel(api: Api, jobs: JobSurface, lookup: Lookup) -> dict[str, Any]:
    models = [model for model in api.models if model.slug in lookup.slugs]
    content = job_content(api, JOB_STATUS if has_own_status(api) else JOB_RESULT, "cancel", models)
    canceled = success(api, "The status of the job, which is canceled or will be.", content)
    description = "Cancel a job, by its id. Canceling it again changes nothing."
    responses = _under_each_status(api.answers_of(models[0]).cancel, canceled)
    return _about_job(api, lookup, "Cancel a job", description, responses)


def _about_job(
    api: Api, lookup: Lookup, summary: str, description: str, responses: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "operationId": lookup.operation_id,
        "summary": summary,
        "description": description,
        "tags": [JOBS],
        "parameters": [*lookup.parameters, *header_references(api)],
        "responses": {**errors_of(api), **responses},
    }


def _under_each_status(answers: Sequence[Answer], response: dict[str, Any]) -> dict[str, Any]:
    """Return the response under the HTTP statuses of answers."""
    return {str(status): response for status in sorted({answer.status or 200 for answer in answers})}


def _id_pointer(api: Api, model: Model) -> str:
    """Return the place of the job's id in the response to a submit, as a JSON pointer."""
    [path, *_] = api.answers_of(model).places.submit.get("id", ((),))
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
