"""APIs: what their models share.

V401 api-added

    A new API.

    Bad::

        # after/wolves/api.yaml
        title: Wolves

    Good::

        # after/api.yaml
        title: Foxes and more

V402 api-removed

    An API that is gone, with its package.

    Bad::

        # before/wolves/api.yaml
        title: Wolves

    Good::

        # after/api.yaml
        title: Foxes and more

V403 address-changed

    The origin or a path of the API. Clients that exist already call the old one.

    Bad::

        # after/api.yaml
        base_url: https://other.example

    Good::

        # after/api.yaml
        documentation: https://other.example

V404 auth-changed

    Another way to send the key.

    Bad::

        # after/api.yaml
        auth: { in: header, name: x-other-key }

    Good::

        # after/api.yaml
        description: The key is the same.

V405 state-changed

    The states of jobs. A final state that existing clients do not know lets them wait until their deadline.

    Bad::

        # after/api.yaml
        async:
          states:
            - { name: QUEUED, phase: waiting }
            - { name: READY, phase: succeeded }
            - { name: FAILED, phase: failed }

    Good::

        # after/api.yaml
        async:
          states:
            - { name: QUEUED, phase: waiting }
            - { name: RUNNING, phase: running }
            - { name: COMPLETED, phase: succeeded }
            - { name: FAILED, phase: failed }

V406 waiting-changed

    Deadline, interval or retention of jobs.

    Bad::

        # after/api.yaml
        async: { deadline: 30 }

    Good::

        # after/api.yaml
        title: Jobs wait as long as before

V407 answer-changed

    Places of values in the API's answers, where existing clients look for them.

    Bad::

        # after/api.yaml
        answers: { error: { body: { message: "{message}" } } }

    Good::

        # after/api.yaml
        title: Answers are the same

V408 error-changed

    The statuses of errors and their exceptions. Code that names an exception which is gone fails when it is imported.

    Bad::

        # before/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
        # after/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: KettleError }

    Good::

        # before/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
        # after/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
          - { status: 420, title: Calm, exception: CalmError }

V409 header-changed

    Headers with a meaning. Metadata that comes from a header which is gone is missing. If no response says the cost
    anymore, clients have no `spent`, `max_cost` and `BudgetError`.

    Bad::

        # before/api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }
        # after/api.yaml
        headers: []

    Good::

        # before/api.yaml
        headers: []
        # after/api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }

V410 package-changed

    Names of the package, the distribution, the command, the client's class or its environment variables.

    Bad::

        # after/api.yaml
        client: Zoo

    Good::

        # after/api.yaml
        license: MIT

V411 drop-in-changed

    Names that the package exports because another SDK has them.

    Bad::

        # before/api.yaml
        drop_in: { replaces: "foxes>=1", run: run }
        # after/api.yaml
        drop_in: { replaces: "foxes>=1", run: execute }

    Good::

        # before/api.yaml
        drop_in: { replaces: "foxes>=1", run: run }
        # after/api.yaml
        drop_in: { replaces: "foxes>=1", run: run, submit: submit }

V412 request-header-changed

    Headers that every request must have. Clients that exist already do not send a header that is new.

    Bad::

        # after/api.yaml
        request_headers: { x-fox-version: "2026-01-01" }

    Good::

        # before/api.yaml
        request_headers: { x-fox-version: "2026-01-01" }
        # after/api.yaml
        request_headers: { X-Fox-Version: "2026-01-01" }

V413 body-changed

    Another encoding of the body of requests, or another object that holds the parameters. Clients that exist already
    send the old one.

    Bad::

        # after/api.yaml
        sync: { body: form }

    Good::

        # before/api.yaml
        sync: { body: form }
        # after/api.yaml
        sync: { body: form }
        title: Another title

V421 cancel-changed

    Whether jobs can be canceled. Without `cancel`, jobs have no method of that name. Another path is V403.

    Bad::

        # before/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }

    Good::

        # after/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }

V422 upload-changed

    How files are uploaded before a request: origin, path, body, or the place of the address in the answer. Clients that
    exist already upload as before. Another limit of inline files or another retention only changes when they upload.

    Bad::

        # before/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }
        # after/api.yaml
        upload: { url: /assets, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }

    Good::

        # before/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }
        # after/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}", size: 1 } }, above: 1000 }

V490 api-text-changed

    Title, description, documentation, license and sample of the API.

    Bad::

        # after/api.yaml
        title: Another title

    Good::

        # after/api.yaml
        base_url: https://other.example
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.answers import OPERATIONS
from speccast.core.places import in_words
from speccast.diff.change import RENAMED, UNTYPED, Change, Effect, Level, Rule, Side, Witness, effects
from speccast.targets.python.package import tells_cost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from speccast.core.answers import Answers, Operation
    from speccast.core.api import Api, ErrorStatus, JobSurface
    from speccast.core.check import Pointer
    from speccast.diff.change import Effects


def _rule(code: str, name: str, level: Level, summary: str) -> Rule:
    return Rule(code=code, name=name, level=level, summary=summary, module=__name__)


ADDED: Final = _rule("V401", "api-added", Level.ADDITION, "an API that is new")
REMOVED: Final = _rule("V402", "api-removed", Level.BREAKING, "an API that is gone")
ADDRESS: Final = _rule("V403", "address-changed", Level.BREAKING, "another origin or path")
AUTH: Final = _rule("V404", "auth-changed", Level.BREAKING, "another way to send the key")
STATE: Final = _rule("V405", "state-changed", Level.BREAKING, "other states of jobs")
WAITING: Final = _rule("V406", "waiting-changed", Level.BEHAVIOR, "another deadline, interval or retention")
ANSWER: Final = _rule("V407", "answer-changed", Level.BREAKING, "other places of values in answers")
ERROR: Final = _rule("V408", "error-changed", Level.BREAKING, "other statuses or exceptions")
HEADER: Final = _rule("V409", "header-changed", Level.BREAKING, "other headers with a meaning")
PACKAGE: Final = _rule("V410", "package-changed", Level.BREAKING, "another name of package or client")
DROP_IN: Final = _rule("V411", "drop-in-changed", Level.BREAKING, "other names of another SDK")
REQUEST_HEADER: Final = _rule(
    "V412", "request-header-changed", Level.BREAKING, "other headers of every request"
)
BODY: Final = _rule("V413", "body-changed", Level.BREAKING, "another encoding or form of requests")
CANCEL: Final = _rule(
    "V421", "cancel-changed", Level.BREAKING, "jobs that can be canceled now, or not anymore"
)
UPLOAD: Final = _rule("V422", "upload-changed", Level.BREAKING, "another way to upload files")
TEXT: Final = _rule("V490", "api-text-changed", Level.TEXT, "other texts about an API")

RULES: Final = (
    ADDED,
    REMOVED,
    ADDRESS,
    AUTH,
    STATE,
    WAITING,
    ANSWER,
    ERROR,
    HEADER,
    PACKAGE,
    DROP_IN,
    REQUEST_HEADER,
    BODY,
    CANCEL,
    UPLOAD,
    TEXT,
)

_SETTING: Final[Effects] = {
    Side.PYTHON: Effect(Level.BREAKING, "run time"),
    Side.COMMAND_LINE: Effect(Level.BREAKING),
    Side.COPY: Effect(Level.BREAKING, "run time"),
    Side.TESTS: Effect(Level.BREAKING),
}
_NAMES: Final[Mapping[str, tuple[Pointer, Effects]]] = {
    "package": (("package",), RENAMED),
    "client": (("client",), RENAMED),
    "distribution": (("distribution",), effects(Level.BREAKING, Side.PYTHON)),
    "command": (("command",), effects(Level.BREAKING, Side.COMMAND_LINE)),
    "env_api_key": (("environment", "api_key"), _SETTING),
    "env_base_url": (("environment", "base_url"), _SETTING),
}
"""The names in code: where they are in `api.yaml`, and what another one means."""
_TEXTS: Final = ("title", "description", "documentation", "license", "sample")
_FINAL: Final = ("succeeded", "failed", "canceled")


def presence(old: Api | None, new: Api | None) -> Iterator[Change]:
    """Yield that an API is new or gone."""
    if old is None:
        yield Change(rule=ADDED, pointer=(), message="the API is new", effects=effects(Level.ADDITION))
    elif new is None:
        witness = Witness("python", "", f"import {old.package}")
        yield Change(rule=REMOVED, pointer=(), message="the API is removed", effects=UNTYPED, witness=witness)


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of `api.yaml`."""
    yield from _addresses(old, new)
    if old.auth != new.auth:
        yield _on_the_wire(AUTH, ("auth",), "the key is sent in another way")
    if old.jobs is not None and new.jobs is not None:
        yield from _jobs(old.jobs, new.jobs)
        yield from _cancel(old, new)
    yield from answers(old.answers_of(), new.answers_of())
    yield from _upload(old, new)
    yield from _errors(old, new)
    yield from _request_headers(old, new)
    yield from _headers(old, new)
    yield from _names(old, new)
    for key in _TEXTS:
        if getattr(old, key) != getattr(new, key):
            yield Change(
                rule=TEXT, pointer=(key,), message=f"another {key}", effects=effects(Level.TEXT, Side.PYTHON)
            )


def _on_the_wire(rule: Rule, pointer: Pointer, message: str) -> Change:
    return Change(
        rule=rule, pointer=pointer, message=message, effects=effects(Level.BREAKING, Side.WIRE, Side.COPY)
    )


def _addresses(old: Api, new: Api) -> Iterator[Change]:
    if old.base_url != new.base_url:
        yield _on_the_wire(
            ADDRESS, ("base_url",), f"the origin changes from {old.base_url} to {new.base_url}"
        )
    for key, before, after in (("sync", old.sync, new.sync), ("async", old.jobs, new.jobs)):
        if (before is None) != (after is None):
            continue  # each model has a change of its own
        one, other = getattr(before, "wrap", None), getattr(after, "wrap", None)
        if one != other:
            places = [f"in {wrap}" if wrap else "at the top of the body" for wrap in (other, one)]
            message = f"the parameters are {places[0]}, before {places[1]}"
            yield _on_the_wire(BODY, (key, "wrap"), message)
        one, other = getattr(before, "base_url", None), getattr(after, "base_url", None)
        if one != other:
            message = f"the origin of {key} changes from {one or old.base_url} to {other or new.base_url}"
            yield _on_the_wire(ADDRESS, (key, "base_url"), message)
        for name in ("path", "submit", "status", "result"):
            one, other = getattr(before, name, None), getattr(after, name, None)
            if one != other:
                yield _on_the_wire(ADDRESS, (key, name), f"the path of {name} changes from {one} to {other}")
        if before is not None and after is not None and before.body != after.body:
            yield _on_the_wire(BODY, (key, "body"), f"the body changes from {before.body} to {after.body}")


def _jobs(old: JobSurface, new: JobSurface) -> Iterator[Change]:
    before = {state.name: state for state in old.states}
    after = {state.name: state for state in new.states}
    for name in before.keys() - after.keys():
        message = f"the state {name} is gone"
        yield Change(
            rule=STATE, pointer=("async", "states"), message=message, effects=effects(Level.BEHAVIOR)
        )
    for name, state in after.items():
        known = before.get(name)
        if known is None or (known.phase, known.http_status) != (state.phase, state.http_status):
            is_final = state.phase in _FINAL
            yield Change(
                rule=STATE,
                pointer=("async", "states"),
                message=f"the state {name} {'is new' if known is None else 'means something else'} ({state.phase})",
                effects=effects(Level.BREAKING, Side.WIRE, Side.COPY)
                if is_final
                else effects(Level.BEHAVIOR),
                advice="clients that exist already wait until their deadline" if is_final else "",
            )
    for name in ("deadline", "interval", "retention"):
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            message = f"the {name} of jobs changes from {one} to {other} s"
            yield Change(
                rule=WAITING, pointer=("async", name), message=message, effects=effects(Level.BEHAVIOR)
            )


def answers(old: Answers, new: Answers, operations: Collection[Operation] = OPERATIONS) -> Iterator[Change]:
    """Yield what is in another place of the answers. What is only new there, such as a further member, is no change."""
    for operation in operations:
        before, after = old.paths(operation), new.paths(operation)
        for name in before:
            if before[name] != after.get(name):
                was, now = (
                    " or ".join(map(in_words, paths)) for paths in (before[name], after.get(name, ()))
                )
                message = (
                    f"{{{name}}} is in {now}, before in {was}"
                    if now
                    else f"{{{name}}} is gone, before in {was}"
                )
                yield _on_the_wire(ANSWER, ("answers", operation), f"{message}, of the answer of {operation}")


def _cancel(old: Api, new: Api) -> Iterator[Change]:
    before, after = (api.jobs.cancel if api.jobs else None for api in (old, new))
    pointer = ("async", "cancel")
    if before is None and after is not None:
        yield Change(
            rule=CANCEL, pointer=pointer, message="jobs can be canceled", effects=effects(Level.ADDITION)
        )
    elif before is not None and after is None:
        yield Change(
            rule=CANCEL,
            pointer=pointer,
            message="jobs cannot be canceled anymore: the method cancel",
            effects=UNTYPED,
            witness=Witness("python", "", "client.job('id').cancel()"),
        )
    elif before is not None and after is not None and before != after:
        message = f"jobs are canceled by {after.method} {after.path}, before by {before.method} {before.path}"
        yield _on_the_wire(ADDRESS, pointer, message)
    was, is_now = (
        any(state.phase == "canceled" for state in api.jobs.states) if api.jobs else False
        for api in (old, new)
    )
    if was and not is_now:
        yield Change(
            rule=CANCEL,
            pointer=("async", "states"),
            message="the exception JobCanceledError is gone: no state means canceled",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import JobCanceledError"),
        )


def _errors(old: Api, new: Api) -> Iterator[Change]:
    before = {error.status: error for error in old.errors}
    after = {error.status: error for error in new.errors}
    gone = {error.exception for error in old.exceptions} - {error.exception for error in new.exceptions}
    for name in sorted(filter(None, gone)):
        yield Change(
            rule=ERROR,
            pointer=("errors",),
            message=f"the exception {name} is gone",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import {name}"),
        )
    for status in sorted(before.keys() | after.keys()):
        one, other = before.get(status), after.get(status)
        if one is None:
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} is new",
                effects=effects(Level.ADDITION),
            )
        elif other is None:
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} is gone",
                effects=effects(Level.BEHAVIOR),
            )
        elif one.exception not in gone and _judgment(one) != _judgment(other):
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} has another exception, other occasions or another meaning for retries",
                effects=effects(Level.BEHAVIOR),
            )


def _judgment(error: ErrorStatus) -> tuple[object, ...]:
    return (error.exception, error.occasions, error.rejected_unprocessed)


def _upload(old: Api, new: Api) -> Iterator[Change]:
    before, after = old.upload, new.upload
    if before is None or after is None:
        if before is not after:
            word = "cannot be uploaded anymore" if after is None else "are uploaded"
            level = Level.BEHAVIOR if after is None else Level.ADDITION
            yield Change(
                rule=UPLOAD, pointer=("upload",), message=f"large files {word}", effects=effects(level)
            )
        return
    one, other = (f"{upload.base_url or ''}{upload.path}" for upload in (before, after))
    if one != other:
        yield _on_the_wire(UPLOAD, ("upload", "url"), f"files are uploaded to {other}, before to {one}")
    if (before.encoding, before.body) != (after.encoding, after.body):
        yield _on_the_wire(UPLOAD, ("upload", "body"), "the body of uploads is another one")
    if before.places != after.places:
        message = "addresses of uploaded files are at another place of the answer"
        yield _on_the_wire(UPLOAD, ("upload", "answer"), message)
    for key, unit in (("above", "bytes"), ("retention", "s")):
        was, now = getattr(before, key), getattr(after, key)
        if was != now:
            yield Change(
                rule=UPLOAD,
                pointer=("upload", key),
                message=f"{key} of uploads changes from {was} to {now} {unit}",
                effects=effects(Level.BEHAVIOR),
            )


def _request_headers(old: Api, new: Api) -> Iterator[Change]:
    before, after = (
        {name.lower(): value for name, value in api.request_headers.items()} for api in (old, new)
    )
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            message = f"the header {name} is not demanded anymore"
            yield Change(
                rule=REQUEST_HEADER,
                pointer=("request_headers",),
                message=message,
                effects=effects(Level.BEHAVIOR),
            )
        elif before.get(name) != after[name]:
            word = f"must be {after[name]}" if name in before else "is demanded"
            yield _on_the_wire(REQUEST_HEADER, ("request_headers",), f"the header {name} {word}")


def _headers(old: Api, new: Api) -> Iterator[Change]:
    before = {header.meaning: header for header in old.headers}
    after = {header.meaning: header for header in new.headers}
    for meaning in sorted(before.keys() | after.keys()):
        one, other = before.get(meaning), after.get(meaning)
        if one is not None and other is not None and (one.name, one.type) == (other.name, other.type):
            continue
        word = "new" if one is None else "gone" if other is None else "another header"
        yield Change(
            rule=HEADER,
            pointer=("headers",),
            message=f"the header for {meaning} is {word}",
            effects=effects(Level.ADDITION if one is None else Level.BEHAVIOR),
        )
    if tells_cost(old) and not tells_cost(new):
        yield Change(
            rule=HEADER,
            pointer=("headers",),
            message="no response says the cost anymore: cost, spent, max_cost and BudgetError",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import BudgetError"),
        )


def _names(old: Api, new: Api) -> Iterator[Change]:
    for name, (pointer, meaning) in _NAMES.items():
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            yield Change(
                rule=PACKAGE,
                pointer=pointer,
                message=f"{'.'.join(map(str, pointer))} changes from {one} to {other}",
                effects=meaning,
                witness=Witness("python", "", f"from {old.package} import {old.client}")
                if name in ("package", "client")
                else None,
            )
    before, after = (set(api.drop_in.names if api.drop_in else ()) for api in (old, new))
    for name in sorted(before ^ after):
        is_gone = name in before
        yield Change(
            rule=DROP_IN,
            pointer=("drop_in",),
            message=f"{name} is {'not exported anymore' if is_gone else 'exported as well'}",
            effects=RENAMED if is_gone else {Side.PYTHON: Effect(Level.ADDITION)},
            witness=Witness("python", "", f"from {old.package} import {name}") if is_gone else None,
        )
