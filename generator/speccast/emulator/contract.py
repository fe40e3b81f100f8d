"""What the emulator must know of an API, read once from its bundle: paths, names, states, texts, headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccast.core.api import Auth, Header, JobFields, State, SyncSurface
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.specs.bundle import Bundle

Occasion: TypeAlias = Literal[
    "missing_key", "invalid_key", "unknown_model", "unknown_job", "content_type", "credits"
]

FALLBACKS: Mapping[Occasion, tuple[int, str]] = {
    "missing_key": (401, "The API key is missing"),
    "invalid_key": (401, "The API key is not valid"),
    "unknown_model": (404, "There is no such model or endpoint"),
    "unknown_job": (404, "Request {id} not found"),
    "content_type": (406, "The content type is not supported; send application/json"),
    "credits": (406, "Not enough credits"),
}
"""Status and text of the emulator's own errors, where the API's spec gives no text for the occasion."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The asynchronous surface. `pending` are the states on the way, the waiting ones first; `retention` is in seconds."""

    submit: str
    status: str
    result: str
    fields: JobFields
    pending: tuple[State, ...]
    succeeded: State
    failed: State | None
    retention: float | None


@dataclass(frozen=True, slots=True)
class Contract:
    """`problems` are the errors by occasion; `descriptions` what the API's pages say of an error status."""

    title: str
    auth: Auth | None
    sync: SyncSurface | None
    jobs: Jobs | None
    error_field: str
    problems: Mapping[Occasion, tuple[int, str]]
    descriptions: Mapping[int, str]
    headers: tuple[Header, ...]

    @property
    def blocked(self) -> int | None:
        """The status with which blocked content is answered: that of a failed job, where the API has such."""
        return (
            self.jobs.failed.http_status if self.jobs is not None and self.jobs.failed is not None else None
        )


def read_contract(bundle: Bundle) -> Contract:
    """The contract of a bundle's API.

    Raises:
        SpeccastError: the API has jobs that can never succeed.
    """
    api = bundle.api
    auth = api.get("auth")
    sync = api.get("sync")
    base64 = (sync or {}).get("base64", {})
    errors = api.get("errors", [])
    told = {
        occasion: (error["status"], text)
        for error in errors
        for occasion, text in error.get("messages", {}).items()
        if occasion in FALLBACKS
    }
    return Contract(
        title=api["title"],
        auth=Auth(auth["in"], auth["name"], auth.get("scheme"), auth.get("description", ""))
        if auth
        else None,
        sync=SyncSurface(sync["path"], base64.get("parameter"), base64.get("field")) if sync else None,
        jobs=_read_jobs(api["async"], api["id"]) if "async" in api else None,
        error_field=api.get("error_field", "error"),
        problems={**FALLBACKS, **_lack_of_credits(errors), **told},
        descriptions={error["status"]: error.get("description", error["title"]) for error in errors},
        headers=tuple(
            Header(
                header["name"], header["meaning"], header.get("type", "string"), header.get("description", "")
            )
            for header in api.get("headers", [])
        ),
    )


def _lack_of_credits(errors: Sequence[Mapping[str, Any]]) -> Mapping[Occasion, tuple[int, str]]:
    """The error that the API has for an account without credits, found by what the API's pages say of it."""
    for error in errors:
        text = error.get("description", error["title"])
        if "credit" in f"{error['title']} {text}".lower() or error["status"] == 402:
            return {"credits": (error["status"], text)}
    return {}


def _read_jobs(surface: Mapping[str, Any], api: str) -> Jobs:
    states = [
        State(state["name"], state["phase"], state.get("http_status", 200), state.get("description", ""))
        for state in surface["states"]
    ]
    succeeded = next((state for state in states if state.phase == "succeeded"), None)
    if succeeded is None:
        raise SpeccastError(f"{api}: no job state has the phase succeeded, so no job could end well")
    return Jobs(
        submit=surface["submit"],
        status=surface["status"],
        result=surface["result"],
        fields=JobFields(**surface.get("fields", {})),
        pending=tuple(state for phase in ("waiting", "running") for state in states if state.phase == phase),
        succeeded=succeeded,
        failed=next((state for state in states if state.phase == "failed"), None),
        retention=surface.get("retention"),
    )
