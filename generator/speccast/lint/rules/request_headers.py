"""Request headers: the fixed headers of every request.

A115 request-header-invalid

    The name of a header consists of ASCII letters, digits, `.`, `_` and `-`, its value is one line of printable
    ASCII, and each header is listed once. Headers that the client sets itself, such as that of the key, the type of
    the body or the connection, cannot be fixed.

    Bad::

        # api.yaml
        request_headers: { Content-Type: application/json }

    Good::

        # api.yaml
        request_headers: { x-acme-version: "2024-11-06" }
"""

from __future__ import annotations

import re
from typing import Final

from speccast.lint.rule import ApiContext, RuleViolation, Severity, Violations, api_rule
from speccast.specs.problems import shorten_value

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_VALUE: Final = re.compile(r"[!-~]([ -~]*[!-~])?")
_OF_CONNECTIONS: Final = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OF_THE_CLIENT: Final = frozenset({"accept-encoding", "range", "user-agent"})
_OF_KEYS: Final = frozenset({"authorization", "cookie"})


@api_rule(
    "A115", Severity.ERROR, "a fixed header that is invalid or that the client sets itself", needed=True
)
def request_header_invalid(context: ApiContext) -> Violations:
    first: dict[str, str] = {}
    keys = _OF_KEYS | _auth_headers(context)
    for name, value in context.spec.get("request_headers", {}).items():
        key, lower = context.key("request_headers", name), name.lower()
        if not _NAME.fullmatch(name):
            yield RuleViolation(
                key,
                f"`{shorten_value(name)}` is not the name of a header",
                "write ASCII letters, digits, `.`, `_` and `-`",
            )
        elif lower in first:
            yield RuleViolation(
                key,
                f"`{shorten_value(name)}` is the same header as `{shorten_value(first[lower])}`",
                "remove one of the two",
                related=((context.key("request_headers", first[lower]), "the first one is here"),),
            )
        elif reason := _explain_reserved(lower, keys):
            yield RuleViolation(
                key, f"the header `{shorten_value(name)}` cannot be fixed: {reason}", "remove it"
            )
        if not _VALUE.fullmatch(value):
            yield RuleViolation(
                context.value("request_headers", name),
                f"the value of `{shorten_value(name)}` is not one line of printable ASCII characters",
                "remove control characters, other alphabets and spaces at both ends",
            )
        first.setdefault(lower, name)


def _auth_headers(context: ApiContext) -> frozenset[str]:
    auth = context.spec.get("auth")
    if auth is None:
        return frozenset()
    places = (auth, *auth.get("alternatives", ()))
    return frozenset(place["name"].lower() for place in places if place["in"] == "header")


def _explain_reserved(name: str, keys: frozenset[str]) -> str:
    """Return why a header cannot be fixed, or an empty text."""
    if name in keys:
        return "it holds a secret; `auth` describes where the key is sent"
    if name.startswith("content-"):
        return "it describes the body, which differs between requests"
    if name in _OF_CONNECTIONS:
        return "it belongs to the connection"
    return "the client sets it" if name in _OF_THE_CLIENT else ""
