"""fox-1.5: a model with every kind of parameter, and with both surfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from acme_client._core.omit import OMIT, Omit
from acme_client._core.parameter import Parameter
from acme_client._runtime.options import CallOptions
from acme_client._runtime.resources import AsyncModel, SyncModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acme_client._runtime.http import Timeout
    from acme_client._runtime.jobs import AsyncJob, Job
    from acme_client._runtime.results import AsyncResult, Result
    from acme_client._runtime.stream import AsyncByteStream, ByteStream

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(name="prompt", wire="prompt", flag="--prompt", type="string", required=True, min_length=1),
    Parameter(
        name="sampler",
        wire="sampler",
        flag="--sampler",
        type="string",
        required=True,
        default="euler",
        choices=("euler", "heun"),
        open=True,
        hidden_values=2,
    ),
    Parameter(
        name="format",
        wire="format",
        flag="--format",
        type="string",
        default="jpeg",
        choices=("jpeg", "png"),
        also_accepted=("jpg",),
    ),
    Parameter(
        name="ratio", wire="ratio", flag="--ratio", type="string", default="custom", choices=("custom", "1:1")
    ),
    Parameter(
        name="width",
        wire="width",
        flag="--width",
        type="integer",
        minimum=64,
        maximum=2048,
        multiple_of=8,
        applies_when=(("ratio", ("custom",)),),
        renamed_from="size",
    ),
    Parameter(name="seed", wire="seed", flag="--seed", type="integer", nullable=True, minimum=-1),
    Parameter(name="strength", wire="strength", flag="--strength", type="number", choices=(0.5, 1)),
    Parameter(name="base64", wire="base64", flag="--base64", type="boolean", default=False),
    Parameter(
        name="urls",
        wire="urls",
        flag="--urls",
        type="array",
        min_items=1,
        max_items=3,
        items=Parameter(name="item", wire="item", flag="", type="string", min_length=2),
    ),
    Parameter(
        name="loras",
        wire="loras",
        flag="--loras",
        type="array",
        items=Parameter(
            name="item",
            wire="item",
            flag="",
            type="object",
            properties=(
                Parameter(name="path", wire="path", flag="", type="string", required=True),
                Parameter(
                    name="weight",
                    wire="weight",
                    flag="",
                    type="number",
                    minimum=0,
                    maximum=2,
                    multiple_of=0.1,
                ),
            ),
        ),
    ),
    Parameter(name="class_", wire="class", flag="--class", type="string"),
    Parameter(name="timeout_", wire="timeout", flag="--param-timeout", type="integer"),
)


class Fox15(SyncModel):
    """fox-1.5"""

    slug: ClassVar[str] = "fox-1.5"
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    surfaces: ClassVar[tuple[str, ...]] = ("sync", "async")
    returns: ClassVar[tuple[str, ...]] = ("image/jpeg", "application/json", "text/plain")

    def generate(
        self,
        *,
        prompt: str,
        sampler: str | Omit = OMIT,
        width: int | Omit = OMIT,
        size: int | Omit = OMIT,
        urls: Sequence[str] | Omit = OMIT,
        class_: str | Omit = OMIT,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Result:
        return self._generate(
            {
                "prompt": prompt,
                "sampler": sampler,
                "width": width,
                "size": size,
                "urls": urls,
                "class_": class_,
            },
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )

    def stream(
        self,
        *,
        prompt: str,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> ByteStream:
        return self._stream(
            {"prompt": prompt},
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )

    def submit(
        self,
        *,
        prompt: str,
        sampler: str | Omit = OMIT,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Job:
        return self._submit(
            {"prompt": prompt, "sampler": sampler},
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )


class AsyncFox15(AsyncModel):
    """fox-1.5"""

    slug: ClassVar[str] = "fox-1.5"
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    surfaces: ClassVar[tuple[str, ...]] = ("sync", "async")
    returns: ClassVar[tuple[str, ...]] = ("image/jpeg", "application/json", "text/plain")

    async def generate(
        self,
        *,
        prompt: str,
        sampler: str | Omit = OMIT,
        width: int | Omit = OMIT,
        size: int | Omit = OMIT,
        urls: Sequence[str] | Omit = OMIT,
        class_: str | Omit = OMIT,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> AsyncResult:
        return await self._generate(
            {
                "prompt": prompt,
                "sampler": sampler,
                "width": width,
                "size": size,
                "urls": urls,
                "class_": class_,
            },
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )

    def stream(
        self,
        *,
        prompt: str,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> AsyncByteStream:
        return self._stream(
            {"prompt": prompt},
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )

    async def submit(
        self,
        *,
        prompt: str,
        sampler: str | Omit = OMIT,
        timeout: float | Timeout | Omit | None = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        return await self._submit(
            {"prompt": prompt, "sampler": sampler},
            CallOptions(timeout, total_timeout, max_retries, validate, extra_headers, extra_body),
        )
