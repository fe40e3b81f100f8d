"""How requests are authenticated. One class per scheme serves the client, the emulator and OpenAPI.

A scheme says what a request carries (`_value`), how a server verifies it (`_verify`) and how OpenAPI describes it
(`_describe`); where that value goes, in a header or in the query, is the same for all of them. To add a scheme, write
its class, list it in `SCHEMES`, and add its name to `auth.type` in both schemas of the format.

Security boundary: this module alone writes a key into a request and reads it from one. Checks fail closed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

from .frozen_classes import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SCHEMES",
    "ApiKey",
    "Auth",
    "AuthRequest",
    "Authorization",
    "HmacSignature",
    "Refusal",
    "build_auth",
]

Refusal: TypeAlias = Literal["missing_key", "invalid_key"]
"""Why a server refuses a request."""


class AuthRequest(NamedTuple):
    """The parts of a request that a scheme may use: all but the credentials that it adds or checks."""

    method: str
    url: str
    """URL of the request; the origin may be missing."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    time: float = 0.0
    """Seconds since the epoch: when the request is sent, or when the server received it."""

    def value(self, location: Literal["header", "query"], name: str) -> str | None:
        """Return the value under a name, without the spaces around it; None if the request does not have the name."""
        if location == "header":
            value = self.headers.get(name.lower())
        else:
            from urllib.parse import parse_qsl, urlsplit  # few schemes need it

            value = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True)).get(name)
        return None if value is None else value.strip()

    def __repr__(self) -> str:
        return f"AuthRequest({self.method!r}, {self.url!r})"


class Authorization(NamedTuple):
    """The credentials of a request: headers, or parameters of the query."""

    headers: Mapping[str, str] = MappingProxyType({})
    query: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return "Authorization()"


class Auth(Frozen, ABC):
    """A scheme, with the place where its value goes in a request."""

    needs_body: ClassVar[bool] = False
    """Whether a server must read the body before it can check a request."""

    location: Literal["header", "query"]
    name: str
    scheme: str | None = None
    """Word before the value, such as Bearer."""
    description: str = ""
    """Where a user finds the key."""
    alternatives: tuple[Auth, ...] = ()
    """Other schemes that a server accepts; a client uses the first."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Locations and names of everything that can hold a secret; names of headers in lower case."""
        name = self.name.lower() if self.location == "header" else self.name
        return ((self.location, name), *(place for other in self.alternatives for place in other.places))

    def place_of(self, other: Auth) -> int | None:
        """Return the index of an equal scheme: 0 for this one, then the alternatives; None if no scheme is equal."""
        wanted = (type(other), other.location, other.name.lower(), other.scheme)
        schemes = (self, *self.alternatives)
        found = ((type(each), each.location, each.name.lower(), each.scheme) for each in schemes)
        return next((place for place, each in enumerate(found) if each == wanted), None)

    def preferring(self, place: int) -> Auth:
        """Return the same schemes with another one as the first, which a client uses."""
        first, *others = ((self, *self.alternatives)[place], self, *self.alternatives)
        del others[place]
        return replace(first, alternatives=tuple(replace(each, alternatives=()) for each in others))

    @property
    def header_names(self) -> tuple[str, ...]:
        """Names of the headers that authenticate a request, in lower case."""
        return tuple(name for location, name in self.places if location == "header")

    def authorize(self, key: str, request: AuthRequest) -> Authorization:
        """Return the headers or query parameters that authenticate a request."""
        return self._place(self.name.lower(), self._value(key, request))

    def show(self, placeholder: str) -> Authorization:
        """Return the same with a placeholder instead of the secret, for people; names as the API writes them."""
        return self._place(self.name, self._display(placeholder))

    def check(self, key: str | None, request: AuthRequest) -> Refusal | None:
        """Return why a server refuses a request; None if it is authenticated. If `key` is None, any key passes."""
        refusals = [scheme._check(key, request) for scheme in (self, *self.alternatives)]
        if None in refusals:
            return None
        return "invalid_key" if "invalid_key" in refusals else "missing_key"

    def security_schemes(self) -> list[dict[str, Any]]:
        """Security Scheme Objects of OpenAPI 3.1, of which a request satisfies one."""
        described = [
            self._describe(),
            *(other for each in self.alternatives for other in each.security_schemes()),
        ]
        if self.description:
            described[0]["description"] = " ".join(
                text for text in (self.description, described[0].get("description")) if text
            )
        return described

    @abstractmethod
    def _value(self, key: str, request: AuthRequest) -> str:
        """Return the value that is sent, without the scheme's word."""

    @abstractmethod
    def _verify(self, value: str, key: str | None, request: AuthRequest) -> bool:
        """Return whether a value that was sent is valid."""

    def _display(self, placeholder: str) -> str:
        """Return the value for display to people."""
        return placeholder

    def _describe(self) -> dict[str, Any]:
        """Return the Security Scheme Object; a description of the scheme itself is optional."""
        described: dict[str, Any] = {"type": "apiKey", "in": self.location, "name": self.name}
        if self.scheme is not None:
            described["description"] = f"The key follows the word {self.scheme} and a space."
        return described

    def _place(self, header: str, value: str) -> Authorization:
        value = f"{self.scheme} {value}" if self.scheme else value
        if self.location == "header":
            return Authorization(headers={header: value})
        return Authorization(query={self.name: value})

    def _check(self, key: str | None, request: AuthRequest) -> Refusal | None:
        value = request.value(self.location, self.name)
        if value is None:
            return "missing_key"
        if self.scheme is not None:
            scheme, _, value = value.partition(" ")
            value = value.strip() if scheme.lower() == self.scheme.lower() else ""
        return None if value and self._verify(value, key, request) else "invalid_key"


class ApiKey(Auth):
    """The key itself."""

    def _value(self, key: str, request: AuthRequest) -> str:
        return key

    def _verify(self, value: str, key: str | None, request: AuthRequest) -> bool:
        return key is None or _is_equal(value, key)

    def _describe(self) -> dict[str, Any]:
        # Of the words that HTTP registers, these are the ones that tools understand.
        scheme = (self.scheme or "").lower()
        if self.name.lower() == "authorization" and scheme in ("basic", "bearer"):
            return {"type": "http", "scheme": scheme}
        return Auth._describe(self)


class HmacSignature(Auth):
    """A signature: `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of time, method, path and body, a line each.

    The key itself is never sent. A server refuses signatures that are older than five minutes, or from the future.
    """

    needs_body: ClassVar[bool] = True
    TOLERANCE: ClassVar[int] = 300

    def _value(self, key: str, request: AuthRequest) -> str:
        seconds = int(request.time)
        return f"t={seconds},v1={self._signature(key, seconds, request)}"

    def _verify(self, value: str, key: str | None, request: AuthRequest) -> bool:
        time, comma, signature = value.removeprefix("t=").partition(",v1=")
        if not comma or not (time.isascii() and time.isdecimal() and len(time) < 16):
            return False
        if abs(int(time) - request.time) > self.TOLERANCE:
            return False
        if key is None:
            return len(signature) == 64 and signature.isalnum()
        expected = self._signature(key, int(time), request)
        return _is_equal(signature, expected)

    def _display(self, placeholder: str) -> str:
        return f"t=SECONDS,v1=HMAC-SHA256({placeholder})"

    def _describe(self) -> dict[str, Any]:
        text = "`t=SECONDS,v1=HEX`: HEX is the HMAC-SHA256 of time, method, path and body, a line each."
        return {"type": "apiKey", "in": self.location, "name": self.name, "description": text}

    @staticmethod
    def _signature(key: str, seconds: int, request: AuthRequest) -> str:
        import hashlib  # These two take milliseconds to load, and most clients never need them.
        import hmac
        from urllib.parse import urlsplit

        head = f"{seconds}\n{request.method}\n{urlsplit(request.url).path}\n"
        return hmac.new(key.encode(), head.encode() + request.body, hashlib.sha256).hexdigest()


SCHEMES: Mapping[str, type[Auth]] = {"key": ApiKey, "hmac-sha256": HmacSignature}
"""The schemes by their name in `auth.type`."""


def build_auth(spec: Mapping[str, Any]) -> Auth:
    """Return the scheme that `auth` in `api.yaml` describes."""
    options = {key: value for key, value in spec.items() if key not in ("type", "in", "alternatives")}
    alternatives = tuple(build_auth(alternative) for alternative in spec.get("alternatives", ()))
    return SCHEMES[spec.get("type", "key")](location=spec["in"], alternatives=alternatives, **options)


def _is_equal(value: str, secret: str) -> bool:
    """Compare in constant time."""
    from hmac import compare_digest

    return compare_digest(value.encode(), secret.encode())
