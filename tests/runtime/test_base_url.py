"""`base_url` and its environment variable are an origin."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from acme_client._api import API
from acme_client._runtime.address import is_valid_slug, origin_of
from acme_client._runtime.errors import ConfigurationError, ParameterError
from acme_client.client import Acme
from acme_support.adapter import UNHURRIED
from acme_support.server import Reply
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given_url", "origin"),
    [
        ("https://api.acme.test", "https://api.acme.test"),
        ("https://api.acme.test/", "https://api.acme.test"),
        ("https://api.acme.test/v1", "https://api.acme.test"),
        ("https://api.acme.test/v1/", "https://api.acme.test"),
        ("https://api.acme.test/v2", "https://api.acme.test"),
        ("https://api.acme.test/v2/requests", "https://api.acme.test"),
        (" HTTPS://API.Acme.Test:8443/v1\n", "https://api.acme.test:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
        ("https://gateway.test/vendors/acme", "https://gateway.test/vendors/acme"),
        ("https://Gateway.test:8443/Acme/", "https://gateway.test:8443/Acme"),
        ("https://gateway.test/acme/v1", "https://gateway.test/acme"),
        ("https://gateway.test/acme/v2/requests/", "https://gateway.test/acme"),
        ("https://gateway.test/a%20b/v1beta", "https://gateway.test/a%20b/v1beta"),
    ],
)
def test_accepts_an_origin_and_drops_the_first_segments_of_documented_paths(
    given_url: str, origin: str
) -> None:
    assert Acme("key-of-mine", base_url=given_url).base_url == origin


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://api.acme.test/v3", "contains a path"),
        ("https://gateway.test/a/../b", "does not contain a valid path"),
        ("https://gateway.test/a//b", "does not contain a valid path"),
        ("https://gateway.test/a b", "does not contain a valid path"),
        ("https://gateway.test/ä", "does not contain a valid path"),
        ("https://gateway.test/a?key=1", "query"),
        ("https://api.acme.test/v1/fox", "contains a path"),
        ("https://api.acme.test?x=1", "query"),
        ("https://api.acme.test/v1#x", "query"),
        ("https://api.acme.test?", "query"),
        ("https://user:secret@api.acme.test", "user name or password"),
        ("api.acme.test", "did you mean 'https://api.acme.test'"),
        ("localhost:8000", "did you mean 'https://localhost:8000'"),
        ("ftp://api.acme.test", "must begin with"),
        ("https://", "must begin with"),
        ("", "must begin with"),
        ("https://api.acme.test:99999", "is not a valid URL"),
        ("https://exa mple.test", "does not contain a valid host"),
        ("https://evil.test\\@api.acme.test", "user name"),
    ],
)
def test_another_base_url_is_an_error_with_advice(given_url: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        Acme("key-of-mine", base_url=given_url)
    assert expected in str(caught.value)
    assert "https://api.acme.test" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_URL", "http://127.0.0.1:1234/v1")
    assert Acme("key-of-mine").base_url == "http://127.0.0.1:1234"
    assert Acme("key-of-mine", base_url="http://127.0.0.1:5").base_url == "http://127.0.0.1:5"
    monkeypatch.setenv("ACME_URL", "")
    assert Acme("key-of-mine").base_url == API.base_url
    monkeypatch.setenv("ACME_URL", "nowhere")
    with pytest.raises(ConfigurationError, match="ACME_URL"):
        Acme("key-of-mine")


def test_an_unencrypted_remote_base_url_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "acme_client"):
        Acme("key-of-mine", base_url="http://localhost:1")
        assert caplog.records == []
        Acme("key-of-mine", base_url="http://emulator:8000")
    assert "not encrypted" in caplog.text


@UNHURRIED
@given(st.text())
def test_any_base_url_is_an_origin_or_a_configuration_error(text: str) -> None:
    try:
        origin = origin_of(text, API, "base_url")
    except ConfigurationError:
        return
    assert origin.startswith(("http://", "https://"))
    assert not origin.endswith("/")
    assert "//" not in origin.partition("://")[2]


def test_a_model_may_have_another_path_than_the_api(acme: Any, server: Any) -> None:
    server.on("/legacy/owl/run", Reply(body="<html>an owl</html>", headers={"content-type": "text/html"}))
    assert acme.run(acme.client().owl.generate(prompt="a")).text == "<html>an owl</html>"


@pytest.mark.parametrize("slug", ["", "..", "a/../b", "a//b", "a\nb", ".", 7, None])
def test_a_slug_cannot_change_the_path(acme: Any, server: Any, slug: Any) -> None:
    assert not is_valid_slug(slug)
    with pytest.raises(ParameterError, match="slug"):
        acme.run(acme.client().run_sync(slug))
    assert server.requests == []


def test_special_characters_of_a_slug_are_quoted_but_not_slashes(acme: Any, server: Any) -> None:
    server.on("/v1/flows/a%3Fb%23c%20d", Reply(body=b"x"))
    assert acme.run(acme.client().run_sync("/flows/a?b#c d")).content == b"x"


@pytest.mark.parametrize("request_id", ["", "..", ".", "a\nb"])
def test_a_job_id_cannot_change_the_path(acme: Any, request_id: str) -> None:
    with pytest.raises(ParameterError, match="request_id"):
        acme.client().job(request_id)


def test_a_job_id_is_quoted(acme: Any, server: Any) -> None:
    server.on("/v2/requests/..%2Fx%3Fy/status", Reply(body={"status": "QUEUED"}))
    assert acme.run(acme.client().job("../x?y").status()) == {"status": "QUEUED"}


def test_every_request_goes_through_the_path_of_a_gateway(acme: Any, server: Any, tmp_path: Any) -> None:
    gate = "/vendors/acme"
    server.on(f"{gate}/v1/fox-1.5", Reply(body=b"x"))
    server.on(f"{gate}/v2/fox-1.5", Reply(body={"request_id": "j"}))
    server.on(f"{gate}/v2/requests/j/status", Reply(body={"status": "COMPLETED"}))
    server.on(f"{gate}/v2/requests/j", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a.png"}))
    server.on("/a.png", Reply(body=b"\x89PNG\r\n\x1a\n"))
    client = acme.client(base_url=f"{server.url}{gate}/v1").with_options(timeout=9)
    assert acme.run(client.fox_1_5.generate(prompt="a")).content == b"x"
    result = acme.run(client.run("fox-1.5", prompt="a"))
    acme.run(result.save(tmp_path / "a.png"))
    assert all("x-acme-key" in request.headers for request in server.requests[:-1])
    assert "x-acme-key" not in server.requests[-1].headers
    assert server.paths()[:-1] == [path for path in server.paths() if path.startswith(f"{gate}/v")]
