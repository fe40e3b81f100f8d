"""The errors of the invented API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._runtime.errors import APIStatusError, ClientStatusError, ServerStatusError, name_publicly

if TYPE_CHECKING:
    from collections.abc import Mapping


class BadRequestError(ClientStatusError):
    """400"""


class AuthenticationError(ClientStatusError):
    """401"""


class NotFoundError(ClientStatusError):
    """404"""


class RateLimitError(ClientStatusError):
    """429"""


class InternalServerError(ServerStatusError):
    """500"""


STATUS_ERRORS: Mapping[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    404: NotFoundError,
    429: RateLimitError,
    500: InternalServerError,
}

name_publicly(*STATUS_ERRORS.values())
