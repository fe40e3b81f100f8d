"""`base_url` and its environment variable are an origin."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from acme_client._api import API
from acme_client._runtime.address import origin_of, usable_slug
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
    ],
)
def test_an_origin_is_taken_and_the_first_segments_of_the_apis_paths_are_dropped(
    given_url: str, origin: str
) -> None:
    assert Acme("key-of-mine", base_url=given_url).base_url == origin


@pytest.mark.parametrize(
    ("given_url", "told"),
    [
        ("https://api.acme.test/v3", "has a path"),
        ("https://api.acme.test/v1/fox", "has a path"),
        ("https://api.acme.test?x=1", "query"),
        ("https://api.acme.test/v1#x", "query"),
        ("https://api.acme.test?", "query"),
        ("https://user:secret@api.acme.test", "user name or password"),
        ("api.acme.test", "did you mean 'https://api.acme.test'"),
        ("localhost:8000", "did you mean 'https://localhost:8000'"),
        ("ftp://api.acme.test", "does not begin with"),
        ("https://", "does not begin with"),
        ("", "does not begin with"),
        ("https://api.acme.test:99999", "no address"),
        ("https://exa mple.test", "no valid host"),
        ("https://evil.test\\@api.acme.test", "user name"),
    ],
)
def test_anything_else_is_refused_with_what_would_be_right(given_url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        Acme("key-of-mine", base_url=given_url)
    assert told in str(caught.value)
    assert "https://api.acme.test" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_environment_is_used_where_nothing_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_URL", "http://127.0.0.1:1234/v1")
    assert Acme("key-of-mine").base_url == "http://127.0.0.1:1234"
    assert Acme("key-of-mine", base_url="http://127.0.0.1:5").base_url == "http://127.0.0.1:5"
    monkeypatch.setenv("ACME_URL", "")
    assert Acme("key-of-mine").base_url == API.base_url
    monkeypatch.setenv("ACME_URL", "nowhere")
    with pytest.raises(ConfigurationError, match="ACME_URL"):
        Acme("key-of-mine")


def test_an_unencrypted_address_that_is_not_this_machine_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "acme_client"):
        Acme("key-of-mine", base_url="http://localhost:1")
        assert caplog.records == []
        Acme("key-of-mine", base_url="http://emulator:8000")
    assert "not encrypted" in caplog.text


@UNHURRIED
@given(st.text())
def test_an_address_is_an_origin_or_a_configuration_error(text: str) -> None:
    try:
        origin = origin_of(text, API, "base_url")
    except ConfigurationError:
        return
    assert origin.startswith(("http://", "https://"))
    assert origin.count("/") == 2


def test_a_model_may_have_a_path_of_its_own(acme: Any, server: Any) -> None:
    server.on("/legacy/owl/run", Reply(body="<html>an owl</html>", headers={"content-type": "text/html"}))
    assert acme.run(acme.client().owl.generate(prompt="a")).text == "<html>an owl</html>"


@pytest.mark.parametrize("slug", ["", "..", "a/../b", "a//b", "a\nb", ".", 7, None])
def test_a_slug_cannot_lead_elsewhere(acme: Any, server: Any, slug: Any) -> None:
    assert not usable_slug(slug)
    with pytest.raises(ParameterError, match="slug"):
        acme.run(acme.client().run_sync(slug))
    assert server.requests == []


def test_other_characters_of_a_slug_are_quoted_and_slashes_stay(acme: Any, server: Any) -> None:
    server.on("/v1/flows/a%3Fb%23c%20d", Reply(body=b"x"))
    assert acme.run(acme.client().run_sync("/flows/a?b#c d")).content == b"x"


@pytest.mark.parametrize("request_id", ["", "..", ".", "a\nb"])
def test_a_job_id_cannot_lead_elsewhere(acme: Any, request_id: str) -> None:
    with pytest.raises(ParameterError, match="request_id"):
        acme.client().job(request_id)


def test_a_job_id_is_quoted(acme: Any, server: Any) -> None:
    server.on("/v2/requests/..%2Fx%3Fy/status", Reply(body={"status": "QUEUED"}))
    assert acme.run(acme.client().job("../x?y").status()) == {"status": "QUEUED"}
