"""The operations: each model on each of its surfaces, and the status and result of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from speccast.targets.openapi.bodies import merge_content, request_content
from speccast.targets.openapi.headers import header_references
from speccast.targets.openapi.names import names_of_models, security_name
from speccast.targets.openapi.responses import (
    JOB,
    JOB_RESULT,
    JOB_STATUS,
    errors_of,
    finished_otherwise,
    job_content,
    model_content,
    success,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.answers import Answer
    from speccast.core.api import Api, JobSurface
    from speccast.core.model import Model

JOBS = "jobs"
"""Tag of the operations on jobs."""

STATUS = "job_status"
RESULT = "job_result"
CANCEL = "job_cancel"


def operations(api: Api) -> dict[str, dict[str, Any]]:
    """Return the `paths` of the document. The models of one surface that share a path are one operation."""
    paths: dict[str, dict[str, Any]] = {}

    def add(template: str, method: str, operation: dict[str, Any]) -> None:
        paths.setdefault(template, {}).setdefault(method, operation)

    names = names_of_models(api.models)
    calls: dict[tuple[str, bool], list[Model]] = {}
    for model in served_models(api):
        if model.is_sync and api.sync is not None:
            calls.setdefault((_path(model.sync_path or api.sync.path, model), False), []).append(model)
        if model.is_async and api.jobs is not None:
            calls.setdefault((_path(model.submit_path or api.jobs.submit, model), True), []).append(model)
    for (path, is_job), models in calls.items():
        if is_job and api.jobs is not None:
            add(path, "post", _submit(api, api.jobs, path, models, names))
        else:
            add(path, "post", _generate(api, path, models, names))
    if api.jobs is not None and any(model.is_async for model in api.models):
        for template, operation_id in _lookups(api.jobs).items():
            add(template, "get", _look(api, api.jobs, template, operation_id))
        if api.jobs.cancel is not None:
            cancel = api.jobs.cancel
            add(cancel.path, cancel.method.lower(), _cancel(api, api.jobs, cancel.path))
    return paths


def served_models(api: Api) -> tuple[Model, ...]:
    """The models with a surface that the API has."""
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
    api: Api, jobs: JobSurface, path: str, models: Sequence[Model], names: Mapping[str, str]
) -> dict[str, Any]:
    accepted = success(api, "The job was accepted.", job_content(JOB))
    accepted["links"] = {
        ("status" if operation_id == STATUS else "result"): {
            "operationId": operation_id,
            "parameters": {
                **({"slug": models[0].slug} if "{slug}" in template else {}),
                "id": f"$response.body#{_id_pointer(api, models[0])}",
            },
            "description": "The job's status."
            if operation_id == STATUS
            else "What the job made, once it is finished.",
        }
        for template, operation_id in _lookups(jobs).items()
        if len(models) == 1 or "{slug}" not in template
    }
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


def _lookups(jobs: JobSurface) -> dict[str, str]:
    """The path templates for a job; status and result may have the same one."""
    return {jobs.result: RESULT, jobs.status: STATUS} if jobs.status != jobs.result else {jobs.status: RESULT}


def _look(api: Api, jobs: JobSurface, template: str, operation_id: str) -> dict[str, Any]:
    what = "status" if operation_id == STATUS else "result"
    content = job_content(JOB_STATUS if operation_id == STATUS else JOB_RESULT)
    return {
        "operationId": operation_id,
        "summary": f"The {what} of a job",
        "description": f"The {what} of a job, by its id.",
        "tags": [JOBS],
        "parameters": _job_parameters(api, template),
        "responses": {
            **errors_of(api),
            "200": success(api, f"The {what} of the job.", content),
            **finished_otherwise(api, jobs, content),
        },
    }


def _cancel(api: Api, jobs: JobSurface, template: str) -> dict[str, Any]:
    content = job_content(JOB_STATUS if jobs.status != jobs.result else JOB_RESULT)
    return {
        "operationId": CANCEL,
        "summary": "Cancel a job",
        "description": "Cancel a job, by its id. Canceling it again changes nothing.",
        "tags": [JOBS],
        "parameters": _job_parameters(api, template),
        "responses": {
            **errors_of(api),
            "200": success(api, "The status of the job, which is canceled or will be.", content),
        },
    }


def _job_parameters(api: Api, template: str) -> list[dict[str, Any]]:
    """The parameters in the path of a request about a job."""
    parameters: list[dict[str, Any]] = [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The id of the job, as its submit answered it.",
            "schema": {"type": "string", "minLength": 1},
        }
    ]
    if "{slug}" in template:
        slugs = [model.slug for model in api.models if model.is_async]
        parameters.insert(
            0,
            {
                "name": "slug",
                "in": "path",
                "required": True,
                "description": "The model that the job was submitted to.",
                "schema": {"type": "string", "enum": slugs},
            },
        )
    return [*parameters, *header_references(api)]


def _under_each_status(answers: Sequence[Answer], response: dict[str, Any]) -> dict[str, Any]:
    """The response under the HTTP statuses of answers."""
    return {str(status): response for status in sorted({answer.status or 200 for answer in answers})}


def _id_pointer(api: Api, model: Model) -> str:
    """The place of the job's id in the response to a submit, as a JSON pointer."""
    [path, *_] = api.answers_of(model).places.submit.get("id", ((),))
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
