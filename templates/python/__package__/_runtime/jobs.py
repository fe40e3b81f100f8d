"""Submitted jobs: status, result and waiting."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from .._core.api import JobSurface
from .._core.omit import OMIT, Omit
from .._core.protocol import JobProtocol
from . import types
from .address import job_url
from .calls import Call
from .errors import JobError, name_job
from .headers import Headers
from .job_results import AsyncJobResult, JobResult, job_result
from .outputs import OutputSource
from .polling import (
    cancel,
    cancel_at_deadline,
    check_wait,
    protocol_of,
    read_result,
    read_status,
    surface_of,
    wait,
    watch,
)
from .request_summary import request_of
from .settings import Settings
from .steps import Response
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncJob", "Job"]


class _JobHandle:
    """What is known about a job without a request."""

    request_id: str
    """The job's id; `client.job(request_id)` resumes it at any time."""
    submit_response: dict[str, Any]
    """The JSON of the response to the submit; empty for a resumed job."""
    model: str | None
    """The slug of the job's model; None if it is resumed without it."""
    raw: Response | None
    """The last response about the job: its status, reason, headers and content."""

    def __init__(
        self,
        settings: Settings,
        request_id: str,
        submit_response: Mapping[str, Any] | None,
        call: Call | None,
        raw: Response | None,
    ) -> None:
        self.request_id = request_id
        self.submit_response = dict(submit_response or {})
        self.raw = None if raw is None else _public(raw)
        self._settings = settings
        self._call = call
        self.model = call.slug if call is not None else None

    @property
    def needs_model(self) -> bool:
        """Whether the job is resumed by its id and its model: `client.job(job.request_id, job.model)`."""
        return self._settings.has_paths_of_model

    @property
    def status_url(self) -> str:
        """URL of the status: the documented one, not one from a response."""
        return job_url(self._settings.origin, self._surface.status, self.request_id)

    @property
    def response_url(self) -> str:
        """URL of the result: the documented one, not one from a response."""
        return job_url(self._settings.origin, self._surface.result, self.request_id)

    @property
    def _surface(self) -> JobSurface:
        return surface_of(self._settings)

    @property
    def _protocol(self) -> JobProtocol:
        return protocol_of(self._settings)

    @property
    def _source(self) -> OutputSource:
        """Where the outputs come from. A resumed job does not know its model."""
        call = self._call
        if call is None:
            return OutputSource(self.request_id, self.response_url, job_id=self.request_id)
        request = request_of(self._settings, call)._replace(job_id=self.request_id)
        return OutputSource(call.slug, self.response_url, call.returns, request, self.request_id)

    @contextmanager
    def _names_itself(self) -> Generator[None]:
        """Add the job's id to every exception, cancellation and Ctrl-C included, because the job is paid for."""
        try:
            yield
        except BaseException as error:
            # Who resumes a job has its id already.
            is_known = self._call is None or isinstance(error, JobError)
            note = (
                f"Job {self.request_id} was submitted. It may still be running, and can be resumed by its id."
            )
            name_job(error, self.request_id, "" if is_known else note)
            raise

    def _keep(self, answer: tuple[dict[str, Any], Response]) -> dict[str, Any]:
        """Return the JSON of a response, which becomes `raw`."""
        body, response = answer
        self.raw = _public(response)
        return body

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'request_id', '')!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a job cannot be pickled: keep its request_id, and resume it with client.job(request_id)"
        )


def _public(response: Response) -> Response:
    """Return a response with headers whose names have any case."""
    return response._replace(headers=Headers(response.headers))


class Job(_JobHandle):
    """A job, as returned by `submit` and `client.job`."""

    def __init__(
        self,
        settings: Settings,
        transport: SyncTransport,
        request_id: str,
        submit_response: Mapping[str, Any] | None = None,
        call: Call | None = None,
        *,
        raw: Response | None = None,
    ) -> None:
        """Use `submit` or `client.job` instead."""
        super().__init__(settings, request_id, submit_response, call, raw)
        self._transport = transport

    def status(self) -> dict[str, Any]:
        """Return the JSON of the job's status, also of a job that failed. Raises APIStatusError for an unknown job."""
        with self._names_itself():
            return self._keep(self._transport.run(read_status(self._settings, self.request_id)))

    def result(self) -> JobResult:
        """Return the JSON of the job's result, also of a job that failed. Raises APIStatusError for an unknown job."""
        with self._names_itself():
            return self._result(self._keep(self._transport.run(read_result(self._settings, self.request_id))))

    # speccast: if cancel
    def cancel(self) -> dict[str, Any] | None:
        """Cancel the job, and return the JSON of the response; None if it contains no object.

        The API may need some time to cancel it: `wait` then raises JobCanceledError. Canceling again is harmless. Raises
        APIStatusError for an unknown job, and for a finished one if the API refuses that.
        """
        with self._names_itself():
            body, response = self._transport.run(cancel(self._settings, self.request_id))
        self.raw = _public(response)
        return body

    # speccast: end
    def states(self, timeout: float | Omit = OMIT, interval: float | Omit = OMIT) -> types.States:
        """Poll as `wait` does, and yield the JSON of each status. The last one is final: the job is done or has failed.

        `for status in job` does this with the documented deadline and interval. Raises JobTimeoutError among others.
        """
        deadline, pause = check_wait(self._settings, timeout, interval, self._call)
        return self._states(deadline, pause)

    def __iter__(self) -> types.States:
        return self.states()

    def _states(self, deadline: float, pause: float) -> types.States:
        with self._names_itself():
            yield from self._transport.reports(watch(self._settings, self.request_id, deadline, pause))

    def wait(
        self,
        timeout: float | Omit = OMIT,
        interval: float | Omit = OMIT,
        *,
        on_status: types.OnStatus | None = None,
        # speccast: if cancel
        cancel_on_timeout: bool = False,
        # speccast: end
    ) -> JobResult:
        """Wait until the job is done, and return its result.

        Polls at once, then every `interval` seconds (at least 0.05), and for the last time after `timeout` seconds. The
        defaults are the documented ones of the model or the API. `on_status` is called with the JSON of each status.
        # speccast: if cancel
        `cancel_on_timeout` cancels the job at the deadline, which takes up to 5 seconds more.
        # speccast: end

        Raises JobFailedError, JobTimeoutError (the job may still be running), and other exceptions of `errors`.
        """
        deadline, pause = check_wait(self._settings, timeout, interval, self._call)
        with self._names_itself():
            waiting = wait(self._settings, self.request_id, deadline, pause)
            # speccast: if cancel
            if cancel_on_timeout:
                waiting = cancel_at_deadline(self._settings, self.request_id, waiting)
            # speccast: end
            return self._result(self._keep(self._transport.run(waiting, on_status)))

    def _result(self, body: dict[str, Any]) -> JobResult:
        result = job_result(
            JobResult, body, self._protocol, self._source, settings=self._settings, transport=self._transport
        )
        result.raw = self.raw
        return result


class AsyncJob(_JobHandle):
    """A job, as returned by `submit` and `job` of an asynchronous client."""

    def __init__(
        self,
        settings: Settings,
        transport: AsyncTransport,
        request_id: str,
        submit_response: Mapping[str, Any] | None = None,
        call: Call | None = None,
        *,
        raw: Response | None = None,
    ) -> None:
        """Use `submit` or `client.job` instead."""
        super().__init__(settings, request_id, submit_response, call, raw)
        self._transport = transport

    async def status(self) -> dict[str, Any]:
        """`Job.status`, awaited."""
        with self._names_itself():
            return self._keep(await self._transport.run(read_status(self._settings, self.request_id)))

    async def result(self) -> AsyncJobResult:
        """`Job.result`, awaited."""
        with self._names_itself():
            return self._result(
                self._keep(await self._transport.run(read_result(self._settings, self.request_id)))
            )

    # speccast: if cancel
    async def cancel(self) -> dict[str, Any] | None:
        """`Job.cancel`, awaited."""
        with self._names_itself():
            body, response = await self._transport.run(cancel(self._settings, self.request_id))
        self.raw = _public(response)
        return body

    # speccast: end
    def states(self, timeout: float | Omit = OMIT, interval: float | Omit = OMIT) -> types.AsyncStates:
        """`Job.states` for `async for`."""
        deadline, pause = check_wait(self._settings, timeout, interval, self._call)
        return self._states(deadline, pause)

    def __aiter__(self) -> types.AsyncStates:
        return self.states()

    async def _states(self, deadline: float, pause: float) -> types.AsyncStates:
        with self._names_itself():
            program = watch(self._settings, self.request_id, deadline, pause)
            async for status in self._transport.reports(program):
                yield status

    async def wait(
        self,
        timeout: float | Omit = OMIT,
        interval: float | Omit = OMIT,
        *,
        on_status: types.OnStatus | None = None,
        # speccast: if cancel
        cancel_on_timeout: bool = False,
        # speccast: end
    ) -> AsyncJobResult:
        """`Job.wait`, awaited. `on_status` may be a coroutine function."""
        deadline, pause = check_wait(self._settings, timeout, interval, self._call)
        with self._names_itself():
            waiting = wait(self._settings, self.request_id, deadline, pause)
            # speccast: if cancel
            if cancel_on_timeout:
                waiting = cancel_at_deadline(self._settings, self.request_id, waiting)
            # speccast: end
            return self._result(self._keep(await self._transport.run(waiting, on_status)))

    def _result(self, body: dict[str, Any]) -> AsyncJobResult:
        result = job_result(
            AsyncJobResult,
            body,
            self._protocol,
            self._source,
            settings=self._settings,
            transport=self._transport,
        )
        result.raw = self.raw
        return result
