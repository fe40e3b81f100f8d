"""All errors of the client, in one tree.

    ApiError                        .status  .detail  .request_id
    ├── ParameterError              .model  .violations (also a ValueError); nothing was sent
    ├── ConfigurationError          no key, invalid base URL, no such surface; nothing was sent
    ├── BudgetError                 .spent  .max_cost; the calls before have reached the limit; nothing was sent
    ├── APIConnectionError          no connection, or it broke
    │   └── APITimeoutError         no response within the timeout
    ├── APIStatusError              .body  .headers; the API returned an error status
    │   ├── ClientStatusError       4xx
    │   │   └── one class for each documented status
    │   └── ServerStatusError       5xx
    │       └── one class for each documented status
    ├── InvalidResponseError        .body  .headers; a response that is not what the model returns
    ├── OutputError                 an output that cannot be downloaded or saved
    ├── RecordError                 a file without a record of its request, or with a damaged one
    └── JobError
        ├── JobFailedError          .detail  .status_body
        └── JobTimeoutError         .request_id  .elapsed_s; the job may still be running

    ParameterWarning (UserWarning)  a parameter that has no effect given the others

The classes of the documented statuses are generated. Every error can be copied and pickled, and none refers to the key,
the request or the HTTP library.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .._core.frozen_classes import Frozen
from .headers import Headers
from .plain_text import clean

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "ApiError",
    "BudgetError",
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
]

_PACKAGE = __name__.rpartition("._runtime")[0]
E = TypeVar("E", bound="ApiError")


class ApiError(Exception):
    """Base of all errors of the client."""

    status: int | None
    """HTTP status; None without a response."""
    detail: str | None
    """The server's message, from a body of any shape."""
    job_id: str | None = None
    """Id of the job that was submitted before the error; `client.job(error.job_id)` resumes it."""
    may_be_billed: bool = False
    """Whether the request that runs a model may have been processed and billed."""
    is_repeatable: bool = False
    """Whether the server did not accept the request, and may accept the same one later: repeating it cannot bill twice."""
    retry_after: float | None = None
    """Seconds that the server asks to wait."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        detail: str | None = None,
        request_id: str | None = None,
    ) -> None:
        # Python prints the message to a terminal if nothing catches the error. The detail keeps the server's own text.
        super().__init__(clean(message or detail or ""))
        self.status = status
        self.detail = detail
        self._request_id = request_id

    @property
    def request_id(self) -> str | None:
        """The server's id of the request or job."""
        return self._request_id

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, dict(self.__dict__))


class Violation(Frozen):
    """One violation of a limit by a parameter."""

    parameter: str
    """Name in Python; below the top level a path such as `loras[0].weight`."""
    value: str
    """The value, shortened; empty if none was passed."""
    message: str
    """The violation, such as `must be 10 to 100`."""
    limit: str = ""
    """The valid values, such as `10 to 100`."""

    def __str__(self) -> str:
        subject = f"{self.parameter}={self.value}" if self.value else self.parameter
        return f"{subject}: {self.message}"


class ParameterError(ApiError, ValueError):
    """Invalid parameters. All violations are listed; nothing was sent."""

    model: str
    violations: tuple[Violation, ...]

    def __init__(self, model: str, violations: Iterable[Violation]) -> None:
        self.model = model
        self.violations = tuple(violations)
        count = len(self.violations)
        heading = f"{model}: {count} invalid parameter{'' if count == 1 else 's'}; nothing was sent"
        super().__init__("\n  ".join([heading, *map(str, self.violations)]))


class ConfigurationError(ApiError):
    """The client or the call is configured incorrectly. Nothing was sent."""


class BudgetError(ApiError):
    """The calls of a client have reached its `max_cost`. Nothing was sent."""

    spent: float
    """What the calls before cost, in the unit of the API."""
    max_cost: float

    def __init__(self, spent: float, max_cost: float) -> None:
        super().__init__(
            f"the calls of this client have cost {spent:.10g}, and max_cost is {max_cost:.10g}; nothing was sent"
        )
        self.spent = spent
        self.max_cost = max_cost


class APIConnectionError(ApiError):
    """No connection could be made, or it broke."""


class APITimeoutError(APIConnectionError):
    """No response arrived within the timeout."""


class _ResponseError(ApiError):
    """An error with the response that it is about."""

    body: Any
    """The JSON of the response, or its text; empty if it is neither."""
    headers: Mapping[str, str]
    """The headers of the response; names in any case."""

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
        self.headers = Headers(headers or {})


class APIStatusError(_ResponseError):
    """The API returned an error status."""


class ClientStatusError(APIStatusError):
    """A status from 400 to 499: the request is invalid or not allowed."""


class ServerStatusError(APIStatusError):
    """A status of 500 or more: the server failed."""


class InvalidResponseError(_ResponseError):
    """A response that is not what the model returns, such as a web page, or an error with a status of success."""


class OutputError(ApiError):
    """An output that cannot be downloaded or saved."""

    is_misnamed: bool = False
    """Whether the content cannot have the name that was passed. It can be saved under another one."""


class RecordError(ApiError):
    """A file has no record of its request, or one that cannot be read."""


class JobError(ApiError):
    """A job without a result."""


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
    """The job did not finish by the deadline. It may still be running, and can be resumed by its id."""

    elapsed_s: float
    """Seconds that the client waited."""

    def __init__(self, request_id: str, elapsed_s: float, detail: str | None = None) -> None:
        detail = detail or f"job {request_id} did not finish within {elapsed_s:.1f} s"
        super().__init__(detail, detail=detail, request_id=request_id)
        self.elapsed_s = elapsed_s

    @property
    def request_id(self) -> str:
        """The job's id; `client.job(error.request_id)` resumes it."""
        return self._request_id or ""


class ParameterWarning(UserWarning):
    """A parameter that has no effect given the others."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


def name_job(error: BaseException, job_id: str, note: str) -> None:
    """Add the id of a job that is paid for to an exception, once, and a note unless it is empty."""
    if "job_id" in error.__dict__:
        return
    error.__dict__["job_id"] = job_id  # other exceptions than ours do not declare it
    if note:
        error.add_note(note)


def _restore(kind: type[E], args: tuple[object, ...], attributes: dict[str, object]) -> E:
    """Return an error from its parts, for copies and pickles: the constructors do not take `args`."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


def name_publicly(*classes: type) -> None:
    """Let tracebacks show classes as users import them: `package.ParameterError` instead of a private module."""
    for each in classes:
        # Text in annotations would be evaluated there: this module must not postpone their evaluation.
        each.__module__ = _PACKAGE


name_publicly(*(each for name, each in list(globals().items()) if name in __all__))
