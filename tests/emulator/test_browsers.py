"""Web pages of this machine can call the API as browsers do it, and no page reaches the controls.

`tools/judges/test_browser.py` shows the same with a real browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from speccast.emulator.settings import EmulatorSettings, parse_origin, parse_url
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conftest import Start

OWN = (
    "http://localhost:5173",
    "http://127.0.0.1",
    "https://localhost",
    "http://[::1]:8080",
    "http://app.localhost:3000",
    "http://127.1.2.3:1",
)
OTHERS = (
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example#localhost",
    "http://notlocalhost",
    "file://localhost",
    "",
)


def preflight(client: httpx2.Client, origin: str, path: str = "/v1/echo", **headers: str) -> httpx2.Response:
    """Ask as a browser does before it sends a key and JSON. It never sends the key with this request."""
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-studio-key",
        **headers,
    }
    return httpx2.request("OPTIONS", f"{client.base_url}{path}", headers=asked)


@pytest.mark.parametrize("origin", OWN)
def test_a_page_of_this_machine_can_call_the_api(studio: httpx2.Client, origin: str) -> None:
    asked = preflight(studio, origin)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type,x-studio-key"
    called = studio.post("/v1/echo", json={"text": "a"}, headers={"origin": origin})
    assert (called.status_code, called.headers["access-control-allow-origin"]) == (200, origin)
    assert {"x-cost", "x-request-id", "retry-after"} <= {
        name.strip() for name in called.headers["access-control-expose-headers"].split(",")
    }
    assert "Origin" in called.headers["vary"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_page_can_cancel_a_job_by_any_documented_method(studio: httpx2.Client, method: str) -> None:
    asked = preflight(studio, OWN[0], "/v2/requests/1", **{"access-control-request-method": method})
    assert asked.status_code == 200
    assert method in asked.headers["access-control-allow-methods"]


@pytest.mark.parametrize("origin", OTHERS)
def test_no_other_page_can_call_the_api(studio: httpx2.Client, origin: str) -> None:
    asked = preflight(studio, origin)
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
    called = studio.post("/v1/echo", json={"text": "a"}, headers={"origin": origin})
    assert "access-control-allow-origin" not in called.headers


def test_a_page_can_read_errors_damaged_responses_and_jobs(studio: httpx2.Client) -> None:
    headers = {"origin": OWN[0]}
    refused = httpx2.post(f"{studio.base_url}/v1/echo", json={}, headers=headers)
    broken = studio.post("/v1/echo", json={}, headers={**headers, "x-speccast-fault": "malformed-json"})
    unknown = studio.get("/nowhere", headers=headers)
    job = studio.post("/v2/painter-1.5", json={"prompt": "a"}, headers=headers)
    status = studio.get(job.json()["status_url"], headers=headers)
    result = studio.get(job.json()["response_url"], headers=headers)
    output = httpx2.get(result.json()["output"], headers=headers)
    found = [refused, broken, unknown, job, status, result, output]
    assert [each.headers["access-control-allow-origin"] for each in found] == [OWN[0]] * len(found)
    assert [each.status_code for each in found] == [401, 200, 404, 200, 200, 200, 200]
    asked = preflight(studio, OWN[0], httpx2.URL(result.json()["output"]).path)
    assert asked.headers["access-control-allow-origin"] == OWN[0]


def test_a_page_of_a_public_site_may_ask_for_this_network_if_it_is_allowed(
    start: Start,
) -> None:
    asks = {"access-control-request-private-network": "true"}
    with start(settings=EmulatorSettings(origins=("https://app.example",))) as client:
        allowed = preflight(client, "https://app.example", **asks)
        assert allowed.headers["access-control-allow-private-network"] == "true"
        assert preflight(client, "https://evil.example", **asks).status_code == 400


@pytest.mark.parametrize("path", ["/_emulator/", "/_emulator/journal", "/_emulator/reset", "/_emulator", "/"])
@pytest.mark.parametrize("origin", [*OWN[:2], OTHERS[0]])
def test_no_page_reaches_the_controls(start: Start, path: str, origin: str) -> None:
    with start(settings=EmulatorSettings(origins=("*",))) as client:
        found = [
            preflight(client, origin, path),
            *(
                httpx2.request(method, f"{client.base_url}{path}", headers={"origin": origin})
                for method in ("GET", "POST")
            ),
        ]
        assert not [each for each in found if "access-control-allow-origin" in each.headers]
        if path.startswith("/_emulator/"):
            assert [each.status_code in (403, 405) for each in found] == [True] * 3


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [("https://app.example", "https://app.example"), ("*", "https://evil.example"), ("null", "null")],
)
def test_more_origins_can_be_allowed(start: Start, allowed: str, origin: str) -> None:
    with start(settings=EmulatorSettings(origins=(parse_origin(allowed),))) as client:
        for response in (
            preflight(client, origin),
            client.post("/v1/echo", json={}, headers={"origin": origin}),
        ):
            assert response.headers["access-control-allow-origin"] in (origin, "*")
        if allowed != "*":
            assert "access-control-allow-origin" not in preflight(client, "https://x.example").headers


def test_a_url_can_have_a_path_and_an_origin_cannot() -> None:
    assert parse_url("https://Gateway.example:8443/Some/api/") == "https://gateway.example:8443/Some/api"
    with pytest.raises(SpeccastError, match="invalid origin"):
        parse_origin("https://gateway.example/api")


@pytest.mark.parametrize(
    "text", ["app.example", "https://", "https://a/b?c", "https://a//b", "ftp://a", "https://a b", "*.a", ""]
)
def test_an_invalid_origin_is_reported(text: str) -> None:
    with pytest.raises(SpeccastError, match="invalid URL"):
        parse_origin(text)
    with pytest.raises(SpeccastError, match="invalid URL"):
        parse_url(text)


def test_a_request_with_the_options_method_is_not_a_preflight_without_an_origin(
    studio: httpx2.Client,
) -> None:
    assert studio.options("/v1/echo").status_code == 405


@pytest.fixture(scope="module")
def handing_out(start: Start) -> Iterator[httpx2.Client]:
    """An emulator that hands out the addresses of the real API."""
    with start(settings=EmulatorSettings(url=parse_url("https://api.studio.example/"))) as client:
        yield client


def test_addresses_are_those_of_the_url(handing_out: httpx2.Client) -> None:
    job = handing_out.post("/v2/painter-1.5", json={"prompt": "a"}).json()
    assert job["status_url"].startswith("https://api.studio.example/v2/requests/")
    result = handing_out.get(httpx2.URL(job["response_url"]).path).json()
    assert result["output"].startswith("https://api.studio.example/_emulator/outputs/")
    document = handing_out.get("/_emulator/openapi.json").json()
    assert document["servers"][0]["url"] == "https://api.studio.example"


def test_the_host_of_the_url_is_accepted(handing_out: httpx2.Client) -> None:
    for host, status in (
        ("api.studio.example", 200),
        ("API.studio.example:443", 200),
        ("other.example", 421),
    ):
        assert handing_out.post("/v1/echo", json={}, headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("sent", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("https, http", "https"),
        ("http", "http"),
        ("ftp", "http"),
        ("", "http"),
    ],
)
def test_addresses_have_the_scheme_that_a_proxy_reports(
    studio: httpx2.Client, sent: str, scheme: str
) -> None:
    headers = {"host": "localhost", "x-forwarded-proto": sent}
    job = studio.post("/v2/echo", json={}, headers=headers).json()
    assert job["status_url"].startswith(f"{scheme}://localhost/v2/")
