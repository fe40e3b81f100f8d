"""The responses of an API: files or JSON of a model, states of jobs, errors, and their headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from speccast.core.answers import choose, fill
from speccast.core.occasions import is_documented
from speccast.core.omit import OMIT
from speccast.samples.examples import base64_parameter
from speccast.targets.openapi.lookups import has_own_status
from speccast.targets.openapi.samples import sample_schema

if TYPE_CHECKING:
    from speccast.core.api import Api, JobSurface
    from speccast.core.model import Model
    from speccast.core.occasions import Occasion

JSON = "application/json"

JOB = "Job"
JOB_STATUS = "JobStatus"
JOB_RESULT = "JobResult"
ERROR = "Error"


def success(api: Api, description: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a response without an error."""
    response: dict[str, Any] = {"description": description}
    if api.headers:
        response["headers"] = _header_references(api)
    response["content"] = content
    return response


def model_content(api: Api, model: Model) -> dict[str, Any]:
    """Return the content of the response to a blocking call, by media type. As OpenAPI 3.1 requires, bytes have no schema."""
    base64 = _base64_content(api, model)
    content: dict[str, Any] = {media_type: {} for media_type in model.returns}
    for media_type in content:
        if media_type.startswith("text/"):
            content[media_type] = {"schema": {"type": "string"}}
    if base64 is not None:
        content[JSON] = base64
    elif JSON in content:
        content[JSON] = {"schema": {"description": "The response of the model."}}
    return content


def job_content(schema: str) -> dict[str, Any]:
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def finished_otherwise(api: Api, jobs: JobSurface, content: dict[str, Any]) -> dict[str, Any]:
    """Return the responses for job states with another status than 200, by status."""
    texts_by_status: dict[str, list[str]] = {}
    for state in jobs.states:
        if state.http_status != HTTPStatus.OK:
            meaning = f": {state.description}" if state.description else ""
            texts_by_status.setdefault(str(state.http_status), []).append(
                f"The job is {state.name}{meaning}".strip()
            )
    return {
        status: success(api, " ".join(f"{text.rstrip('.')}." for text in texts), content)
        for status, texts in texts_by_status.items()
    }


def errors_of(api: Api) -> dict[str, Any]:
    """Return references to the responses of all error statuses."""
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in _errors(api).items()}


def error_responses(api: Api) -> dict[str, Any]:
    """Return the responses of all error statuses, by name."""
    documented = {str(error.status): error for error in api.errors}
    responses = {}
    for status, name in _errors(api).items():
        error = documented.get(status)
        texts = [error.title, error.description] if error is not None else [HTTPStatus(int(status)).phrase]
        response: dict[str, Any] = {"description": " ".join(f"{text.rstrip('.')}." for text in texts if text)}
        if api.headers:
            response["headers"] = _header_references(api)
        if error is not None and error.media_type != JSON:
            response["content"] = {error.media_type: {"schema": {"type": "string"}}}
        else:
            response["content"] = {
                JSON: {
                    "schema": {"$ref": f"#/components/schemas/{ERROR}"},
                    "example": _error_example(
                        api, int(status), next(text for text in reversed(texts) if text)
                    ),
                }
            }
        responses[name] = response
    return responses


def response_headers(api: Api) -> dict[str, Any]:
    """Return the documented headers by name. No response is guaranteed to have them."""
    return {
        header.name: {
            "description": header.description or f"Meaning: {header.meaning}.",
            "schema": {"type": header.type},
        }
        for header in api.headers
    }


def job_schemas(api: Api) -> dict[str, Any]:
    """The schemas of errors and of what is answered about jobs. All are open: an API may always say more."""
    answers = api.answers_of()
    error = {"description": "What is wrong.", **sample_schema([each.body for each in answers.error])}
    if api.jobs is None or not any(model.is_async for model in api.models):
        return {ERROR: error}
    accepted, status, result = (
        {"description": description, **sample_schema([each.body for each in samples], api.jobs.states)}
        for description, samples in (
            ("An accepted job.", answers.submit),
            ("The status of a job.", (*answers.status, *answers.failed)),
            (
                "The result of a job, or its status until it is finished.",
                (*answers.result, *answers.status, *answers.failed),
            ),
        )
    )
    schemas = {ERROR: error, JOB: accepted, JOB_STATUS: status, JOB_RESULT: result}
    if not has_own_status(api):  # the result tells the status as well
        del schemas[JOB_STATUS]
    return schemas


def _errors(api: Api) -> dict[str, str]:
    """Status to name of its response: the listed statuses, and those with which every API refuses requests."""
    occasions: list[Occasion] = ["unknown_model", "content_type", "invalid_body", "invalid_parameters"]
    if api.jobs is not None:
        occasions.append("unknown_job")
        if api.jobs.cancel is not None and is_documented(api, "finished_job"):
            occasions.append("finished_job")
    if api.auth is not None:
        occasions += ["missing_key", "invalid_key"]
    statuses = {error.status for error in api.errors}
    statuses.update(api.error_for(occasion).status for occasion in occasions)
    return {str(int(status)): f"Error{int(status)}" for status in sorted(statuses)}


def _header_references(api: Api) -> dict[str, Any]:
    return {header.name: {"$ref": f"#/components/headers/{header.name}"} for header in api.headers}


def _base64_content(api: Api, model: Model) -> dict[str, Any] | None:
    """Return the JSON content of a response to a request for base64, if the model supports that."""
    if JSON in model.returns[:1] or base64_parameter(api, model) is None:
        return None
    return {
        "schema": {
            "description": f"The answer where {base64_parameter(api, model)} is true.",
            **sample_schema([each.body for each in api.answers_of(model).sync if each.body is not OMIT]),
        }
    }


def _error_example(api: Api, status: int, text: str) -> Any:
    """The body of an error, as the API sends it."""
    values = {"message": text, "status": status, "title": text, "parameter": None}
    return fill(choose(api.answers_of().error, values).body, values)
