"""The settings of a client: its arguments and the environment, validated once and then immutable."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, cast

from .._core.auth import AuthRequest
from .._core.frozen_classes import Frozen
from .._core.omit import OMIT, Omit
from .._core.paths import job_paths
from .address import is_loopback, origin_of
from .clock import Clock
from .errors import APIStatusError, ConfigurationError
from .log import log_as_environment_says, logger
from .plain_text import clean
from .secret import Redactor, Secret
from .spending import Spending, check_cost
from .steps import Credentials
from .upload_addresses import Addresses

if TYPE_CHECKING:
    from .._core.api import Api
    from .._core.paths import JobPaths
    from .._core.places import Places
    from .options import CallOptions, TimeoutLike

__all__ = ["Settings", "check_headers", "check_retries", "check_timeout", "clean_text", "configure"]

MAX_RESPONSE_BYTES = 128 * 1024 * 1024
"""Default limit of a decoded response. Without it, a small compressed response could fill the memory."""
_LONGEST_TOTAL = 1e9
"""Seconds. Longer times than 30 years are no limit."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


class Settings(Frozen, kw_only=True):
    """Everything that an operation needs from its client."""

    api: Api
    status_errors: Mapping[int, type[APIStatusError]]
    origin: str
    """An origin, or the path of a gateway: what the documented paths are appended to."""
    is_origin_given: bool = False
    """Whether the user gave the origin, which then is that of all surfaces."""
    has_paths_of_model: bool = False
    """Whether the paths of jobs are those of one model."""
    key: Secret | None = None
    timeout: TimeoutLike | Omit = OMIT
    total_timeout: float | None = None
    """Seconds for each operation, with all its requests and retries."""
    max_retries: int = 2
    validate: bool = True
    max_response_bytes: int | None = MAX_RESPONSE_BYTES
    """Limit of a decoded response that is kept in memory."""
    max_cost: float | None = None
    """No call is sent once the calls before have cost as much, in the unit of the API."""
    spending: Spending = field(default_factory=Spending, repr=False, compare=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Names in lower case."""
    clock: Clock = field(default_factory=Clock, repr=False)
    addresses: Addresses = field(default_factory=Addresses, repr=False, compare=False)
    """The addresses of uploaded files."""

    @property
    def credentials(self) -> Credentials:
        """Everything that the driver needs to authenticate a request."""
        others = {self.origin_for(job=False), self.origin_for(job=True)} - {self.origin}
        return Credentials(self.origin, self.api.auth, self.key, self.clock.now, tuple(others))

    def origin_for(self, *, job: bool) -> str:
        """Return the origin of a surface: a given one, that of the surface in the API's documentation, or the API's."""
        surface = self.api.jobs if job else self.api.sync
        own = None if surface is None or self.is_origin_given else surface.base_url
        return self.origin if own is None else own.lower()

    @property
    def upload_origin(self) -> str:
        """The origin of uploads: a given one, that of uploads in the API's documentation, or the API's."""
        own = None if self.api.upload is None or self.is_origin_given else self.api.upload.base_url
        return self.origin if own is None else own.lower()

    def for_jobs(self, paths: JobPaths | None) -> Settings:
        """Return these settings with the origin of jobs and with the paths of a model's jobs."""
        jobs, origin = self.api.jobs, self.origin_for(job=True)
        if jobs is None or ((paths is None or paths == job_paths(jobs)) and origin == self.origin):
            return self
        has_paths_of_model = paths is not None and paths != job_paths(jobs)
        paths = paths or job_paths(jobs)
        cancel = jobs.cancel
        if cancel is not None and paths.cancel is not None:
            cancel = replace(cancel, path=paths.cancel)
        jobs = replace(jobs, status=paths.status, result=paths.result, cancel=cancel)
        api = replace(self.api, jobs=jobs)
        return replace(self, api=api, origin=origin, has_paths_of_model=has_paths_of_model)

    @property
    def redactor(self) -> Redactor:
        """Hides the key, and what a caller sends instead of it."""
        secrets = [self.key.reveal()] if self.key else []
        if self.key is not None and self.api.auth is not None:
            # A scheme may encode the key, and a server may repeat it in that form.
            sent = self.api.auth.authorize(self.key.reveal(), AuthRequest("POST", "", {}))
            secrets += [*sent.headers.values(), *sent.query.values()]
        for name in self.api.auth.header_names if self.api.auth is not None else ():
            if own := self.extra_headers.get(name):
                secrets += [own, own.rpartition(" ")[2]]
        return Redactor(secrets)

    def reading(self, places: Places | None) -> Settings:
        """Return these settings with other places of values in responses."""
        return self if places is None else replace(self, api=replace(self.api, places=places))

    def for_call(self, options: CallOptions) -> Settings:
        """Return these settings with the options of one call. Raises ConfigurationError."""
        if options.keeps_settings:
            return self
        return self.with_changes(
            timeout=options.timeout,
            total_timeout=options.total_timeout,
            max_retries=options.max_retries,
            validate=options.validate,
            extra_headers=options.extra_headers,
        )

    def count_cost(self, cost: float | None) -> None:
        """Add the cost of a call to those of the client, if the API reports costs."""
        if cost is not None:
            self.spending.add(cost)

    def with_changes(
        self,
        *,
        api_key: str | Omit | None = OMIT,
        timeout: TimeoutLike | Omit = OMIT,
        total_timeout: float | Omit | None = OMIT,
        max_retries: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        max_response_bytes: int | Omit | None = OMIT,
        max_cost: float | Omit | None = OMIT,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Settings:
        """Return a copy with other values; headers are merged. Raises ConfigurationError."""
        headers = check_headers(extra_headers)
        for name in self.api.auth.header_names if self.api.auth is not None else ():
            if name in headers:
                logger.debug("extra_headers contains %s, which is sent instead of the key", name)
        return replace(
            self,
            key=self.key if api_key is OMIT else _key(self.api, api_key),
            timeout=self.timeout if timeout is OMIT else check_timeout(timeout),
            total_timeout=self.total_timeout if total_timeout is OMIT else check_total(total_timeout),
            max_retries=self.max_retries if max_retries is OMIT else check_retries(max_retries),
            validate=self.validate if validate is OMIT else validate,
            max_response_bytes=(
                self.max_response_bytes if max_response_bytes is OMIT else check_bytes(max_response_bytes)
            ),
            max_cost=self.max_cost if max_cost is OMIT else check_cost(max_cost),
            extra_headers={**self.extra_headers, **headers},
        )


def configure(
    api: Api,
    status_errors: Mapping[int, type[APIStatusError]],
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    clock: Clock | None = None,
) -> Settings:
    """Return the settings from arguments and, if those are None, from the environment.

    Raises ConfigurationError if the key or the base URL is missing or invalid.
    """
    log_as_environment_says(api.env_log)
    origin, is_given = _origin(api, base_url)
    if origin.startswith("http://") and api.auth is not None and not is_loopback(origin):
        logger.warning("%s is not encrypted: others on the network can read the API key", origin)
    return Settings(
        api=api,
        status_errors=status_errors,
        origin=origin,
        is_origin_given=is_given,
        key=_key(api, api_key),
        clock=clock or Clock(),
    )


def clean_text(text: str, settings: Settings | None) -> str:
    """Return a text with what a server sent, without the key and control characters. A copy of a result has no settings."""
    return clean(text if settings is None else settings.redactor.text(text))


def check_timeout(timeout: TimeoutLike | Omit) -> TimeoutLike | Omit:
    """Return the timeout itself. Raises ConfigurationError unless it is None, a number greater than 0 or an `httpx2.Timeout`."""
    value = cast("object", timeout)
    parts = [getattr(value, name, OMIT) for name in ("connect", "read", "write", "pool")]
    if value is OMIT or all(_is_duration(each) for each in (parts if OMIT not in parts else [value])):
        return timeout
    raise ConfigurationError(
        f"timeout must be a number of seconds greater than 0, an httpx2.Timeout of such numbers or None, not {value!r}"
    )


def check_total(total_timeout: float | None) -> float | None:
    """Return the number itself, None for any time. Raises ConfigurationError unless it is None or a number greater than 0."""
    value = cast("object", total_timeout)
    if value == math.inf or _is_duration(value):
        return None if total_timeout is None or total_timeout > _LONGEST_TOTAL else total_timeout
    raise ConfigurationError(
        f"total_timeout must be a number of seconds greater than 0 or None, not {value!r}"
    )


def check_bytes(max_response_bytes: int | None) -> int | None:
    """Return the number itself. Raises ConfigurationError unless it is None or an integer greater than 0."""
    value = cast("object", max_response_bytes)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return max_response_bytes
    raise ConfigurationError(f"max_response_bytes must be an integer greater than 0 or None, not {value!r}")


def check_retries(max_retries: int) -> int:
    """Return the number itself. Raises ConfigurationError unless it is an integer of at least 0."""
    value = cast("object", max_retries)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return max_retries
    raise ConfigurationError(f"max_retries must be an integer of at least 0, not {value!r}")


def check_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return the headers, names in lower case. Raises ConfigurationError, without the value, for invalid headers."""
    given = cast("object", headers)
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"extra_headers must be a mapping, not {type(given).__name__}")
    checked: dict[str, str] = {}
    for name, value in cast("Mapping[object, object]", headers or {}).items():
        if not isinstance(name, str) or not re.fullmatch(_TOKEN, name):
            raise ConfigurationError(f"extra_headers contains an invalid header name: {name!r}")
        if not isinstance(value, str) or not _is_header_value(value):
            raise ConfigurationError(
                f"extra_headers: the value of {name} must be a single line of printable ASCII characters"
            )
        checked[name.lower()] = value
    return checked


def _origin(api: Api, base_url: str | None) -> tuple[str, bool]:
    """Return the origin, and whether an argument or the environment gave it."""
    if base_url is not None:
        return origin_of(base_url, api, "base_url"), True
    if api.env_base_url and (value := os.environ.get(api.env_base_url, "").strip()):
        return origin_of(value, api, api.env_base_url), True
    return origin_of(api.base_url, api, "the API's base_url"), False


def _key(api: Api, api_key: str | None) -> Secret | None:
    """Return the key, without the white space that files and shells leave around it. None means the key of the environment."""
    given = cast("object", api_key)
    if given is not None and not isinstance(given, str):
        raise ConfigurationError(f"api_key must be a str, not {type(given).__name__}")
    if api.auth is None:
        return None
    hint = f" ({api.auth.description})" if api.auth.description else ""
    source, variable = "api_key", api.env_api_key
    if given is None:
        source, given = variable or source, os.environ.get(variable, "") if variable else ""
    key = given.strip()
    if not key and api_key is not None:
        default = f"; pass None to use the environment variable {variable}" if variable else ""
        raise ConfigurationError(f"api_key is empty{default}{hint}")
    if not key:
        otherwise = f" or set the environment variable {variable}" if variable else ""
        raise ConfigurationError(f"no API key for {api.title}: pass api_key=…{otherwise}{hint}")
    if not _is_header_value(key) or " " in key or "\t" in key:
        raise ConfigurationError(
            f"{source} is not a valid API key: a key is one word of printable ASCII characters{hint}"
        )
    return Secret(key)


def _is_duration(value: object) -> bool:
    """Return whether it is a number of seconds greater than 0, or None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return math.isfinite(value) and value > 0
    return value is None


def _is_header_value(value: str) -> bool:
    return all(character == "\t" or " " <= character <= "~" for character in value)
