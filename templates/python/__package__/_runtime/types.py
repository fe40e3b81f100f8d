"""Classes that annotations name and that are imported only when something evaluates an annotation.

`types.Result` in an annotation loads neither the HTTP library nor a module that is being imported, and
`typing.get_type_hints` still finds the class: the attributes of this module are imported on first use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Protocol, TypeAlias

if TYPE_CHECKING:
    from .batching import AsyncBatch, Batch, BatchOptions, Rows
    from .http import AsyncClient as AsyncHttpClient
    from .http import Client as HttpClient
    from .http import Timeout
    from .job_results import AsyncJobResult, JobResult
    from .jobs import AsyncJob, Job
    from .output import AsyncOutput, Output
    from .record import Record
    from .results import AsyncResult, Result
    from .stream import AsyncByteStream, ByteStream

    # speccast: if events
    from .text_stream import AsyncTextStream, TextStream

    # speccast: end
    from .transport import AsyncTransport, SyncTransport

__all__ = [
    "AsyncBatch",
    "AsyncByteStream",
    "AsyncHttpClient",
    "AsyncJob",
    "AsyncJobResult",
    "AsyncOutput",
    "AsyncResult",
    "AsyncStates",
    # speccast: if events
    "AsyncTextStream",
    # speccast: end
    "AsyncTransport",
    "Batch",
    "BatchOptions",
    "ByteStream",
    "HttpClient",
    "Job",
    "JobResult",
    # speccast: if files
    "MediaInput",
    # speccast: end
    "OnStatus",
    "Output",
    "Record",
    "Result",
    "Rows",
    "States",
    "SyncTransport",
    # speccast: if events
    "TextStream",
    # speccast: end
    "Timeout",
]

_CLASSES = {
    "AsyncBatch": (".batching", "AsyncBatch"),
    "AsyncByteStream": (".stream", "AsyncByteStream"),
    "AsyncHttpClient": (".http", "AsyncClient"),
    "AsyncJob": (".jobs", "AsyncJob"),
    "AsyncJobResult": (".job_results", "AsyncJobResult"),
    "AsyncOutput": (".output", "AsyncOutput"),
    "AsyncResult": (".results", "AsyncResult"),
    # speccast: if events
    "AsyncTextStream": (".text_stream", "AsyncTextStream"),
    "TextStream": (".text_stream", "TextStream"),
    # speccast: end
    "AsyncTransport": (".transport", "AsyncTransport"),
    "Batch": (".batching", "Batch"),
    "BatchOptions": (".batching", "BatchOptions"),
    "ByteStream": (".stream", "ByteStream"),
    "HttpClient": (".http", "Client"),
    "Job": (".jobs", "Job"),
    "JobResult": (".job_results", "JobResult"),
    "Output": (".output", "Output"),
    "Record": (".record", "Record"),
    "Result": (".results", "Result"),
    "Rows": (".batching", "Rows"),
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


# speccast: if files
class OutputLike(Protocol):
    """An output of a model: `Output`, also of another client."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes | None: ...
    @property
    def url(self) -> str | None: ...


class ResultLike(Protocol):
    """The result of a model: `Result` and `JobResult`, also of another client."""

    @property
    def outputs(self) -> Sequence[OutputLike]: ...


class ArrayLike(Protocol):
    """A picture of Pillow (`PIL.Image.Image`), or pixels in an array of numpy (`numpy.ndarray`)."""

    @property
    def __array_interface__(self) -> Mapping[str, Any]: ...


class _Content(_Opaque):
    """Makes pydantic refuse what cannot be content; the client's own check decides about the rest."""

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(_possible_content)

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> Any:
        return {"type": "string"}


def _possible_content(value: object) -> object:
    if value is None or isinstance(value, int | float | list) or type(value) is dict:
        raise ValueError("must be a file, or its address, data URI or base64")
    return value


_File: TypeAlias = (
    PathLike[str] | bytes | bytearray | memoryview | BinaryIO | ArrayLike | OutputLike | ResultLike
)
MediaInput: TypeAlias = Annotated[str | _File | tuple[str, _File] | tuple[str, _File, str], _Content()]
"""Content to send: an address, a data URI or base64 as text; or a file as its path, its bytes, a binary file object, a picture
of Pillow, an array of numpy, the result or an output of an earlier call; or (name, content), or (name, content, media type).

Each parameter says which of them it takes: a text in one of its forms, and files unless it takes addresses only.
"""
# speccast: end
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
