"""A call adds little to the cost of the HTTP library. The tests count function calls, not seconds."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from acme_support.adapter import ROOT
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PACKAGE = str(ROOT / "acme_client")
JPEG = b"\xff\xd8\xff\xe0 a jpeg"
USUAL = {"prompt": "a red fox", "sampler": "heun", "width": 512, "class_": "c"}


def functions_of_the_client(run: Callable[[], object]) -> Counter[str]:
    """Return how often each function of the package is entered; generators count each time they go on."""
    entered: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            entered[frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return entered


def test_a_call_enters_few_functions(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=JPEG))
    model = acme.client().fox_1_5
    acme.run(model.generate(**USUAL))
    entered = functions_of_the_client(lambda: acme.run(model.generate(**USUAL)))
    assert not entered.keys() & {"to_json", "mismatches", "Parameter.is_media"}
    assert entered.total() < 155, entered


def test_settings_and_connections_are_made_once(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=JPEG))
    client = acme.client()
    acme.run(client.fox_1_5.generate(**USUAL))
    again = functions_of_the_client(lambda: acme.run(client.fox_1_5.generate(**USUAL)))
    once = {"Settings.with_changes", "origin_of", "pool"}
    assert not once & again.keys()
