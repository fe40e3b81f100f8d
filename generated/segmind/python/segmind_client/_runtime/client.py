"""Base classes of the generated clients."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from .._core.omit import OMIT, Omit
from .address import usable_id, usable_slug
from .calls import Call, generate, submit
from .clock import Clock
from .errors import APIStatusError, ParameterError, Violation
from .jobs import AsyncJob, Job
from .log import PACKAGE
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
    from .index import ModelEntry

__all__ = ["AsyncClient", "SyncClient"]


class _Client:
    """What the generated classes say of their API, and how their attributes become models."""

    _api: ClassVar[Api]
    _index: ClassVar[Mapping[str, ModelEntry]]
    _status_errors: ClassVar[Mapping[int, type[APIStatusError]]]
    _attributes: ClassVar[Mapping[str, str] | None] = None
    _clock: ClassVar[Clock] = Clock()
    _prefix: ClassVar[str] = ""
    """What stands before the class name of a model."""

    _settings: Settings

    @property
    def base_url(self) -> str:
        """The origin that requests go to."""
        return self._settings.origin

    def is_set_up_like(self, other: _Client) -> bool:
        """Whether both have the same key, address and options."""
        return self._settings == other._settings

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """A model, loaded when it is first asked for. Threads that ask at once get the same one."""
            entry = None if name.startswith("_") else self._index.get(name)
            if entry is None:
                message = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(message, name=name, obj=self)
            module = import_module(f"{PACKAGE}.models.{entry.module}")
            model = getattr(module, self._prefix + entry.class_name)(self)
            return self.__dict__.setdefault(name, model)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._index})

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client is neither pickled nor copied, because it holds the key; with_options() shares it"
        )

    def _find(self, slug: str) -> Any:
        """The model with the slug, or None if this package has none. Raises ParameterError for what is no slug."""
        if not usable_slug(slug):
            raise ParameterError(
                "run", [Violation("slug", repr(slug), "must be the name of a model in an address")]
            )
        attribute = self._attributes_by_slug().get(slug.lstrip("/"))
        return None if attribute is None else getattr(self, attribute)

    def _unknown(self, slug: str, params: Mapping[str, object], *, job: bool) -> Call:
        return unknown_call(self._settings, slug, params, self._attributes_by_slug(), job=job)

    @classmethod
    def _attributes_by_slug(cls) -> Mapping[str, str]:
        """The attribute of each slug, found out when a slug is first looked for."""
        if cls._attributes is None:
            cls._attributes = {entry.slug: name for name, entry in cls._index.items()}
        return cls._attributes

    def _changed(self, settings: Settings) -> Self:
        """Another client of this class with other settings, without this one's models."""
        other = object.__new__(type(self))
        other.__dict__.update(
            (name, value) for name, value in self.__dict__.items() if name not in self._index
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
        """Set the client up; nothing is sent.

        `api_key` and `base_url` (an origin) come from the environment where they are left out. `timeout` is in seconds
        for each read and write (600 where it is left out, 5 at most to connect), an `httpx2.Timeout`, or None.
        `max_retries` says how often a request is repeated that cannot have been accepted. `validate` False sends
        parameters unchecked. `http_client` is used as it is, and not closed.

        Raises ConfigurationError, for example where there is no key.
        """
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.changed(
            timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
        )
        self._transport = SyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the one that it shares connections with, was closed."""
        return self._transport.is_closed

    def with_options(
        self,
        *,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A client with other options on the same connections; closing it leaves them open. Headers are merged."""
        other = self._changed(
            self._settings.changed(
                timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
            )
        )
        other._transport = self._transport.shared()
        return other

    def run(self, slug: str, /, **params: Any) -> JobResult:
        """Submit a job of the model with this slug, wait until it is done, and answer its result.

        Every keyword is a parameter, by its name in the API or in Python. A model that this package does not know is
        sent unchecked.
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
        """A job by its id, to go on waiting for it or to fetch its result; nothing is sent."""
        return Job(self._settings, self._transport, _checked_id(self._settings, request_id))

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _generate(self, settings: Settings, call: Call) -> Result:
        answer = self._transport.run(generate(settings, call))
        return Result(answer, settings, self._transport, call.slug)

    def _submit(self, settings: Settings, call: Call) -> Job:
        request_id, body = accepted_id(settings, self._transport.run(submit(settings, call)))
        return Job(settings, self._transport, request_id, body, call.slug)


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
        """Set the client up, as `SyncClient` does, with an `httpx2.AsyncClient` for `http_client`."""
        settings = configure(
            self._api, self._status_errors, api_key=api_key, base_url=base_url, clock=self._clock
        )
        self._settings = settings.changed(
            timeout=timeout, max_retries=max_retries, validate=validate, extra_headers=extra_headers
        )
        self._transport = AsyncTransport(http_client, self._clock)

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the one that it shares connections with, was closed."""
        return self._transport.is_closed

    def with_options(
        self,
        *,
        timeout: TimeoutLike | Omit = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A client with other options on the same connections; closing it leaves them open. Headers are merged."""
        other = self._changed(
            self._settings.changed(
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
        """A job by its id, to go on waiting for it or to fetch its result; nothing is sent."""
        return AsyncJob(self._settings, self._transport, _checked_id(self._settings, request_id))

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _generate(self, settings: Settings, call: Call) -> Result:
        answer = await self._transport.run(generate(settings, call))
        return Result(answer, settings, self._transport, call.slug)

    async def _submit(self, settings: Settings, call: Call) -> AsyncJob:
        request_id, body = accepted_id(settings, await self._transport.run(submit(settings, call)))
        return AsyncJob(settings, self._transport, request_id, body, call.slug)


def _checked_id(settings: Settings, request_id: str) -> str:
    """The id itself. Raises ParameterError for what would lead elsewhere, ConfigurationError without jobs."""
    surface_of(settings)
    if not usable_id(request_id):
        raise ParameterError("job", [Violation("request_id", repr(request_id), "must be the id of a job")])
    return request_id
