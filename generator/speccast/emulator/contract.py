"""What the emulator must know of an API, read once from its bundle: paths, names, states, texts, headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.core.api import Auth, Header, JobFields, State, SyncSurface
from speccast.core.occasions import OCCASIONS
from speccast.errors import SpeccastError
from speccast.specs.build import build_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.occasions import ErrorResponse, Occasion
    from speccast.specs.bundle import Bundle


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
    problems: Mapping[Occasion, ErrorResponse]
    descriptions: Mapping[int, str]
    headers: tuple[Header, ...]


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
    built = build_bundle(bundle)
    return Contract(
        title=api["title"],
        auth=Auth(auth["in"], auth["name"], auth.get("scheme"), auth.get("description", ""))
        if auth
        else None,
        sync=SyncSurface(sync["path"], base64.get("parameter"), base64.get("field")) if sync else None,
        jobs=_read_jobs(api["async"], api["id"]) if "async" in api else None,
        error_field=api.get("error_field", "error"),
        problems={occasion: built.error_for(occasion) for occasion in OCCASIONS},
        descriptions={error["status"]: error.get("description", error["title"]) for error in errors},
        headers=tuple(
            Header(
                header["name"], header["meaning"], header.get("type", "string"), header.get("description", "")
            )
            for header in api.get("headers", [])
        ),
    )


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
