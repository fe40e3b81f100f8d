"""Base classes of the generated models: from the arguments of a method to a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, cast

from .._core.encoding import ENCODINGS, Encoding
from .._core.omit import OMIT
from .._core.parameter import Parameter
from .._core.paths import JobPaths, job_paths
from .._core.places import Places
from .._core.suggestions import closest
from . import types
from .address import model_url
from .calls import Call
from .check import Prepared, check_body, convert_body
from .errors import ConfigurationError

# speccast: if events
from .event_requests import EventPlaces, find_event_request, values_for_events

# speccast: end
# speccast: if renamed
from .former_arguments import rename_former

# speccast: end
# speccast: if files
from .loops import run_in_thread

# speccast: end
from .options import CallOptions
from .request import encode_body
from .settings import Settings

__all__ = [
    "AsyncModel",
    "SyncModel",
    "build_call",
    "build_in_thread",
    "by_python_name",
    "paths_of_jobs",
    "unknown_call",
]


# speccast: if files
_PLAIN = frozenset({str, int, float, bool, type(None), type(OMIT)})
"""Types of arguments that are not content."""


# speccast: end
class _Model:
    """The data of a model, set by its generated class."""

    slug: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    surfaces: ClassVar[tuple[str, ...]]
    returns: ClassVar[tuple[str, ...]]
    sends: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Constants of the body that are not parameters."""
    body: ClassVar[str | None] = None
    """How the body of a request is encoded, if it differs from the API's: a key of `ENCODINGS`."""
    sync_path: ClassVar[str | None] = None
    """Path of the blocking call, if it differs from the API's."""
    submit_path: ClassVar[str | None] = None
    """Path of the submit, if it differs from the API's."""
    places: ClassVar[Places | None] = None
    """Where the responses have their values, if they differ from the API's."""
    # speccast: if events
    events: ClassVar[EventPlaces | None] = None
    """Where a streamed response has its text, for models that can be streamed."""
    # speccast: end
    # speccast: if auth_places
    auth_place: ClassVar[int] = 0
    """Which of the API's ways to send the key the model uses, by number."""
    # speccast: end
    status_path: ClassVar[str | None] = None
    """Path of a job's status, if it differs from the API's."""
    result_path: ClassVar[str | None] = None
    """Path of a job's result, if it differs from the API's."""
    cancel_path: ClassVar[str | None] = None
    """Path that cancels a job, if it differs from the API's."""
    deadline: ClassVar[float | None] = None
    """Seconds to wait for a job, if they differ from the API's."""
    interval: ClassVar[float | None] = None
    """Seconds between two polls, if they differ from the API's."""
    price: ClassVar[str] = ""
    """What a request costs, as the page prints it."""
    latency: ClassVar[str] = ""
    """How long a request takes, as the page prints it."""
    _owner: str
    """The client as it prints itself."""

    def __repr__(self) -> str:
        return f"<model {self.slug} of {self.__dict__.get('_owner')}>"


class SyncModel(_Model):
    """Base class of a model with blocking methods."""

    def __init__(self, settings: Settings, transport: types.SyncTransport, owner: str) -> None:
        # Not the client itself, which refers to its models: a cycle would keep connections until it is collected.
        self._settings, self._transport, self._owner = settings, transport, owner

    def _generate(self, values: Mapping[str, object], options: CallOptions) -> types.Result:
        from .execution import run_call  # Models are imported without the HTTP library.

        settings = self._settings.for_call(options)
        return run_call(
            settings, self._transport, build_call(type(self), settings, values, options, job=False)
        )

    def _submit(self, values: Mapping[str, object], options: CallOptions) -> types.Job:
        from .execution import submit_job

        settings = self._settings.for_call(options)
        return submit_job(
            settings, self._transport, build_call(type(self), settings, values, options, job=True)
        )

    def _stream(self, values: Mapping[str, object], options: CallOptions) -> types.ByteStream:
        from .execution import stream_call

        settings, is_job = self._settings.for_call(options), "sync" not in self.surfaces
        call = build_call(type(self), settings, values, options, job=is_job)
        return stream_call(settings, self._transport, call)

    # speccast: if events
    def _stream_text(self, values: Mapping[str, object], options: CallOptions) -> types.TextStream:
        from .text_stream import TextStream

        settings = self._settings.for_call(options)
        call, places = build_stream(type(self), settings, values, options)
        return TextStream(settings, self._transport, call, places)

    # speccast: end


class AsyncModel(_Model):
    """Base class of a model with asynchronous methods."""

    def __init__(self, settings: Settings, transport: types.AsyncTransport, owner: str) -> None:
        self._settings, self._transport, self._owner = settings, transport, owner

    async def _generate(self, values: Mapping[str, object], options: CallOptions) -> types.AsyncResult:
        from .execution import run_call_async

        settings = self._settings.for_call(options)
        build = partial(build_call, type(self), settings, values, options, job=False)
        return await run_call_async(settings, self._transport, await build_in_thread(build, values))

    async def _submit(self, values: Mapping[str, object], options: CallOptions) -> types.AsyncJob:
        from .execution import submit_job_async

        settings = self._settings.for_call(options)
        build = partial(build_call, type(self), settings, values, options, job=True)
        return await submit_job_async(settings, self._transport, await build_in_thread(build, values))

    def _stream(self, values: Mapping[str, object], options: CallOptions) -> types.AsyncByteStream:
        from .execution import stream_call_async

        settings, is_job = self._settings.for_call(options), "sync" not in self.surfaces
        call = build_call(type(self), settings, values, options, job=is_job)
        return stream_call_async(settings, self._transport, call)

    # speccast: if events
    def _stream_text(self, values: Mapping[str, object], options: CallOptions) -> types.AsyncTextStream:
        from .text_stream import AsyncTextStream

        settings = self._settings.for_call(options)
        call, places = build_stream(type(self), settings, values, options)
        return AsyncTextStream(settings, self._transport, call, places)

    # speccast: end


# speccast: if events
def build_stream(
    model: type[SyncModel | AsyncModel],
    settings: Settings,
    values: Mapping[str, object],
    options: CallOptions,
) -> tuple[Call, EventPlaces]:
    """Build the call whose response is streamed, and how to read it. Raises what `build_call` raises."""
    places = model.events
    if places is None:
        raise ConfigurationError(f"responses of {model.slug} cannot be streamed: call generate()")
    asked = values_for_events(places, model.parameters)
    call = build_call(model, settings, {**values, **asked}, options, job=False, streamed=True)
    return call, places


# speccast: end
def build_call(
    model: type[SyncModel | AsyncModel],
    settings: Settings,
    values: Mapping[str, object],
    options: CallOptions,
    *,
    job: bool,
    # speccast: if events
    streamed: bool = False,
    # speccast: end
) -> Call:
    """Build the call from arguments by their names in Python. Raises ParameterError and ConfigurationError."""
    given = {name: value for name, value in values.items() if value is not OMIT}
    # speccast: if renamed
    given = rename_former(model.slug, model.parameters, given)
    # speccast: end
    extra = _check_extra(options.extra_body)
    encoding = _encoding(settings, model.body, job=job)
    media: dict[str, Parameter] = {}
    # speccast: if files
    if extra or not settings.validate:
        media = _media(model.parameters)
    # speccast: end
    body: dict[str, Any]
    if settings.validate:
        body = dict(
            check_body(
                model.slug,
                _prepare(model),
                given,
                unchecked=extra,
                # speccast: if events
                found=()
                if job or streamed or model.events is None
                else find_event_request(model.events, model.parameters, given),
                # speccast: end
            )
        )
        hints: tuple[str, ...] = ()
    else:
        wire = {parameter.name: parameter.wire for parameter in model.parameters}
        named = {wire.get(name, name): value for name, value in given.items()}
        body = convert_body(model.slug, named, media)
        hints = ("The parameters had not been checked (validate=False).",)
    if extra:
        body.update(convert_body(model.slug, extra, media))
    wrap = settings.api.wrap_of(model.body, job=job)
    content_type, encoded = encode_body(model.slug, body, encoding, model.sends, wrap)
    # speccast: if uploads
    if settings.api.upload is not None and not isinstance(encoded, bytes):
        encoded.prefer_addresses(settings.api.upload.above)
    # speccast: end
    path = _path(settings, model.submit_path if job else model.sync_path, job=job)
    return Call(
        model.slug,
        model_url(settings.origin_for(job=job), path, model.slug),
        content_type,
        encoded,
        returns=model.returns,
        hints=hints,
        not_found_hint=partial(_surface_hint, model.surfaces, job=job),
        places=model.places,
        # speccast: if auth_places
        auth_place=model.auth_place,
        # speccast: end
        job_paths=paths_of_jobs(settings, model.slug, model) if job else None,
        deadline=model.deadline,
        interval=model.interval,
        parameters=body,
        known=model.parameters,
    )


def _prepare(model: type[SyncModel | AsyncModel]) -> Prepared:
    found = _PREPARED.get(model)
    return found or _PREPARED.setdefault(model, Prepared(model.parameters))


_PREPARED: dict[type[object], Prepared] = {}
"""The parameters of each model that was called."""


async def build_in_thread(build: Callable[[], Call], values: Mapping[str, object]) -> Call:
    """Build a call in a thread if that takes time, so that the event loop continues."""
    # speccast: if files
    if not _PLAIN.issuperset(map(type, values.values())):
        from .inputs import takes_time  # few calls have content

        if takes_time(values):
            return await run_in_thread(build)
    # speccast: end
    return build()


def paths_of_jobs(
    settings: Settings, slug: str, model: type[SyncModel | AsyncModel] | None
) -> JobPaths | None:
    """Return the paths for the jobs of a model, which may be unknown to this package; None for an API without jobs."""
    if settings.api.jobs is None:
        return None
    own = (model.status_path, model.result_path, model.cancel_path) if model is not None else ()
    paths = job_paths(settings.api.jobs, *own)
    cancel = None if paths.cancel is None else model_url("", paths.cancel, slug)
    return JobPaths(model_url("", paths.status, slug), model_url("", paths.result, slug), cancel)


def by_python_name(model: type[SyncModel | AsyncModel], values: Mapping[str, object]) -> dict[str, object]:
    """Return values by their names in Python. Names of the API take precedence over equal names in Python."""
    names = {parameter.wire: parameter.name for parameter in model.parameters}
    by_wire = {names[name]: value for name, value in values.items() if name in names}
    return {**{name: value for name, value in values.items() if name not in names}, **by_wire}


def _check_extra(extra_body: object) -> Mapping[str, Any]:
    """Return the unchecked part of the body. Raises ConfigurationError if it is neither a mapping nor None."""
    if extra_body is None:
        return {}
    if not isinstance(extra_body, Mapping):
        raise ConfigurationError(f"extra_body must be a mapping, not {type(extra_body).__name__}")
    return cast("Mapping[str, Any]", extra_body)


def unknown_call(
    settings: Settings, slug: str, values: Mapping[str, object], known: Iterable[str], *, job: bool
) -> Call:
    """Build the call of a model without a spec: every value is sent unchecked."""
    body = convert_body(slug, {name: value for name, value in values.items() if value is not OMIT})
    hint = f"This package does not know {slug!r}: its parameters had not been checked."
    url = model_url(settings.origin_for(job=job), _path(settings, None, job=job), slug)
    return Call(
        slug,
        url,
        *encode_body(slug, body, _encoding(settings, None, job=job), {}, settings.api.wrap_of(None, job=job)),
        hints=(hint,),
        not_found_hint=partial(_meant_hint, slug, known),
        job_paths=paths_of_jobs(settings, slug, None) if job else None,
        parameters=body,
    )


def _encoding(settings: Settings, own: str | None, *, job: bool) -> Encoding:
    surface = settings.api.jobs if job else settings.api.sync
    return ENCODINGS[own or (surface.body if surface is not None else "json")]


# speccast: if files
def _media(parameters: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """Return the parts of parameters that take content, by wire name."""
    from .inputs import only_media

    return {each.wire: part for each in parameters if (part := only_media(each)) is not None}


# speccast: end
def _path(settings: Settings, own: str | None, *, job: bool) -> str:
    api = settings.api
    if job and api.jobs is None:
        raise ConfigurationError(f"{api.title} has no jobs: call generate() or run_sync()")
    documented = api.jobs.submit if job and api.jobs else api.sync.path if api.sync else None
    path = own or documented
    if path is None:
        raise ConfigurationError(f"{api.title} has no blocking calls: call submit() or run()")
    return path


def _meant_hint(slug: str, known: Iterable[str]) -> str:
    """Return a suggestion for an unknown slug. Takes some time with thousands of models."""
    close = closest(slug, known)
    return f"Did you mean {close!r}?" if close else ""


def _surface_hint(surfaces: tuple[str, ...], *, job: bool) -> str:
    if ("async" if job else "sync") in surfaces:
        return ""
    if job:
        return "Only the blocking call of this model is documented: use generate() or run_sync()."
    return "Only jobs of this model are documented: use submit() or run()."
