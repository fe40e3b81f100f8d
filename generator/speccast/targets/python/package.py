"""Exports and documentation of a generated package.

Returns plain text and names, which `speccast.targets.python.filters` makes safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from speccast.core.answers import find_paths
from speccast.core.paths import job_paths
from speccast.targets.python.documentation import use_of_result
from speccast.targets.python.names import python_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.core.api import Api, ErrorStatus
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.core.places import Path
    from speccast.targets.python.names import PythonModel

RUNTIME_ERRORS = (
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "ApiError",
    "ClientStatusError",
    "ConfigurationError",
    "InvalidResponseError",
    "JobError",
    "JobFailedError",
    "JobTimeoutError",
    "OutputError",
    "ParameterError",
    "ParameterWarning",
    "RecordError",
    "ServerStatusError",
    "Violation",
)
"""Names that every generated `errors` module re-exports from the runtime; `runtime_errors` adds to them."""

RUNTIME_LICENSE = "MIT"
"""License of the files that Speccast adds to a package; `__package__/LICENSE` has its text."""

_RUNTIME_EXPORTS = {
    "AsyncBatch": "._runtime.batching",
    "AsyncByteStream": "._runtime.stream",
    "AsyncJob": "._runtime.jobs",
    "AsyncJobResult": "._runtime.job_results",
    "AsyncOutput": "._runtime.output",
    "AsyncResult": "._runtime.results",
    "Batch": "._runtime.batching",
    "BatchOptions": "._runtime.batching",
    "BatchProgress": "._runtime.batching",
    "ByteStream": "._runtime.stream",
    "Job": "._runtime.jobs",
    "JobResult": "._runtime.job_results",
    "ModelEntry": "._runtime.index",
    "OMIT": "._core.omit",
    "Omit": "._core.omit",
    "Output": "._runtime.output",
    "Parameter": "._core.parameter",
    "Record": "._runtime.record",
    "Result": "._runtime.results",
    "RowResult": "._runtime.batching",
    "Timeout": "._runtime.http",
    "read_record": "._runtime.record",
}


def exports(api: Api) -> tuple[tuple[str, str], ...]:
    """Return the public names of the package with their modules, sorted as `__all__` is."""
    found = dict(_RUNTIME_EXPORTS)
    if has_events(api):
        found |= {"AsyncTextStream": "._runtime.text_stream", "TextStream": "._runtime.text_stream"}
        found["ServerEvent"] = "._runtime.sse"
    found |= {api.client: ".client", api.async_client: ".client"}
    found |= dict.fromkeys(error_names(api), ".errors")
    if has_media(api):
        found["MediaInput"] = "._runtime.types"
    if api.drop_in:
        found |= dict.fromkeys(api.drop_in.names, ".drop_in")
    found.pop("STATUS_ERRORS", None)
    return tuple(sorted(found.items()))


def exported_names(api: Api) -> tuple[str, ...]:
    """`__all__` of the package."""
    return tuple(sorted([*(name for name, _ in exports(api)), "__version__", "models"]))


def exported_classes(api: Api) -> tuple[str, ...]:
    """`__all__` of the package of models."""
    models = map(python_model, api.models)
    return tuple(sorted(name for model in models for name in (*model.exported, *model.object_classes)))


def former_models(api: Api) -> tuple[PythonModel, ...]:
    """Return the models that have names under their former name."""
    return tuple(model for model in map(python_model, api.models) if model.former is not None)


def error_names(api: Api) -> tuple[str, ...]:
    """`__all__` of the module of errors."""
    own = {error.exception for error in api.exceptions if error.exception}
    return tuple(sorted({*runtime_errors(api), *own, "STATUS_ERRORS"}))


def runtime_errors(api: Api) -> tuple[str, ...]:
    """Return the names that the module of errors re-exports from the runtime."""
    added = {"JobCanceledError": has_canceled_state, "BudgetError": tells_cost}
    return tuple(sorted([*RUNTIME_ERRORS, *(name for name, has in added.items() if has(api))]))


def license_expression(api: Api) -> str:
    """Return the license of the whole package (SPDX): that of its spec and that of the runtime. Empty if the spec has none."""
    if api.license is None:
        return ""
    if api.license == RUNTIME_LICENSE:
        return RUNTIME_LICENSE
    own = f"({api.license})" if " " in api.license else api.license
    return f"{own} AND {RUNTIME_LICENSE}"


def unfinished_states(api: Api) -> tuple[str, ...]:
    """Return the states of an unfinished job."""
    return _states(api, "waiting", "running")


def succeeded_states(api: Api) -> tuple[str, ...]:
    """Return the states of a job that has a result."""
    return _states(api, "succeeded")


def has_auth_places(api: Api) -> bool:
    """Return whether a model sends the key in another way than the API's first one."""
    return any(api.auth_place(model) for model in api.models)


def has_surface_hosts(api: Api) -> bool:
    """Return whether a surface has its own origin."""
    return any(surface is not None and surface.base_url is not None for surface in (api.sync, api.jobs))


def has_events(api: Api) -> bool:
    """Return whether responses of a model can be streamed."""
    return any(api.event_places(model) for model in api.models)


def has_cancel(api: Api) -> bool:
    """Return whether jobs can be canceled."""
    return api.jobs is not None and api.jobs.cancel is not None


def has_durations(api: Api) -> bool:
    """Return whether a parameter limits the seconds of a sound or a film."""
    return _has(api, lambda each: each.min_duration is not None or each.max_duration is not None)


def has_files(api: Api) -> bool:
    """Return whether a model takes files or media, or the body of a request is a form."""
    bodies = [surface.body for surface in (api.sync, api.jobs) if surface is not None]
    bodies += [model.body for model in api.models if model.body is not None]
    return has_uploads(api) or any(body != "json" for body in bodies) or has_media(api)


def has_media(api: Api) -> bool:
    """Return whether a model takes files or media."""
    return _has(api, lambda each: each.is_media)


def has_renamed_models(api: Api) -> bool:
    """Return whether names of a model still work under its former name."""
    return any(model.renamed_from for model in api.models)


def has_renamed(api: Api) -> bool:
    """Return whether a parameter is still accepted under a former name."""
    return any(parameter.renamed_from for model in api.models for parameter in model.parameters)


def has_uploads(api: Api) -> bool:
    """Return whether files are uploaded before a request."""
    return api.upload is not None


def has_unions(api: Api) -> bool:
    """Return whether a parameter, or a part of one, can be of several types."""
    return _has(api, lambda each: each.type == "union")


def needs_model_of_job(api: Api) -> bool:
    """Return whether a job is found by its id and its model, because paths of jobs differ between models."""
    if api.jobs is None:
        return False
    own = (path for model in api.models for path in (model.status_path, model.result_path, model.cancel_path))
    return any(own) or any("{slug}" in path for path in job_paths(api.jobs) if path is not None)


def tells_cost(api: Api) -> bool:
    """Return whether responses say what a call cost."""
    return _tells(api, "cost")


def tells_remaining_credits(api: Api) -> bool:
    """Return whether responses say what a call cost and what is left on the account."""
    return tells_cost(api) and _tells(api, "remaining_credits")


def _tells(api: Api, meaning: str) -> bool:
    """Return whether a header, an answer or an event that clients read has a value with this meaning."""
    if any(header.meaning == meaning for header in api.headers):
        return True
    answers = [api.answers_of(model) for model in (None, *(model for model in api.models if model.answers))]
    if any(each.places.of(meaning) for each in answers):
        return True
    has_events = any(answer.events for each in answers for answer in each.sync)
    return has_events and any(getattr(api.event_places(model), meaning, ()) for model in api.models)


def has_canceled_state(api: Api) -> bool:
    """Return whether a job can be in a state that means that it was canceled."""
    return bool(_states(api, "canceled"))


def state_place(api: Api, model: Model, operation: Literal["status", "result"]) -> Path:
    """Return where the state is in the status or the result of a job; empty if it is not there."""
    places = getattr(api.answers_of(model).places, operation)
    return next(iter(places.get("state", ())), ())


def has_reason(api: Api, model: Model) -> bool:
    """Return whether the answers about a failed job say why it failed."""
    return all("message" in find_paths(answer.body) for answer in api.answers_of(model).failed)


def _states(api: Api, *phases: str) -> tuple[str, ...]:
    return tuple(state.name for state in api.jobs.states if state.phase in phases) if api.jobs else ()


def package_documentation(api: Api) -> str:
    """Return the docstring of the package: its purpose, and how to start."""
    lines = [f"Client of the {api.title} API."]
    if api.description:
        lines += ["", api.description]
    example = first_model(api)
    lines += ["", f"    from {api.package} import {api.client}", "", f"    client = {api.client}()"]
    if example is not None:
        given = ", ".join(
            f"{parameter.name}=…" for parameter in python_model(example).parameters if parameter.must_be_given
        )
        call = "generate" if example.is_sync else "submit"
        then = "" if example.is_sync else ".wait()"
        lines.append(f"    result = client.{python_model(example).module}.{call}({given}){then}")
        lines.append(f"    {use_of_result(example, is_job=not example.is_sync)}")
    if api.env_api_key:
        lines += ["", f"The key is read from {api.env_api_key} by default."]
    return "\n".join(lines)


def first_model(api: Api) -> Model | None:
    """Return the model in the samples of the package: the one that `api.yaml` names, else one with a blocking call."""
    by_preference = sorted(api.models, key=lambda model: (model.slug != api.sample, not model.is_sync))
    return next(iter(by_preference), None)


def client_documentation(api: Api, *, is_async: bool) -> str:
    """Return the docstring of a client class."""
    kind = "asynchronous" if is_async else "synchronous"
    reads = [f"`api_key` from {api.env_api_key}"] if api.env_api_key else []
    if api.env_base_url:
        reads.append(f"`base_url` from {api.env_base_url}")
    defaults = f" Read from the environment by default: {', '.join(reads)}." if reads else ""
    manager = "async with" if is_async else "with"
    return f"The {kind} client of the {api.title} API; a context manager (`{manager}`), with one connection pool.{defaults}"


def error_documentation(api: Api) -> str:
    """Return the docstring of the errors module: the tree of exceptions."""
    below: dict[str, list[str]] = {"ClientStatusError": [], "ServerStatusError": []}
    for error in api.exceptions:
        parent = "ClientStatusError" if error.status < 500 else "ServerStatusError"
        below[parent].append(f"{error.status}  {error.exception}")
    tree = [
        f"Exceptions of the {api.title} API.",
        "",
        "    ApiError",
        "    ├── ParameterError (also a ValueError)",
        "    ├── ConfigurationError",
        *(["    ├── BudgetError"] if tells_cost(api) else []),
        "    ├── APIConnectionError",
        "    │   └── APITimeoutError",
        "    ├── APIStatusError",
        "    │   ├── ClientStatusError",
        *(f"    │   │   {'└' if last else '├'}── {name}" for last, name in _mark(below["ClientStatusError"])),
        "    │   └── ServerStatusError",
        *(f"    │       {'└' if last else '├'}── {name}" for last, name in _mark(below["ServerStatusError"])),
        "    ├── InvalidResponseError",
        "    ├── OutputError",
        "    ├── RecordError",
        "    └── JobError",
        "        ├── JobFailedError",
        *(["        │   └── JobCanceledError"] if has_canceled_state(api) else []),
        "        └── JobTimeoutError",
    ]
    return "\n".join(tree)


def error_class_documentation(error: ErrorStatus) -> str:
    """Return the docstring of the class of a status: the text of the page, or that it was only observed."""
    text = f"{error.status} {error.title}"
    if error.description:
        text += f": {error.description}"
    return text.rstrip(".") + "." + (" Observed, not documented." if error.observed else "")


def _mark(names: list[str]) -> list[tuple[bool, str]]:
    return [(index == len(names) - 1, name) for index, name in enumerate(names)]


def _has(api: Api, condition: Callable[[Parameter], bool]) -> bool:
    """Return whether a condition holds for a parameter or a part of one."""

    def is_in(parameters: Iterable[Parameter]) -> bool:
        return any(
            condition(each)
            or is_in((*each.properties, *each.branches, *(() if each.items is None else (each.items,))))
            for each in parameters
        )

    return any(is_in(model.parameters) for model in api.models)
