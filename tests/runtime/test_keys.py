"""The key is sent to the API's own origin only, as documented, and is never printed."""

from __future__ import annotations

import base64
import copy
import html
import io
import logging
import pickle
import traceback
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
from acme_client._api import API
from acme_client._core.auth import ApiKey, AuthRequest, HmacSignature
from acme_client._runtime.clock import Deadline
from acme_client._runtime.errors import ApiError, ConfigurationError, OutputError
from acme_client._runtime.secret import Redactor
from acme_client._runtime.trace import Trace
from acme_client.client import Acme
from acme_support.adapter import KEY
from acme_support.server import Reply

HEADER = API
BEARER = replace(API, auth=ApiKey("header", "authorization", "Bearer"))
QUERY = replace(API, auth=ApiKey("query", "api-key"))
SIGNED = replace(API, auth=HmacSignature("header", "x-signature"))
EITHER = replace(API, auth=ApiKey("header", "x-acme-key", alternatives=(BEARER.auth,)))
OPEN = replace(API, auth=None)


def test_the_key_is_sent_in_the_documented_header(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["x-acme-key"] == KEY
    assert "authorization" not in server.requests[0].headers


def test_a_scheme_precedes_the_key(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api=BEARER).fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_key_is_sent_in_the_documented_query_parameter(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api=QUERY).fox_1_5.generate(prompt="a"))
    assert server.requests[0].target == f"/v1/fox-1.5?api-key={KEY.replace('/', '%2F')}"
    assert KEY not in str(server.requests[0].headers)


def test_a_request_with_the_key_in_its_query_is_printed_without_it(acme: Any) -> None:
    from acme_client._runtime.http import build
    from acme_client._runtime.request import post

    client = acme.client(api=QUERY)
    pool, never = client._transport._pool(), Deadline(client._settings.clock)
    request = build(
        pool,
        post(client._settings, f"{client.base_url}/v1/fox-1.5", "application/json", b"{}", never),
        Trace(None),
    )
    assert KEY.replace("/", "%2F").encode() in request.url.raw_path
    for shown in (str(request.url), repr(request.url), repr(request)):
        assert KEY not in shown
        assert KEY.replace("/", "%2F") not in shown


def test_the_key_is_never_sent_to_another_origin(acme: Any) -> None:
    from acme_client._runtime.http import build
    from acme_client._runtime.request import post

    client = acme.client()
    never = Deadline(client._settings.clock)
    for url in ("https://elsewhere.test/v1", client.base_url, f"{client.base_url}.elsewhere.test/v1"):
        with pytest.raises(ConfigurationError, match="an origin other than"):
            request = post(client._settings, url, "application/json", b"{}", never)
            build(client._transport._pool(), request, Trace(None))


def test_an_api_without_auth_needs_no_key(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api=OPEN, api_key=None).fox_1_5.generate(prompt="a"))
    assert "x-acme-key" not in server.requests[0].headers


def test_without_a_key_the_error_names_the_variable_and_where_to_find_one() -> None:
    with pytest.raises(ConfigurationError, match=r"ACME_KEY.*A key from the account page"):
        Acme()


def test_the_key_comes_from_the_environment_without_the_white_space_around_it(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", f" {KEY}\n")
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api_key=None).fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["x-acme-key"] == KEY


@pytest.mark.parametrize("key", ["two words", "tab\tbed", "schlüssel", "line\nbreak"])
def test_an_invalid_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Acme(key)
    assert key not in str(caught.value)


def test_a_callers_header_replaces_the_key(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(401, {"error": "who is other-key-of-mine?"}))
    client = acme.client(extra_headers={"X-Acme-Key": "other-key-of-mine"})
    with pytest.raises(ApiError) as caught:
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["x-acme-key"] == "other-key-of-mine"
    assert "other-key-of-mine" not in str(caught.value)


@pytest.mark.parametrize("name", ["x-acme-key", "authorization"])
def test_a_callers_header_of_any_accepted_scheme_replaces_the_key(acme: Any, server: Any, name: str) -> None:
    server.on("/v1/fox-1.5", Reply(401, {"error": "who is other-key-of-mine?"}))
    client = acme.client(api=EITHER, extra_headers={name: "Bearer other-key-of-mine"})
    with pytest.raises(ApiError) as caught:
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert {KEY, "other-key-of-mine"} & set(str(caught.value).split()) == set()
    assert server.requests[0].headers[name] == "Bearer other-key-of-mine"
    assert KEY not in str(server.requests[0].headers)


def test_the_first_of_several_schemes_is_used(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api=EITHER).fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["x-acme-key"] == KEY
    assert "authorization" not in server.requests[0].headers


def test_a_signature_is_valid_for_the_request_as_it_arrives(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client(api=SIGNED, clock=clock).fox_1_5.generate(prompt="ein Fuchs, 狐"))
    server.on("/v2/requests/j%201/status", Reply(body={"status": "QUEUED"}))
    acme.run(acme.client(api=SIGNED, clock=clock).job("j 1").status())
    for request in server.requests:
        sent = AuthRequest(request.method, request.target, request.headers, request.body, clock.now())
        assert SIGNED.auth.check(KEY, sent) is None
        assert SIGNED.auth.check("other", sent) == "invalid_key"
        assert KEY not in str(request.headers)


class Encoded(ApiKey):
    """A scheme that sends the key in another form."""

    __slots__ = ()

    def _value(self, key: str, request: AuthRequest) -> str:
        return base64.b64encode(key.encode()).decode()


def test_an_encoded_key_is_redacted_too(acme: Any, server: Any) -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    server.on("/v1/fox-1.5", Reply(401, {"error": f"unknown key {encoded}"}))
    client = acme.client(api=replace(API, auth=Encoded("header", "x-acme-key")))
    with pytest.raises(ApiError, match=r"unknown key \*\*\*") as caught:
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert server.requests[0].headers["x-acme-key"] == encoded
    assert encoded not in repr(vars(caught.value))


@pytest.mark.parametrize(
    "api", [HEADER, BEARER, QUERY, SIGNED], ids=["header", "bearer", "query", "signature"]
)
@pytest.mark.parametrize(
    "reply",
    [
        Reply(
            401,
            {"error": f"key {KEY} is not known", "nested": {KEY: [KEY]}},
            {"x-echo": KEY, "x-request-id": KEY},
        ),
        Reply(500, f"<html><title>{KEY}</title></html>"),
        Reply(302, b"", {"location": f"https://elsewhere.test/?api-key={KEY}"}),
        Reply(200, f"<!doctype html><p>{KEY}"),
        Reply(reset=True),
        Reply(cut=True, body=b"x"),
    ],
    ids=["error", "page", "redirect", "page-200", "reset", "cut"],
)
def test_no_error_log_or_repr_shows_the_key(acme: Any, server: Any, api: Any, reply: Reply) -> None:
    server.on("/v1/fox-1.5", reply)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    # At level DEBUG, the HTTP library logs the headers of responses.
    handler.addFilter(lambda record: "receive_response_headers.complete" not in record.getMessage())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    client = acme.client(api=api)
    try:
        with pytest.raises(ApiError) as caught:
            acme.run(client.fox_1_5.generate(prompt="a"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    error = caught.value
    shown = [
        written.getvalue(),
        str(error),
        repr(error),
        repr(vars(error)),
        pickle.dumps(error).decode("latin-1"),
    ]
    shown += [
        "".join(traceback.format_exception(error)),
        repr(client),
        repr(vars(client)),
        repr(client.fox_1_5),
    ]
    assert "POST" in written.getvalue()
    for form in (KEY, KEY.replace("/", "%2F"), KEY.replace("/", r"\/")):
        assert not [text for text in shown if form in text]


def test_an_error_does_not_refer_to_the_http_library(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(reset=True))
    with pytest.raises(ApiError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_failed_job_that_repeats_the_key_does_not_show_it(acme: Any, server: Any) -> None:
    server.on("/v2/requests/j/status", Reply(422, {"status": "FAILED", "error": f"bad {KEY}", "more": KEY}))
    with pytest.raises(ApiError) as caught:
        acme.run(acme.client().job("j").wait())
    assert caught.value.detail == "bad ***"
    assert KEY not in repr(vars(caught.value))


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def assert_hidden(*texts: str) -> None:
    for form in (KEY, KEY.replace("/", "%2F")):
        assert not [text for text in texts if form in text]


def test_no_result_shows_the_key(acme: Any, server: Any) -> None:
    client = acme.client()
    server.on("/v1/fox-1.5", Reply(body=PNG, headers={"x-request-id": KEY}))
    result = acme.run(client.fox_1_5.generate(prompt="a"))
    server.on("/v1/fox-1.5", Reply(body={"picture": f"{server.url}/{KEY}.png"}))
    linked = acme.run(client.fox_1_5.generate(prompt="a"))
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": KEY}))
    job = acme.run(client.job("j").result())
    assert result.request_id == KEY
    assert "***" in repr(result)
    assert "***" in repr(linked.outputs)
    assert repr(job) == "{'status': 'COMPLETED', 'output': '***'}"
    assert_hidden(repr(result), repr(result.outputs), repr(linked.outputs), repr(job))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(302, headers={"location": f"ftp://x/{KEY}"}),
        Reply(302, headers={"location": f"http://[{KEY}"}),
        Reply(302, headers={"location": f"/{KEY}.png"}),
        Reply(body=f"<html>{KEY}"),
        Reply(500, reason=KEY),
    ],
    ids=["missing", "scheme", "invalid", "circle", "page", "reason"],
)
def test_no_error_or_log_of_a_download_shows_the_key(
    acme: Any, server: Any, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("/v1/fox-1.5", Reply(body={"picture": f"{server.url}/{KEY}.png?signature={KEY}"}))
    server.on(f"/{KEY}.png", reply)
    with caplog.at_level(logging.DEBUG, "acme_client"):
        [output] = acme.run(acme.client(max_retries=0).fox_1_5.generate(prompt="a")).outputs
        with pytest.raises(OutputError) as caught:
            acme.run(output.read())
    assert "***" in str(caught.value)
    assert_hidden(str(caught.value), repr(vars(caught.value)), caplog.text)


def test_the_reason_of_a_redirect_does_not_show_the_key(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(302, headers={"location": "/"}, reason=f"Found {KEY}"))
    with pytest.raises(ApiError, match=r"302 Found \*\*\* to /") as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert_hidden(str(caught.value), repr(vars(caught.value)))


def test_a_job_whose_id_contains_the_key_is_not_accepted(
    acme: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": f"job-{KEY}"}))
    with caplog.at_level(logging.DEBUG, "acme_client"), pytest.raises(ApiError, match="request_id") as caught:
        acme.run(acme.client().fox_1_5.submit(prompt="a"))
    assert_hidden(str(caught.value), repr(vars(caught.value)), caplog.text)


def test_the_last_state_of_a_job_does_not_show_the_key(acme: Any, server: Any) -> None:
    server.on("/v2/requests/j/status", Reply(body={"status": KEY}))
    with pytest.raises(ApiError, match=r"last state: \*\*\*") as caught:
        acme.run(acme.client().job("j").wait(timeout=1, interval=0.5))
    assert_hidden(str(caught.value))


def test_redirects_are_not_followed(acme: Any, server: Any, elsewhere: Any) -> None:
    server.on("/v1/fox-1.5", Reply(307, b"", {"location": f"{elsewhere.url}/v1/fox-1.5"}))
    with pytest.raises(ApiError, match="not followed"):
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert elsewhere.requests == []


def test_redirects_are_not_followed_with_a_callers_http_client(
    acme: Any, server: Any, elsewhere: Any
) -> None:
    server.on("/v1/fox-1.5", Reply(307, b"", {"location": f"{elsewhere.url}/v1/fox-1.5"}))
    kind = httpx2.AsyncClient if acme.is_async else httpx2.Client
    own = kind(follow_redirects=True)
    with pytest.raises(ApiError):
        acme.run(acme.client(http_client=own).fox_1_5.generate(prompt="a"))
    acme.close_http(own)
    assert elsewhere.requests == []


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_cannot_be_pickled_or_copied(acme: Any, copied: Any) -> None:
    client = acme.client()
    for thing in (client, client.job("j")):
        with pytest.raises(TypeError, match="pickled"):
            copied(thing)


def test_objects_with_the_key_cannot_be_pickled(acme: Any) -> None:
    for thing in (acme.client()._settings, acme.client()._settings.redactor):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            pickle.dumps(thing)


@pytest.mark.parametrize(
    "form", [KEY, KEY.replace("/", "%2F"), KEY.replace("/", r"\/")], ids=["plain", "url", "json"]
)
def test_a_secret_is_redacted_in_all_its_forms(form: str) -> None:
    assert Redactor([KEY]).text(f"<{form}>") == "<***>"


def test_short_words_are_not_redacted() -> None:
    assert Redactor(["k"]).text("a key") == "a key"


@pytest.mark.parametrize("key", ["", " ", "\n"])
def test_an_empty_key_is_not_replaced_by_the_environments(
    acme: Any, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    with pytest.raises(ConfigurationError, match=r"api_key is empty; pass None .* ACME_KEY"):
        acme.client(api_key=key)
    with pytest.raises(ConfigurationError, match="api_key is empty"):
        acme.client(api_key=None).with_options(api_key=key)
    assert acme.client(api_key=None)._settings.key.reveal() == KEY


@pytest.mark.parametrize("key", [KEY.encode(), 5, 0, False, [KEY], bytearray(b"x"), object])
def test_a_key_of_another_type_is_refused_without_showing_it(acme: Any, key: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_key must be a str, not") as caught:
        acme.client(api_key=key)
    assert KEY not in str(caught.value)


def test_with_options_takes_a_key(acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("/v1/fox-1.5", Reply(401, {"error": "no other-key-1 nor environment-key"}))
    client = acme.client()
    other = client.with_options(api_key="other-key-1")
    monkeypatch.setenv("ACME_KEY", "environment-key")
    for each in (other, client, client.with_options(api_key=None), other.with_options(timeout=9)):
        with pytest.raises(ApiError) as caught:
            acme.run(each.fox_1_5.generate(prompt="a"))
        if each is other:
            assert "other-key-1" not in str(caught.value)
    sent = [request.headers["x-acme-key"] for request in server.requests]
    assert sent == ["other-key-1", KEY, "environment-key", "other-key-1"]
    assert not other.has_same_settings(client)


ESCAPED = [
    "".join(f"\\u{ord(character):04x}" for character in KEY),
    "".join(f"\\u{ord(character):04X}" for character in KEY[:3]) + KEY[3:],
    "".join(f"%{ord(character):02X}" for character in KEY),
    "".join(f"&#{ord(character)};" for character in KEY),
    "".join(f"&#x{ord(character):x};" for character in KEY[:1]) + KEY[1:],
    KEY.replace("/", r"\/"),
    KEY.replace("/", "%252F"),
]


@pytest.mark.parametrize("form", ESCAPED)
@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize(
    "body", ['{"error": "bad <>", "<>": ["<>"]}', "<html><title><></title></html>", "no <>"]
)
def test_an_escaped_key_in_a_body_is_redacted(
    acme: Any, server: Any, form: str, status: int, body: str
) -> None:
    text = body.replace("<>", form)
    server.on("/v1/fox-1.5", Reply(status, text, {"content-type": "text/html"}))
    with pytest.raises(ApiError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    shown = html.unescape(unquote(unquote(repr(vars(caught.value)) + str(caught.value))))
    assert KEY not in shown
    assert KEY not in shown.replace("\\\\", "\\").encode().decode("unicode_escape")
    assert "***" in shown


def test_an_escaped_key_in_a_failed_job_is_redacted(acme: Any, server: Any) -> None:
    text = f'{{"status": "FAILED", "error": "bad {ESCAPED[0]}", "more": {{"{ESCAPED[1]}": 1}}}}'
    server.on("/v2/requests/j/status", Reply(422, text, {"content-type": "application/json"}))
    with pytest.raises(ApiError) as caught:
        acme.run(acme.client().job("j").wait())
    assert caught.value.detail == "bad ***"
    assert caught.value.status_body["more"] == {"***": 1}


def test_json_that_is_nested_too_deeply_is_redacted(acme: Any, server: Any) -> None:
    body = '{"error": "no", "x": ' + "[" * 500 + f'"{KEY}"' + "]" * 500 + "}"
    server.on("/v1/fox-1.5", Reply(400, body, {"content-type": "application/json"}))
    with pytest.raises(ApiError, match="400 Bad Request: no") as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert KEY not in repr(vars(caught.value))


def test_a_model_may_send_the_key_in_another_place(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert API.auth is not None
    alternatives = (ApiKey("header", "Authorization", "Bearer"), ApiKey("query", "token"))
    api = replace(API, auth=replace(API.auth, alternatives=alternatives))
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    client = acme.client(api=api)
    for place, found in ((1, (None, f"Bearer {KEY}", "")), (2, (None, None, KEY)), (0, (KEY, None, ""))):
        monkeypatch.setattr(type(client).fox_1_5, "auth_place", place)
        server.requests.clear()
        acme.run(client.fox_1_5.generate(prompt="a"))
        acme.run(client.fox_1_5.submit(prompt="a"))
        acme.run(client.run_sync("fox-1.5", prompt="a"))
        acme.run(client.submit_async("fox-1.5", prompt="a"))
        assert len(server.requests) == 4
        for request in server.requests:
            query = dict(parse_qsl(urlsplit(request.target).query)).get("token", "")
            assert (request.headers.get("x-acme-key"), request.headers.get("authorization"), query) == found
