"""Authentication: what the client adds is what the emulator accepts, for every scheme."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from speccast.core.auth import SCHEMES, ApiKey, Auth, AuthRequest, HmacSignature, build_auth

KEY = "right-key"
REQUEST = AuthRequest("POST", "https://api.test/v1/fox?x=1", {"content-type": "text/plain"}, b"{}", 1000.0)

SPECS: dict[str, dict[str, Any]] = {
    "header": {"in": "header", "name": "X-Api-Key"},
    "bearer": {"in": "header", "name": "Authorization", "scheme": "Bearer"},
    "query": {"in": "query", "name": "token"},
    "hmac-sha256": {"type": "hmac-sha256", "in": "header", "name": "X-Signature"},
    "hmac-sha256 with a scheme": {
        "type": "hmac-sha256",
        "in": "header",
        "name": "Authorization",
        "scheme": "Signed",
    },
}
EITHER = {**SPECS["header"], "alternatives": [SPECS["bearer"], SPECS["query"]]}


def send(auth: Auth, key: str = KEY, request: AuthRequest = REQUEST) -> AuthRequest:
    """Return the request as it reaches the server, without its origin."""
    added = auth.authorize(key, request)
    query = "".join(f"&{name}={value}" for name, value in added.query.items())
    url = request.url.removeprefix("https://api.test") + query
    return request._replace(url=url, headers={**request.headers, **added.headers})


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_server_accepts_what_the_client_sends(spec: dict[str, Any]) -> None:
    auth = build_auth(spec)
    assert auth.check(KEY, send(auth)) is None
    assert auth.check(None, send(auth)) is None
    assert auth.check(KEY, send(auth, "wrong-key")) == "invalid_key"
    assert auth.check(KEY, REQUEST) == "missing_key"
    assert auth.check(None, REQUEST) == "missing_key"


def test_the_schemas_name_every_scheme() -> None:
    api, model = (
        json.loads((files("speccast.specs") / "schema" / f"{name}.schema.json").read_text("utf-8"))
        for name in ("api", "model")
    )
    assert api["$defs"]["authType"]["enum"] == list(SCHEMES)
    assert model["properties"]["auth"]["properties"]["type"]["enum"] == list(SCHEMES)


def test_a_key_is_sent_as_the_spec_says() -> None:
    assert build_auth(SPECS["header"]).authorize(KEY, REQUEST).headers == {"x-api-key": KEY}
    assert build_auth(SPECS["bearer"]).authorize(KEY, REQUEST).headers == {"authorization": f"Bearer {KEY}"}
    assert build_auth(SPECS["query"]).authorize(KEY, REQUEST).query == {"token": KEY}


@pytest.mark.parametrize("used", [SPECS["header"], SPECS["bearer"], SPECS["query"]])
def test_each_alternative_is_accepted(used: dict[str, Any]) -> None:
    auth = build_auth(EITHER)
    assert auth.check(KEY, send(build_auth(used))) is None
    assert auth.check(KEY, send(build_auth(used), "wrong-key")) == "invalid_key"
    assert auth.check(KEY, REQUEST) == "missing_key"
    assert auth.authorize(KEY, REQUEST).headers == {"x-api-key": KEY}
    assert auth.places == (("header", "x-api-key"), ("header", "authorization"), ("query", "token"))


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"{ }"},
        {"method": "GET"},
        {"url": "/v1/other"},
        {"time": 1301.0},
        {"time": 699.0},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_signature_is_valid_only_for_its_request_and_for_five_minutes(changed: dict[str, Any]) -> None:
    auth = HmacSignature("header", "X-Signature")
    assert auth.check(KEY, send(auth)._replace(time=1300.0)) is None
    assert auth.check(KEY, send(auth)._replace(**changed)) == "invalid_key"


@pytest.mark.parametrize(
    "value", ["t=1000", "v1=00", "t=x,v1=00", "t=1000,v1=", "t=9" * 40 + ",v1=00", "ü", KEY]
)
def test_a_malformed_signature_is_refused_even_where_any_key_is_accepted(value: str) -> None:
    request = REQUEST._replace(headers={"x-signature": value})
    assert HmacSignature("header", "X-Signature").check(None, request) == "invalid_key"


def test_a_signature_does_not_contain_the_key() -> None:
    auth = HmacSignature("header", "X-Signature")
    assert KEY not in str(dict(auth.authorize(KEY, REQUEST).headers))


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_no_repr_shows_a_key(spec: dict[str, Any]) -> None:
    auth = build_auth(spec)
    assert KEY not in repr(auth.authorize(KEY, REQUEST))
    assert KEY not in repr(auth)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_people_are_shown_a_placeholder(spec: dict[str, Any]) -> None:
    shown = build_auth(spec).show("<KEY>")
    assert "<KEY>" in str([*shown.headers.values(), *shown.query.values()])
    assert [*shown.headers, *shown.query] == [spec["name"]]


def test_openapi_describes_each_scheme() -> None:
    bearer, key, query = ApiKey(
        "header",
        "Authorization",
        "Bearer",
        "From the account page.",
        (ApiKey("header", "x-key", "Token"), ApiKey("query", "k")),
    ).security_schemes()
    assert bearer == {"type": "http", "scheme": "bearer", "description": "From the account page."}
    assert (key["in"], key["name"]) == ("header", "x-key")
    assert key["description"] == "The key follows the word Token and a space."
    assert query == {"type": "apiKey", "in": "query", "name": "k"}
    [signature] = HmacSignature("header", "X-Signature", description="Ask us.").security_schemes()
    assert signature["description"].startswith("Ask us. `t=SECONDS,v1=HEX`")


def test_another_scheme_can_come_first() -> None:
    auth = build_auth(
        {
            "in": "header",
            "name": "x-key",
            "description": "Ask for it.",
            "alternatives": [
                {"in": "header", "name": "Authorization", "scheme": "Bearer"},
                {"in": "query", "name": "token"},
            ],
        }
    )
    names = [
        ["x-key", "Authorization", "token"],
        ["Authorization", "x-key", "token"],
        ["token", "x-key", "Authorization"],
    ]
    for place, expected in enumerate(names):
        chosen = auth.preferring(place)
        assert [chosen.name, *(each.name for each in chosen.alternatives)] == expected
        assert auth.place_of(chosen) == place
        assert all(not each.alternatives for each in chosen.alternatives)
    assert auth.place_of(build_auth({"in": "header", "name": "authorization", "scheme": "Bearer"})) == 1
    for other in (
        {"in": "header", "name": "Authorization"},
        {"in": "query", "name": "x-key"},
        {"type": "hmac-sha256", "in": "header", "name": "x-key"},
    ):
        assert auth.place_of(build_auth(other)) is None
