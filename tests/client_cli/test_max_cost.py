"""`--max-cost`, which refuses a request that is known to cost more and reports one that did."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .conftest import Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

PAINT = ("paint-1.0", "--prompt", "a red fox", "-o", "fox.jpg")


@pytest.mark.parametrize(("limit", "code"), [("0.5", 0), ("1e3", 0), ("0.4", 1), ("0.0001", 1)])
def test_a_request_that_cost_more_is_reported_and_its_output_saved(
    cli: Cli, server: Server, limit: str, code: int
) -> None:
    done = cli(*PAINT, "--max-cost", limit)
    assert (done.returncode, done.stdout) == (code, "fox.jpg\n")
    assert (f"the request cost 0.5, which is more than --max-cost {limit}" in done.stderr) == bool(code)
    assert cli.files() == ["fox.jpg"]
    assert len(server.received) == 1


def test_a_job_that_cost_more_is_reported(cli: Cli) -> None:
    done = cli("film", "--prompt", "x", "--interval", "0.01", "--max-cost", "0.9", "-o", "fox")
    assert (done.returncode, done.stdout) == (1, "fox.png\n")
    assert "Error: the request cost 1, which is more than --max-cost 0.9" in done.stderr


@pytest.mark.parametrize("words", [PAINT, ("film", "--prompt", "x"), ("film", "--prompt", "x", "--submit")])
def test_nothing_is_sent_with_a_limit_of_0(cli: Cli, server: Server, words: tuple[str, ...]) -> None:
    done = cli(*words, "--max-cost", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "max_cost is 0; nothing was sent" in done.stderr
    assert server.received == []


@pytest.mark.parametrize("limit", ["-1", "nan", "inf", "much", ""])
def test_an_invalid_limit_is_a_usage_error(cli: Cli, server: Server, limit: str) -> None:
    done = cli(*PAINT, "--max-cost", limit)
    assert done.returncode == 2
    assert "'--max-cost'" in done.stderr
    assert server.received == []


def test_a_documented_price_refuses_the_request(cli: Cli, server: Server) -> None:
    words = ("speak", "--text", "x", "--max-cost")
    done = cli(*words, "0.03")
    assert done.returncode == 2
    assert (
        "the documented price of a request is ~$0.04 / request, which is more than --max-cost 0.03"
        in done.stderr
    )
    assert server.received == []
    assert cli(*words, "0.03", "--dry-run").returncode == 0
    server.on("POST /v1/speak", Reply(b"ID3\x04" + bytes(30), content_type="audio/mpeg"))
    assert cli(*words, "0.04").returncode == 0


PRICES = {
    "~$0.03": 0.03,
    "$0.003 / image": 0.003,
    '~$0.40 per "clip"': 0.4,
    "2 credits per request": 2.0,
    "1.50 USD": 1.5,
    "": None,
    "$0.02 per 1000 characters": None,
    "$0.003 per megapixel": None,
    "$0.01 - $0.05": None,
    "free": None,
    "$1,000": None,
}


def test_a_price_is_that_of_a_request_or_unknown(cli: Cli) -> None:
    program = f"from acme_client._runtime.prices import price_of_a_request as price; print([price(text) for text in {[*PRICES]}])"
    done = subprocess.run(
        [sys.executable, "-c", program], env=cli.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{[*PRICES.values()]}\n"
