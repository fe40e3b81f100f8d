"""The responses of an API: files or JSON of a model, states of jobs, errors, and their headers."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from speccast.core.answers import OUTPUTS, choose, is_placeholder, placeholders_in
from speccast.core.occasions import is_documented
from speccast.core.omit import OMIT
from speccast.core.paths import job_paths
from speccast.core.places import METRICS
from speccast.samples.filling import fill
from speccast.targets.openapi.lookups import has_own_status
from speccast.targets.openapi.samples import example_of, sample_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.core.answers import Answer, Event, Operation
    from speccast.core.api import Api, JobState, JobSurface
    from speccast.core.model import Model
    from speccast.core.occasions import Occasion
    from speccast.core.omit import Omit
    from speccast.core.parameter import Json

JSON = "application/json"
EVENT_STREAM = "text/event-stream"

JOB = "Job"
JOB_STATUS = "JobStatus"
JOB_RESULT = "JobResult"
ERROR = "Error"

EXAMPLE_ID = "0f8fad5bd9cb469fa165708867289500"

_OPTIONAL = (*OUTPUTS, *METRICS, "message", "cancel_url")
"""Placeholders that may have no value in an answer about a job."""


def success(api: Api, description: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a response without an error."""
    response: dict[str, Any] = {"description": description}
    if api.headers:
        response["headers"] = _header_references(api)
    if content:
        response["content"] = content
    return response


def model_content(api: Api, model: Model) -> dict[str, Any]:
    """Return the content of the response to a blocking call, by media type. As OpenAPI 3.1 requires, bytes have no schema."""
    possible = _possible(model, api.answers_of(model).sync)
    answers = [answer for answer in possible if not answer.events]
    bodies = [answer.body for answer in answers if answer.body is not OMIT]
    # The bytes of a file; also JSON that a model makes, where the only sample in JSON has a place for files.
    has_files = len(bodies) < len(answers) or (JSON in model.returns[:1] and _has_only_files(bodies))
    content: dict[str, Any] = {media_type: {} for media_type in model.returns} if has_files else {}
    for media_type in content:
        if media_type.startswith("text/"):
            content[media_type] = {"schema": {"type": "string"}}
    if JSON in content:
        content[JSON] = {"schema": {"description": "The response of the model."}}
    if bodies and not (has_files and JSON in model.returns[:1]):
        described = {"description": "What the model made."}
        content[JSON] = {
            "schema": {**described, **sample_schema(bodies)},
            "example": example_of(bodies[0], example_values(api, model)),
        }
    if api.event_places(model) is not None:
        [streamed, *_] = (answer for answer in possible if answer.events)
        content[EVENT_STREAM] = {
            # Without a type: some tools compare the schema with the whole text, others with each event.
            "schema": {"description": _describe_events(streamed)},
            "example": "".join(_event(event, example_values(api, model)) for event in streamed.events),
        }
    return content


def _describe_events(answer: Answer) -> str:
    conditions = [
        f"{name} is {' or '.join(json.dumps(value) for value in values)}" for name, values in answer.when
    ]
    return f"Server-sent events, if {' and '.join(conditions)}."


def _event(event: Event, values: Mapping[str, Any]) -> str:
    data = fill(event.data, values, [{"text": values["text"]}])
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {event.event}\n" if event.event else "") + f"data: {text}\n\n"


def example_values(api: Api, model: Model | None = None) -> dict[str, Any]:
    """Return example values of the placeholders in the answers of an API."""
    values: dict[str, Any] = {
        "id": EXAMPLE_ID,
        "output": "https://files.example/1",
        "base64": "iVBORw0KGgo=",
        "text": "A short answer.",
        "message": "The reason",
        "seed": 7,
        "slug": model.slug if model is not None else next((each.slug for each in api.models), ""),
        "media_type": model.returns[0] if model is not None else "application/octet-stream",
        "now": "2026-01-31T12:00:00.000Z",
        "unix": 1769860800,
        "cost": 0.01,
        "remaining_credits": 9.99,
        "inference_time": 2.5,
        "queue_time": 0.1,
        "total_time": 2.6,
    }
    if api.jobs is not None:
        paths = job_paths(api.jobs)
        addresses = {"status_url": paths.status, "result_url": paths.result, "cancel_url": paths.cancel}
        values |= {
            name: (api.jobs.base_url or api.base_url)
            + path.replace("{id}", EXAMPLE_ID).replace("{slug}", values["slug"])
            for name, path in addresses.items()
            if path is not None
        }
    return values


def _possible(model: Model, answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers whose conditions a request for the model can meet."""
    names = {parameter.wire for parameter in model.parameters}
    found: list[Answer] = []
    for answer in answers:
        if all(is_placeholder(name) or name in names for name, _ in answer.when):
            found.append(answer)
        if not answer.when:
            break
    return found


def _has_only_files(bodies: Sequence[Json | Omit]) -> bool:
    names = {name for body in bodies for _, name, _ in placeholders_in(body)}
    return names & {*OUTPUTS} <= {"base64"}


def job_content(api: Api, schema: str, operation: Operation, models: Sequence[Model] = ()) -> dict[str, Any]:
    """Return the content of an answer about a job, with the sample of an operation as its example."""
    model = models[0] if models else None
    samples: tuple[Answer, ...] = getattr(api.answers_of(model), operation)
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    if operation == "cancel":
        bodies = list(_samples(api, model, ("cancel",)))
        if not bodies:
            return {}
        content["schema"] = sample_schema(bodies, _states(api), _OPTIONAL)
    sample = samples[-1]
    if sample.body is not OMIT:
        phase = "succeeded" if operation == "result" else "waiting"
        names = [each.name for each in _states(api) if each.phase == phase] or [""]
        content["example"] = example_of(sample.body, {**example_values(api, model), "state": names[0]})
    media: dict[str, Any] = {each.media: {} for each in samples if each.body is OMIT and each.media}
    return {JSON: content, **media}


def statuses_of(api: Api, operations: Sequence[Operation]) -> set[str]:
    """Return the HTTP statuses that the samples of operations have; 202 for a status that does not tell the state."""
    found = set()
    for model in (None, *(model for model in api.models if model.is_async)):
        for operation in operations:
            for answer in getattr(api.answers_of(model), operation):
                has_state = any(name == "state" for _, name, _ in placeholders_in(answer.body))
                if answer.status is not None or (operation == "status" and not has_state):
                    found.add(str(answer.status or int(HTTPStatus.ACCEPTED)))
    return found


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
    """Return the schemas of errors and of what is answered about jobs. All are open: an API may always say more."""
    answers = api.answers_of()
    error = {"description": "What is wrong.", **sample_schema([each.body for each in answers.error])}
    if api.jobs is None or not any(model.is_async for model in api.models):
        return {ERROR: error}
    models = [model for model in api.models if model.is_async]

    def bodies(operations: Sequence[Operation]) -> list[Any]:
        """Return the samples of operations, of the API and of models with their own."""
        found = [each for model in (None, *models) for each in _samples(api, model, operations)]
        return [body for number, body in enumerate(found) if body not in found[:number]]

    described: dict[str, tuple[str, tuple[Operation, ...]]] = {
        JOB: ("An accepted job.", ("submit",)),
        JOB_STATUS: ("The status of a job.", ("status", "failed")),
        JOB_RESULT: (
            "The result of a job, or its status until it is finished.",
            ("result", "status", "failed"),
        ),
    }
    if not has_own_status(api):  # the result shows the status as well
        del described[JOB_STATUS]
    return {ERROR: error} | {
        name: {"description": text, **sample_schema(bodies(operations), api.jobs.states, _OPTIONAL)}
        for name, (text, operations) in described.items()
    }


def _states(api: Api) -> Sequence[JobState]:
    return api.jobs.states if api.jobs is not None else ()


def _samples(api: Api, model: Model | None, operations: Sequence[Operation]) -> Iterator[Any]:
    answers = api.answers_of(model)
    for operation in operations:
        samples: tuple[Answer, ...] = getattr(answers, operation)
        yield from (each.body for each in samples if each.body is not OMIT)


def _errors(api: Api) -> dict[str, str]:
    """Return the names of responses by status: the listed statuses, and those with which every API refuses requests."""
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


def _error_example(api: Api, status: int, text: str) -> Any:
    """Return the body of an error, as the API sends it."""
    values = {**example_values(api), "message": text, "status": status, "title": text, "parameter": None}
    return fill(choose(api.answers_of().error, values).body, values)
