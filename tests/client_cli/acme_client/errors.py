"""A class for each documented status."""

from ._runtime.errors import APIStatusError, ClientStatusError


class BadRequestError(ClientStatusError):
    """400"""


class AuthenticationError(ClientStatusError):
    """401"""


class CreditsError(ClientStatusError):
    """406"""


class RateLimitError(ClientStatusError):
    """429"""


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    406: CreditsError,
    429: RateLimitError,
}
