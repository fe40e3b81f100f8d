"""Credits and rates: requests are refused once they are used up, until time passes or a reset."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.rates import RequestRate, parse_rate
from speccast.emulator.settings import EmulatorSettings, parse_credits
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    import httpx2

    from tests.emulator.conftest import Start


def statuses(client: httpx2.Client, number: int, path: str = "/v1/echo") -> list[int]:
    return [client.post(path, json={}).status_code for _ in range(number)]


def test_credits_decrease_with_each_request_until_they_are_used_up(start: Start) -> None:
    with start(settings=EmulatorSettings(credits=Decimal("0.025"))) as client:
        assert client.post("/v1/echo", json={}).headers["x-remaining"] == "0.015"
        assert statuses(client, 3, "/v2/echo") == [200, 402, 402]
        assert client.post("/v1/echo", json={}).json() == {"error": "Not enough credits"}
        client.post("/_emulator/reset")
        assert statuses(client, 3) == [200, 200, 402]


def test_a_refused_request_costs_nothing(start: Start) -> None:
    with start(settings=EmulatorSettings(credits=Decimal("0.01"))) as client:
        assert client.post("/v1/echo", json={"no": 1}).status_code == 400
        assert client.post("/v1/echo", json={}, headers={"x-speccast-fault": "status=500"}).status_code == 500
        assert statuses(client, 2) == [200, 402]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ({"status": 406, "title": "No Credits", "occasions": ["insufficient_credits"]}, "Not enough credits"),
        ({"status": 409, "title": "No", "messages": {"insufficient_credits": "Pay"}}, "Pay"),
    ],
)
def test_the_spec_names_the_status_for_insufficient_credits(
    start: Start, api: dict[str, Any], error: dict[str, Any], text: str
) -> None:
    api["errors"] = [error]
    with start(api=api, settings=EmulatorSettings(credits=Decimal(0))) as client:
        response = client.post("/v1/echo", json={})
        assert (response.status_code, response.json()) == (error["status"], {"error": text})


def test_the_window_of_the_rate_follows_the_clock(start: Start) -> None:
    with start(settings=EmulatorSettings(rate=RequestRate(2, 60))) as client:

        def advance(seconds: float) -> None:
            client.post("/_emulator/clock", json={"advance": seconds}).raise_for_status()

        assert statuses(client, 1) == [200]
        advance(40)
        assert statuses(client, 2) == [200, 429]
        advance(21)
        # The first has left the window, the second has not; refused requests do not count.
        assert statuses(client, 2) == [200, 429]
        advance(60)
        assert statuses(client, 3) == [200, 200, 429]
        client.post("/_emulator/reset")
        assert statuses(client, 1) == [200]


def test_polls_do_not_count_towards_the_rate(start: Start) -> None:
    with start(settings=EmulatorSettings(rate=RequestRate(1, 60))) as client:
        job = client.post("/v2/echo", json={}).json()
        assert [client.get(job["status_url"]).status_code for _ in range(3)] == [200] * 3
        assert statuses(client, 1) == [429]


def test_a_refusal_has_only_the_reset_header_of_the_api(start: Start, api: dict[str, Any]) -> None:
    api["headers"] += [
        {"name": "x-reset-at-utc", "meaning": "rate_limit_reset"},
        {"name": "x-reset", "meaning": "rate_limit_reset", "type": "integer"},
    ]
    with start(api=api, settings=EmulatorSettings(rate=RequestRate(1, 60))) as client:
        now = client.get("/_emulator/clock").json()["now"]
        first, second = (client.post("/v1/echo", json={}) for _ in range(2))
    assert second.status_code == 429
    assert second.json() == {"error": "Too many requests"}
    assert "retry-after" not in second.headers
    assert first.headers["x-reset"] == second.headers["x-reset"]
    reset_at = datetime.fromisoformat(second.headers["x-reset-at-utc"])
    assert reset_at.tzinfo is UTC
    assert now + 59 < reset_at.timestamp() < now + 70
    assert now + 59 < int(second.headers["x-reset"]) < now + 71


def test_reset_header_is_omitted_without_a_rate(start: Start, api: dict[str, Any]) -> None:
    api["headers"] += [{"name": "x-reset", "meaning": "rate_limit_reset"}]
    with start(api=api) as client:
        assert "x-reset" not in client.post("/v1/echo", json={}).headers


def test_quotas_are_checked_after_the_content_type_and_before_the_body(start: Start) -> None:
    with start(settings=EmulatorSettings(credits=Decimal("0.02"), rate=RequestRate(1, 60))) as client:
        assert client.post("/v1/echo", json={"no": 1}).status_code == 400
        # One credit and no request is left: the rate is checked before faults and the body.
        headers = {"x-speccast-fault": "status=500"}
        assert client.post("/v1/echo", json={"no": 1}, headers=headers).status_code == 429
        assert client.post("/v1/echo", content=b"{}").status_code == 406
        assert client.put("/v1/echo").status_code == 405
    with start(settings=EmulatorSettings(credits=Decimal(0), rate=RequestRate(1, 60))) as client:
        assert statuses(client, 2) == [402, 402]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5/60s", RequestRate(5, 60)),
        ("5/60", RequestRate(5, 60)),
        ("50/1m", RequestRate(50, 60)),
        ("1000/h", RequestRate(1000, 3600)),
        ("1/0.5s", RequestRate(1, 0.5)),
    ],
)
def test_a_rate_has_requests_and_a_time(text: str, rate: RequestRate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "5", "0/60s", "5/", "5/0s", "-5/60s", "5/60d", "5 / 60s", "5/60s ", "a/b"]
)
def test_an_invalid_rate_is_refused(text: str) -> None:
    with pytest.raises(SpeccastError, match="invalid rate") as caught:
        parse_rate(text)
    assert "5/60s" in caught.value.hint


@pytest.mark.parametrize(("text", "amount"), [("10", "10"), ("0", "0"), ("0.05", "0.05")])
def test_credits_are_an_amount(text: str, amount: str) -> None:
    assert parse_credits(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "-1", "ten", "1e3", "NaN", "inf", "1."])
def test_invalid_credits_are_refused(text: str) -> None:
    with pytest.raises(SpeccastError, match="invalid credits"):
        parse_credits(text)
