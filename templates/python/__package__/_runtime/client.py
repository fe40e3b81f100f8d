"""Base classes of the generated clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Any, ClassVar, NoReturn, Self, TypeVar, Unpack

from .._core.api import Api
from .._core.omit import OMIT, Omit
from . import types
from .address import is_valid_id, is_valid_slug
from .calls import Call
from .clock import Clock, Deadline
from .errors import APIStatusError, ConfigurationError, ParameterError, Violation
from .execution import run_call, run_call_async, submit_job, submit_job_async

# speccast: if renamed_models
from .former_models import FormerAttribute, FormerModel, find_attribute

# speccast: end
from .index import ModelAttribute, ModelEntry
from .options import CallOptions
from .resources import build_call, build_in_thread, by_python_name, paths_of_jobs, unknown_call
from .results import AsyncResult, Result
from .settings import Settings, configure
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncClient", "SyncClient"]

C = TypeVar("C", bound="_Client")
"""The client's own class. Editors that use jedi do not know `Self`."""


class _Client:
    """What the generated classes define, and the models as attributes."""

    _api: ClassVar[Api]
    models: ClassVar[Mapping[str, ModelEntry]]
    """The models by attribute, with slug, title, category and surfaces. Reading it imports no model."""
    _status_errors: ClassVar[Mapping[int, type[APIStatusError]]]
    _attributes: ClassVar[Mapping[str, str] | None] = None
    _clock: ClassVar[Clock] = Clock()
    # speccast: if renamed_models
    _former_models: ClassVar[Mapping[str, FormerModel]] = {}
    # speccast: end
    _prefix: ClassVar[str] = ""
    """Prefix of the class names of models."""

    _settings: Settings
    _transport: Any

    @property
    def base_url(self) -> str:
        """The address of the API: what its documented paths are appended to."""
        return self._settings.origin

    # speccast: if cost
    @property
    def spent(self) -> float:
        """What the calls of this client cost so far, as the API reports it and in its unit; shared by `with_options`.

        A job counts when its result shows the cost.
        """
        return self._settings.spending.total

    # speccast: end
    def has_same_settings(self, other: object) -> bool:
        """Return whether the other is a client with the same key, address and options."""
        return isinstance(other, _Client) and self._settings == other._settings

    def __init_subclass__(cls) -> None:
        for name, entry in cls.__dict__.get("models", {}).items():
            class_name = cls._prefix + entry.class_name
            setattr(cls, name, ModelAttribute(name, entry.module, class_name, cls._create))
        # speccast: if renamed_models
        for name, former in cls.__dict__.get("_former_models", {}).items():
            setattr(cls, name, FormerAttribute(name, former))
        # speccast: end

    def _create(self, model: Callable[..., object]) -> object:
        return model(self._settings, self.__dict__["_transport"], repr(self))

    def __repr__(self) -> str:
        settings = self.__dict__.get("_settings")
        where = f"base_url={settings.origin!r}" if settings is not None else "not initialized"
        return f"{type(self).__name__}({where})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be pickled or copied, because it holds the key; with_options() shares it"
        )

    def _find(self, slug: str) -> Any:
        """Return the class of the model with the slug, or None if this package has none.

        Raises ParameterError for an invalid slug.
        """
        if not is_valid_slug(slug):
            raise ParameterError(
                "run", [Violation("slug", repr(slug), "must be a slug, such as those in the API's URLs")]
            )
        attribute = self._attributes_by_slug().get(slug.lstrip("/"))
        # speccast: if renamed_models
        if attribute is None:
            attribute = find_attribute(self._former_models, slug.lstrip("/"))
        # speccast: end
        return None if attribute is None else getattr(type(self), attribute)

    def _build_call(self, slug: str, params: Mapping[str, object], *, job: bool) -> Call:
        """Return the call of a model by its slug. Raises ParameterError and ConfigurationError."""
        model = self._find(slug)
        if model is not None:
            values = by_python_name(model, params)
            return build_call(model, self._settings, values, CallOptions(), job=job)
        return unknown_call(self._settings, slug, params, self._attributes_by_slug(), job=job)

    def _job_settings(self, slug: str | None) -> Settings:
        """Return the settings for a job of a model. Raises ConfigurationError if its path needs the model."""
        if slug is not None:
            model = self._find(slug)
            settings = self._settings.reading(model.places if model is not None else None)
            return settings.for_jobs(paths_of_jobs(settings, slug, model))
        settings = self._settings.reading(self._settings.api.job_places).for_jobs(None)
        from .polling import surface_of

        if "{slug}" in surface_of(settings).status:
            raise ConfigurationError("the path of a job contains its model: pass model='SLUG'")
        return settings

    @classmethod
    def _attributes_by_slug(cls) -> Mapping[str, str]:
        """Return the attribute of each slug, computed on first use."""
        if cls._attributes is None:
            cls._attributes = {entry.slug: name for name, entry in cls.models.items()}
        return cls._attributes

    def _copy(self, settings: Settings, transport: SyncTransport | AsyncTransport) -> Self:
        """Return a copy with other settings and without the models."""
        other = object.__new__(type(self))
        kept = {name: value for name, value in self.__dict__.items() if name not in self.models}
        other.__dict__.update(kept, _settings=settings, _transport=transport)
        return other


class SyncClient(_Client):
    """A client. Threads may share it; it is a context manager, and `close()` closes its connections."""

    _transport: SyncTransport

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | types.Timeout | Omit | None = OMIT,
        total_timeout: float | None = None,
        max_retries: int = 2,
        validate: bool = True,
        max_response_bytes: int | Omit | None = OMIT,
        # speccast: if cost
        max_cost: float | None = None,
        # speccast: end
        extra_headers: Mapping[str, str] | None = None,
        http_client: types.HttpClient | None = None,
    ) -> None:
        """Set up the client; nothing is sent.

        `api_key` and `base_url` (an origin, or the path of a gateway) default to the environment variables. `timeout` is
        in seconds for each read and write (default 600, at most 5 to connect), an `httpx2.Timeout`, or None.
        `total_timeout` is in seconds for each operation with all its retries (a call, a submit, a look at a job, a
        download); by default there is no limit. `max_retries` limits how often a request is repeated that cannot have
        been accepted. `validate=False` sends parameters unchecked. `max_response_bytes` limits decoded responses, but not
        downloads. `http_client` is used unchanged, and never closed.
        # speccast: if cost
        `max_cost` limits what all calls cost, as the API reports it and in its unit: a call is not sent once the calls
        before have reached it (BudgetError).
        # speccast: end

        Raises ConfigurationError, for example if the key is missing.
        """
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.with_changes(
            timeout=timeout,
            total_timeout=total_timeout,
            max_retries=max_retries,
            validate=validate,
            max_response_bytes=max_response_bytes,
            # speccast: if cost
            max_cost=max_cost,
            # speccast: end
            extra_headers=extra_headers,
        )
        self._transport = SyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether this client, or the one whose connections it shares, is closed."""
        return self._transport.is_closed

    def with_options(
        self,
        *,
        api_key: str | Omit | None = OMIT,
        timeout: float | types.Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        max_response_bytes: int | Omit | None = OMIT,
        # speccast: if cost
        max_cost: float | Omit | None = OMIT,
        # speccast: end
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other options and the same connections; closing it keeps them open. Headers are merged."""
        settings = self._settings.with_changes(
            api_key=api_key,
            timeout=timeout,
            total_timeout=total_timeout,
            max_retries=max_retries,
            validate=validate,
            max_response_bytes=max_response_bytes,
            # speccast: if cost
            max_cost=max_cost,
            # speccast: end
            extra_headers=extra_headers,
        )
        return self._copy(settings, self._transport.share())

    def run(
        self,
        slug: str,
        /,
        # speccast: if cancel
        *,
        cancel_on_timeout: bool = False,
        # speccast: end
        **params: Any,
    ) -> types.JobResult:
        """Submit a job of the model with this slug, wait until it is done, and return its result.

        Every keyword is a parameter, by its name in the API or in Python. Parameters of a model that this package does
        not contain are sent unchecked.
        # speccast: if cancel
        `cancel_on_timeout` is not a parameter: it cancels the job at the deadline.
        # speccast: end
        """
        from .polling import default_deadline

        deadline = Deadline.after(self._settings.total_timeout, self._settings.clock)
        call = self._build_call(slug, params, job=True)
        job = submit_job(self._settings, self._transport, call)
        return job.wait(
            min(default_deadline(self._settings, call), deadline.remaining),
            # speccast: if cancel
            cancel_on_timeout=cancel_on_timeout,
            # speccast: end
        )

    def run_sync(self, slug: str, /, **params: Any) -> Result:
        """Run the model with this slug in one blocking call. For the parameters see `run`."""
        return run_call(self._settings, self._transport, self._build_call(slug, params, job=False))

    def submit_async(self, slug: str, /, **params: Any) -> types.Job:
        """Submit a job of the model with this slug. For the parameters see `run`."""
        return submit_job(self._settings, self._transport, self._build_call(slug, params, job=True))

    def job(self, request_id: str, /, model: str | None = None) -> types.Job:
        """Return a job by its id, to continue waiting for it or to fetch its result; nothing is sent.

        `model` is the slug of its model, for APIs in which the path of a job depends on it.
        """
        _check_id(self._settings, request_id)
        from .jobs import Job

        job = Job(self._job_settings(model), self._transport, request_id)
        job.model = model
        return job

    def batch(
        self, rows: types.Rows, *, out: str | PathLike[str], **options: Unpack[types.BatchOptions]
    ) -> types.Batch:
        """Send a request for each of many rows, and yield their results as they come.

        `rows` is a file (JSON Lines or a table) or mappings, each with the parameters of a model and maybe `key` and `model`. All are
        checked before the first call. `out` is the folder of the pictures, of `results.jsonl` and of a journal: starting
        the same batch again continues where it ended, even after a crash, and pays for nothing twice. `BatchOptions` lists the
        options, such as `model`, `concurrency`, `rate` and `max_cost`.

        The iteration raises RowsError, JournalError and BatchStoppedError of the package `batch`, and errors that every
        row would get.
        """
        from .batching import Batch

        return Batch(self, rows, out, options)

    def load(self) -> None:
        """Load ahead what the first call would load: modules and certificates. Nothing is sent.

        Raises ConfigurationError, for example if a proxy in the environment or a certificate cannot be used.
        """
        self._transport.load(self._settings.origin)

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        self._transport.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Client):
    """An asynchronous client, for the tasks of one event loop; an asynchronous context manager."""

    _prefix: ClassVar[str] = "Async"
    _transport: AsyncTransport

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | types.Timeout | Omit | None = OMIT,
        total_timeout: float | None = None,
        max_retries: int = 2,
        validate: bool = True,
        max_response_bytes: int | Omit | None = OMIT,
        # speccast: if cost
        max_cost: float | None = None,
        # speccast: end
        extra_headers: Mapping[str, str] | None = None,
        http_client: types.AsyncHttpClient | None = None,
    ) -> None:
        """Set up the client like `SyncClient`, with an `httpx2.AsyncClient` as `http_client`."""
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.with_changes(
            timeout=timeout,
            total_timeout=total_timeout,
            max_retries=max_retries,
            validate=validate,
            max_response_bytes=max_response_bytes,
            # speccast: if cost
            max_cost=max_cost,
            # speccast: end
            extra_headers=extra_headers,
        )
        self._transport = AsyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether this client, or the one whose connections it shares, is closed."""
        return self._transport.is_closed

    def with_options(
        self,
        *,
        api_key: str | Omit | None = OMIT,
        timeout: float | types.Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        max_response_bytes: int | Omit | None = OMIT,
        # speccast: if cost
        max_cost: float | Omit | None = OMIT,
        # speccast: end
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other options and the same connections; closing it keeps them open. Headers are merged."""
        settings = self._settings.with_changes(
            api_key=api_key,
            timeout=timeout,
            total_timeout=total_timeout,
            max_retries=max_retries,
            validate=validate,
            max_response_bytes=max_response_bytes,
            # speccast: if cost
            max_cost=max_cost,
            # speccast: end
            extra_headers=extra_headers,
        )
        return self._copy(settings, self._transport.share())

    async def run(
        self,
        slug: str,
        /,
        # speccast: if cancel
        *,
        cancel_on_timeout: bool = False,
        # speccast: end
        **params: Any,
    ) -> types.AsyncJobResult:
        """`SyncClient.run`, awaited."""
        from .polling import default_deadline

        deadline = Deadline.after(self._settings.total_timeout, self._settings.clock)
        call = await build_in_thread(partial(self._build_call, slug, params, job=True), params)
        job = await submit_job_async(self._settings, self._transport, call)
        return await job.wait(
            min(default_deadline(self._settings, call), deadline.remaining),
            # speccast: if cancel
            cancel_on_timeout=cancel_on_timeout,
            # speccast: end
        )

    async def run_sync(self, slug: str, /, **params: Any) -> AsyncResult:
        """`SyncClient.run_sync`, awaited."""
        call = await build_in_thread(partial(self._build_call, slug, params, job=False), params)
        return await run_call_async(self._settings, self._transport, call)

    async def submit_async(self, slug: str, /, **params: Any) -> types.AsyncJob:
        """`SyncClient.submit_async`, awaited."""
        call = await build_in_thread(partial(self._build_call, slug, params, job=True), params)
        return await submit_job_async(self._settings, self._transport, call)

    def job(self, request_id: str, /, model: str | None = None) -> types.AsyncJob:
        """Return a job by its id, to continue waiting for it or to fetch its result; nothing is sent.

        `model` is the slug of its model, for APIs in which the path of a job depends on it.
        """
        _check_id(self._settings, request_id)
        from .jobs import AsyncJob

        job = AsyncJob(self._job_settings(model), self._transport, request_id)
        job.model = model
        return job

    def batch(
        self, rows: types.Rows, *, out: str | PathLike[str], **options: Unpack[types.BatchOptions]
    ) -> types.AsyncBatch:
        """`SyncClient.batch` for `async for`."""
        from .batching import AsyncBatch

        return AsyncBatch(self, rows, out, options)

    async def load(self) -> None:
        """`SyncClient.load` in a thread, so that the event loop continues."""
        await self._transport.load(self._settings.origin)

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        await self._transport.close()

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _check_id(settings: Settings, request_id: str) -> str:
    """Return the id itself. Raises ParameterError for an invalid id, ConfigurationError for an API without jobs."""
    from .polling import surface_of

    surface_of(settings)
    if not is_valid_id(request_id):
        raise ParameterError("job", [Violation("request_id", repr(request_id), "must be the id of a job")])
    return request_id
