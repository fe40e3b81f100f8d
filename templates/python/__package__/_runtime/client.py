"""Base classes of the generated clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

from .._core.omit import OMIT, Omit
from .address import is_valid_id, is_valid_slug
from .calls import Call, generate, submit
from .clock import Clock
from .errors import APIStatusError, ParameterError, Violation
from .index import ModelAttribute, ModelEntry
from .jobs import AsyncJob, Job
from .options import CallOptions, TimeoutLike
from .polling import accepted_id, surface_of
from .resources import AsyncModel, SyncModel, unknown_call
from .results import AsyncJobResult, JobResult, Result
from .settings import Settings, configure
from .transport import AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from .._core.api import Api
    from .http import AsyncClient as AsyncHttpClient
    from .http import Client

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
    _prefix: ClassVar[str] = ""
    """Prefix of the class names of models."""

    _settings: Settings

    @property
    def base_url(self) -> str:
        """The origin of all requests."""
        return self._settings.origin

    def has_same_settings(self, other: _Client) -> bool:
        """Whether both have the same key, address and options."""
        return self._settings == other._settings

    def __init_subclass__(cls) -> None:
        for name, entry in cls.__dict__.get("models", {}).items():
            setattr(cls, name, ModelAttribute(name, entry.module, cls._prefix + entry.class_name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be pickled or copied, because it holds the key; with_options() shares it"
        )

    def _find(self, slug: str) -> Any:
        """The model with the slug, or None if this package has none. Raises ParameterError for an invalid slug."""
        if not is_valid_slug(slug):
            raise ParameterError(
                "run", [Violation("slug", repr(slug), "must be a slug, such as those in the API's URLs")]
            )
        attribute = self._attributes_by_slug().get(slug.lstrip("/"))
        return None if attribute is None else getattr(self, attribute)

    def _unknown(self, slug: str, params: Mapping[str, object], *, job: bool) -> Call:
        return unknown_call(self._settings, slug, params, self._attributes_by_slug(), job=job)

    @classmethod
    def _attributes_by_slug(cls) -> Mapping[str, str]:
        """The attribute of each slug, computed on first use."""
        if cls._attributes is None:
            cls._attributes = {entry.slug: name for name, entry in cls.models.items()}
        return cls._attributes

    def _copy(self, settings: Settings) -> Self:
        """A copy with other settings and without the models."""
        other = object.__new__(type(self))
        other.__dict__.update(
            (name, value) for name, value in self.__dict__.items() if name not in self.models
        )
        other._settings = settings
        return other


class SyncClient(_Client):
    """A client. Threads may share it; it is a context manager, and `close()` closes its connections."""

    _transport: SyncTransport

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int = 2,
        validate: bool = True,
        extra_headers: Mapping[str, str] | None = None,
        http_client: Client | None = None,
    ) -> None:
        """Set up the client; nothing is sent.

        `api_key` and `base_url` (an origin) default to the environment variables. `timeout` is in seconds for each read
        and write (default 600, at most 5 to connect), an `httpx2.Timeout`, or None. `max_retries` limits how often a
        request is repeated that cannot have been accepted. `validate=False` sends parameters unchecked. `http_client` is
        used unchanged, and never closed.

        Raises ConfigurationError, for example if the key is missing.
        """
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.with_changes(
            timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
        )
        self._transport = SyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether this client, or the one whose connections it shares, is closed."""
        return self._transport.is_closed

    def with_options(
        self: C,
        *,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
    ) -> C:
        """A client with other options and the same connections; closing it keeps them open. Headers are merged."""
        other = self._copy(
            self._settings.with_changes(
                timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
            )
        )
        other._transport = self._transport.shared()
        return other

    def run(self, slug: str, /, **params: Any) -> JobResult:
        """Submit a job of the model with this slug, wait until it is done, and return its result.

        Every keyword is a parameter, by its name in the API or in Python. Parameters of a model that this package does
        not contain are sent unchecked.
        """
        return self.submit_async(slug, **params).wait()

    def run_sync(self, slug: str, /, **params: Any) -> Result:
        """Run the model with this slug in one blocking call. For the parameters see `run`."""
        model: SyncModel | None = self._find(slug)
        if model is not None:
            return model._generate(model._by_python_name(params), CallOptions())
        return self._generate(self._settings, self._unknown(slug, params, job=False))

    def submit_async(self, slug: str, /, **params: Any) -> Job:
        """Submit a job of the model with this slug. For the parameters see `run`."""
        model: SyncModel | None = self._find(slug)
        if model is not None:
            return model._submit(model._by_python_name(params), CallOptions())
        return self._submit(self._settings, self._unknown(slug, params, job=True))

    def job(self, request_id: str, /) -> Job:
        """A job by its id, to continue waiting for it or to fetch its result; nothing is sent."""
        return Job(self._settings, self._transport, _checked_id(self._settings, request_id))

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        self._transport.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _generate(self, settings: Settings, call: Call) -> Result:
        response = self._transport.run(generate(settings, call))
        return Result(response, settings, self._transport, call)

    def _submit(self, settings: Settings, call: Call) -> Job:
        request_id, body = accepted_id(settings, self._transport.run(submit(settings, call)))
        return Job(settings, self._transport, request_id, body, call)


class AsyncClient(_Client):
    """An asynchronous client, for the tasks of one event loop; an asynchronous context manager."""

    _prefix: ClassVar[str] = "Async"
    _transport: AsyncTransport

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int = 2,
        validate: bool = True,
        extra_headers: Mapping[str, str] | None = None,
        http_client: AsyncHttpClient | None = None,
    ) -> None:
        """Set up the client like `SyncClient`, with an `httpx2.AsyncClient` as `http_client`."""
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.with_changes(
            timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
        )
        self._transport = AsyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether this client, or the one whose connections it shares, is closed."""
        return self._transport.is_closed

    def with_options(
        self: C,
        *,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
    ) -> C:
        """A client with other options and the same connections; closing it keeps them open. Headers are merged."""
        other = self._copy(
            self._settings.with_changes(
                timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
            )
        )
        other._transport = self._transport.shared()
        return other

    async def run(self, slug: str, /, **params: Any) -> AsyncJobResult:
        """`SyncClient.run`, awaited."""
        return await (await self.submit_async(slug, **params)).wait()

    async def run_sync(self, slug: str, /, **params: Any) -> Result:
        """`SyncClient.run_sync`, awaited."""
        model: AsyncModel | None = self._find(slug)
        if model is not None:
            return await model._generate(model._by_python_name(params), CallOptions())
        return await self._generate(self._settings, self._unknown(slug, params, job=False))

    async def submit_async(self, slug: str, /, **params: Any) -> AsyncJob:
        """`SyncClient.submit_async`, awaited."""
        model: AsyncModel | None = self._find(slug)
        if model is not None:
            return await model._submit(model._by_python_name(params), CallOptions())
        return await self._submit(self._settings, self._unknown(slug, params, job=True))

    def job(self, request_id: str, /) -> AsyncJob:
        """A job by its id, to continue waiting for it or to fetch its result; nothing is sent."""
        return AsyncJob(self._settings, self._transport, _checked_id(self._settings, request_id))

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        await self._transport.close()

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _generate(self, settings: Settings, call: Call) -> Result:
        response = await self._transport.run(generate(settings, call))
        return Result(response, settings, self._transport, call)

    async def _submit(self, settings: Settings, call: Call) -> AsyncJob:
        request_id, body = accepted_id(settings, await self._transport.run(submit(settings, call)))
        return AsyncJob(settings, self._transport, request_id, body, call)


def _checked_id(settings: Settings, request_id: str) -> str:
    """The id itself. Raises ParameterError for an invalid id, ConfigurationError for an API without jobs."""
    surface_of(settings)
    if not is_valid_id(request_id):
        raise ParameterError("job", [Violation("request_id", repr(request_id), "must be the id of a job")])
    return request_id
