"""What calls cost: read from responses, added up for a client, and limited by `max_cost`."""

from __future__ import annotations

import copy
import pickle
import threading
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from acme_client import BudgetError
from acme_client._api import API
from acme_client._runtime.errors import ConfigurationError, InvalidResponseError, JobFailedError
from acme_client._runtime.spending import Spending
from acme_client.errors import BadRequestError
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
IN_JSON = replace(
    API, headers=(), places=replace(API.places, sync={"output": (("url",),), "cost": (("usage", "cost"),)})
)
"""The API with the cost of blocking calls in JSON instead of a header."""

NUMBERS = [
    ("0.25", 0.25),
    (" 3 ", 3.0),
    ("1e-3", 0.001),
    (".5", 0.5),
    ("0", 0.0),
    ("", None),
    ("NaN", None),
    ("Infinity", None),
    ("1e400", None),
    ("9" * 5000, None),
    ("0x10", None),
    ("1_000", None),
    ("0.25 credits", None),
]


def generate(acme: Any, client: Any) -> Any:
    return acme.run(client.fox_1_5.generate(prompt="a"))


@pytest.mark.parametrize(("text", "cost"), NUMBERS, ids=[text[:12] for text, _ in NUMBERS])
def test_the_cost_in_a_header_is_a_number_or_none(
    acme: Any, server: Any, text: str, cost: float | None
) -> None:
    server.on("/v1/fox-1.5", Reply(body=JPEG, headers={"x-cost": text}))
    client = acme.client()
    result = generate(acme, client)
    assert (result.cost, client.spent) == (cost, cost or 0.0)
    assert pickle.loads(pickle.dumps(result)).cost == cost


@pytest.mark.parametrize(
    ("value", "cost"),
    [
        *NUMBERS,
        ("٣", None),
        (0.25, 0.25),
        (3, 3.0),
        (True, None),
        (None, None),
        ([1], None),
        ({"amount": 1}, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_the_cost_in_json_is_a_number_or_none(
    acme: Any, server: Any, value: object, cost: float | None
) -> None:
    body = {"url": "https://files.test/a.png", "usage": {"cost": value}}
    server.on("/v1/fox-1.5", Reply(body=body))
    client = acme.client(api=IN_JSON)
    result = generate(acme, client)
    assert (result.cost, client.spent) == (cost, cost or 0.0)


def test_a_negative_cost_does_not_lower_the_sum(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", *(Reply(body=JPEG, headers={"x-cost": text}) for text in ("2", "-1")))
    client = acme.client()
    assert [generate(acme, client).cost for _ in range(2)] == [2.0, -1.0]
    assert client.spent == 2.0


def test_a_call_that_fails_after_it_was_billed_counts(acme: Any, server: Any) -> None:
    headers = {"x-cost": "0.5"}
    server.on(
        "/v1/fox-1.5", Reply(400, {"error": "blocked"}, headers), Reply(body="<html></html>", headers=headers)
    )
    client = acme.client()
    for kind in (BadRequestError, InvalidResponseError):
        with pytest.raises(kind):
            generate(acme, client)
    assert client.spent == 1.0


def on_job(server: Any, result: Reply) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    server.on("/v2/requests/j-1/status", Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", result)


def test_a_job_counts_once(acme: Any, server: Any) -> None:
    on_job(server, Reply(body={"status": "COMPLETED", "output": "done", "metrics": {"cost": "0.7"}}))
    client = acme.client()
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    assert client.spent == 0.0
    results = [acme.run(job.wait()), acme.run(job.result()), acme.run(client.job("j-1").result())]
    assert [result.cost for result in results] == [0.7, 0.7, 0.7]
    assert copy.copy(results[0]).cost == 0.7
    assert client.spent == 0.7


def test_the_cost_of_a_job_may_be_in_a_header(acme: Any, server: Any) -> None:
    on_job(server, Reply(body={"status": "COMPLETED", "output": "done"}, headers={"x-cost": "0.7"}))
    client = acme.client()
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    assert acme.run(job.wait()).cost == 0.7
    assert client.spent == 0.7


def test_a_job_that_fails_counts(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    failed = {"status": "FAILED", "error": "blocked", "metrics": {"cost": 0.2}}
    server.on("/v2/requests/j-1/status", Reply(422, failed))
    client = acme.client()
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    for _ in range(2):
        with pytest.raises(JobFailedError):
            acme.run(job.wait())
    assert client.spent == 0.2


def test_no_call_is_sent_once_the_limit_is_reached(acme: Any, server: Any) -> None:
    costs = ("0.7", "0.1")  # their sum as floats is less than 0.8
    server.on("/v1/fox-1.5", *(Reply(body=JPEG, headers={"x-cost": cost}) for cost in costs))
    client = acme.client(max_cost=0.8)
    generate(acme, client)
    generate(acme, client.with_options(timeout=9))
    calls: list[Callable[[], Any]] = [
        lambda: client.fox_1_5.generate(prompt="a"),
        lambda: client.fox_1_5.submit(prompt="a"),
        lambda: client.run("fox-1.5", prompt="a"),
        lambda: client.run_sync("unheard-of"),
        lambda: client.with_options(timeout=9).submit_async("fox-1.5", prompt="a"),
    ]
    for call in calls:
        with pytest.raises(
            BudgetError, match=r"have cost 0\.8, and max_cost is 0\.8; nothing was sent"
        ) as caught:
            acme.run(call())
        assert (caught.value.spent, caught.value.max_cost) == (0.8, 0.8)
    assert len(server.requests) == 2
    generate(acme, client.with_options(max_cost=None))
    assert client.spent == 0.9


def test_a_limit_of_zero_refuses_every_call(acme: Any, server: Any) -> None:
    with pytest.raises(BudgetError):
        generate(acme, acme.client(max_cost=0))
    assert not server.requests


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf"), True, "1"])
def test_an_invalid_limit_is_refused(acme: Any, limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_cost must be a number of at least 0 or None"):
        acme.client(max_cost=limit)


def test_threads_add_to_the_same_sum() -> None:
    spending = Spending()

    def spend() -> None:
        for number in range(500):
            spending.add(0.001)
            spending.add(0.001, job=str(number))

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spending.total == 2.5


def test_the_memory_of_jobs_does_not_grow() -> None:
    spending = Spending()

    def spend(*numbers: int) -> None:
        for number in numbers:
            spending.add(0.5, job=f"job-{number}")

    spend(*range(20_000))
    tracemalloc.start()
    try:
        spend(*range(20_000, 60_000), 59_999, 55_000)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spending.total == 30_000
    assert grown < 2_000_000
