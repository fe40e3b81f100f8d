"""All errors of the client, in one tree.

    ApiError                        .status  .detail  .request_id
    ├── ParameterError              .model  .violations (also a ValueError); nothing was sent
    ├── ConfigurationError          no key, no usable address, no such surface; nothing was sent
    ├── APIConnectionError          no connection, or it broke
    │   └── APITimeoutError         no answer in time
    ├── APIStatusError              .body  .headers; the API answered with an error status
    │   ├── ClientStatusError       4xx
    │   │   └── one class for each documented status
    │   └── ServerStatusError       5xx
    │       └── one class for each documented status
    ├── InvalidResponseError        an answer that cannot be understood
    ├── OutputError                 an output that cannot be downloaded or saved
    └── JobError
        ├── JobFailedError          .detail  .status_body
        └── JobTimeoutError         .request_id  .elapsed_s; the job may still be running

    ParameterWarning (UserWarning)  a parameter that has no effect as the others are

The classes of the documented statuses are generated. Every error can be copied and pickled, and none holds the key, the
request or anything of the HTTP library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
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
    "ServerStatusError",
    "Violation",
]

E = TypeVar("E", bound="ApiError")


class ApiError(Exception):
    """Base of all errors of the client."""

    status: int | None
    """HTTP status; None where there is no answer."""
    detail: str | None
    """What the server said, whatever the shape of its answer."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        detail: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message or detail or "")
        self.status = status
        self.detail = detail
        self._request_id = request_id

    @property
    def request_id(self) -> str | None:
        """The server's name for the request or job."""
        return self._request_id

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, dict(self.__dict__))


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with one parameter."""

    parameter: str
    """Name in Python; below the top level a path such as `loras[0].weight`."""
    value: str
    """What was passed, shortened; empty where nothing was."""
    message: str
    """What is wrong, such as `must be 10 to 100`."""
    limit: str = ""
    """What would be right, such as `10 to 100`."""

    def __str__(self) -> str:
        subject = f"{self.parameter}={self.value}" if self.value else self.parameter
        return f"{subject}: {self.message}"


class ParameterError(ApiError, ValueError):
    """Parameters that the API would not take. All that is wrong is listed; nothing was sent."""

    model: str
    violations: tuple[Violation, ...]

    def __init__(self, model: str, violations: Iterable[Violation]) -> None:
        self.model = model
        self.violations = tuple(violations)
        count = len(self.violations)
        heading = (
            f"{model}: " + ("1 parameter is" if count == 1 else f"{count} parameters are") + " not right"
        )
        super().__init__("\n  ".join([f"{heading}; nothing was sent", *map(str, self.violations)]))


class ConfigurationError(ApiError):
    """The client cannot be used as it is set up. Nothing was sent."""


class APIConnectionError(ApiError):
    """No connection could be made, or it broke."""


class APITimeoutError(APIConnectionError):
    """There was no answer in time."""


class APIStatusError(ApiError):
    """The API answered with an error status."""

    body: Any
    """The answer's JSON, or its text."""
    headers: Mapping[str, str]
    """The answer's headers, names in lower case."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        detail: str | None = None,
        request_id: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, status=status, detail=detail, request_id=request_id)
        self.body = body
        self.headers = dict(headers or {})


class ClientStatusError(APIStatusError):
    """A status from 400 to 499: something about the request is not right."""


class ServerStatusError(APIStatusError):
    """A status from 500 up: the server could not answer."""


class InvalidResponseError(ApiError):
    """An answer that cannot be understood, such as a web page."""


class OutputError(ApiError):
    """An output that cannot be downloaded or saved."""


class JobError(ApiError):
    """A job that did not end well."""


class JobFailedError(JobError):
    """The job failed, or its content was blocked."""

    status_body: dict[str, Any]
    """The JSON of the job's status."""

    def __init__(
        self,
        detail: str | None = None,
        status_body: Mapping[str, Any] | None = None,
        *,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        subject = f"job {request_id}" if request_id else "the job"
        super().__init__(
            f"{subject} failed: {detail or 'the API gave no reason'}",
            status=status,
            detail=detail,
            request_id=request_id,
        )
        self.status_body = dict(status_body or {})


class JobTimeoutError(JobError):
    """The job was not done by the deadline. It may still be running, and can be resumed by its id."""

    elapsed_s: float
    """Seconds that the client waited."""

    def __init__(self, request_id: str, elapsed_s: float, detail: str | None = None) -> None:
        detail = detail or f"job {request_id} was not done after {elapsed_s:.1f} s"
        super().__init__(detail, detail=detail, request_id=request_id)
        self.elapsed_s = elapsed_s

    @property
    def request_id(self) -> str:
        """The job's id; `client.job(error.request_id)` resumes it."""
        return self._request_id or ""


class ParameterWarning(UserWarning):
    """A parameter that was passed and has no effect as the others are."""


def _restore(kind: type[E], args: tuple[object, ...], attributes: dict[str, object]) -> E:
    """An error from its parts, for copies and pickles: the constructors take other arguments than `args`."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error
