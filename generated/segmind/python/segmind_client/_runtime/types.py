"""Classes that annotations name and that are imported only when something evaluates an annotation.

`types.Result` in an annotation loads neither the HTTP library nor a module that is being imported, and
`typing.get_type_hints` still finds the class: the attributes of this module are imported on first use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

if TYPE_CHECKING:
    from .http import AsyncClient as AsyncHttpClient
    from .http import Client as HttpClient
    from .http import Timeout
    from .job_results import AsyncJobResult, JobResult
    from .jobs import AsyncJob, Job
    from .results import AsyncResult, Result
    from .stream import AsyncByteStream, ByteStream
    from .transport import AsyncTransport, SyncTransport

__all__ = [
    "AsyncByteStream",
    "AsyncHttpClient",
    "AsyncJob",
    "AsyncJobResult",
    "AsyncResult",
    "AsyncStates",
    "AsyncTransport",
    "ByteStream",
    "HttpClient",
    "Job",
    "JobResult",
    "OnStatus",
    "Result",
    "States",
    "SyncTransport",
    "Timeout",
]

_CLASSES = {
    "AsyncByteStream": (".stream", "AsyncByteStream"),
    "AsyncHttpClient": (".http", "AsyncClient"),
    "AsyncJob": (".jobs", "AsyncJob"),
    "AsyncJobResult": (".job_results", "AsyncJobResult"),
    "AsyncResult": (".results", "AsyncResult"),
    "AsyncTransport": (".transport", "AsyncTransport"),
    "ByteStream": (".stream", "ByteStream"),
    "HttpClient": (".http", "Client"),
    "Job": (".jobs", "Job"),
    "JobResult": (".job_results", "JobResult"),
    "Result": (".results", "Result"),
    "SyncTransport": (".transport", "SyncTransport"),
    "Timeout": (".http", "Timeout"),
}


class _Opaque:
    """Makes pydantic accept any value, and leave the type out of JSON Schemas, which cannot describe it."""

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.any_schema()

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> Any:
        from pydantic_core import PydanticOmit

        raise PydanticOmit

    def __repr__(self) -> str:  # documentation shows it in signatures
        return "opaque"


class _Instance(_Opaque):
    """Makes pydantic check a value with `isinstance`."""

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(source)


OnStatus: TypeAlias = Annotated[Callable[[dict[str, Any]], object], _Opaque()]
"""A function that is called with the JSON of each status of a job."""
States: TypeAlias = Annotated[Iterator[dict[str, Any]], _Opaque()]
AsyncStates: TypeAlias = Annotated[AsyncIterator[dict[str, Any]], _Opaque()]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _CLASSES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, class_name = _CLASSES[name]
        value = getattr(import_module(module, __package__), class_name)
        if module == ".http":
            value = Annotated[value, _Instance()]
        globals()[name] = value
        return value
