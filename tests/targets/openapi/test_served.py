"""The emulator serves the document that the target writes, with itself as the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from .documented import Documented


def test_the_emulator_serves_the_same_document(documented_api: Documented) -> None:
    with start_emulator(documented_api.bundle, EmulatorSettings(key="not-needed-here")) as served:
        url = served.url
        answer = httpx2.get(f"{url}/_emulator/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    served = answer.json()
    assert served.pop("servers") == [{"url": url, "description": "Emulator"}]
    written = documented_api.document
    assert written.pop("servers")[0]["url"] == documented_api.api.base_url
    assert "emulator" in served.pop("x-generated-by")
    assert "do not edit" in written.pop("x-generated-by")
    for operations in written["paths"].values():
        operations.pop("servers", None)  # the emulator serves all surfaces itself
    assert served == written
    assert list(served["paths"]) == list(written["paths"])
