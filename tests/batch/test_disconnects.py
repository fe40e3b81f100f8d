"""A client that is killed leaves no error in the emulator."""

from __future__ import annotations

import json
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from segmind_batches import SYNC

if TYPE_CHECKING:
    import pytest


def test_a_reset_of_a_connection_that_the_client_has_closed_is_not_an_error(
    api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    api.fault("latency=0.3;reset")
    host, port = api.url.removeprefix("http://").split(":")
    body = json.dumps({"prompt": "a fox"})
    head = f"POST /v1/{SYNC} HTTP/1.1\r\nhost: {host}\r\nx-api-key: k\r\ncontent-type: application/json\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n{body}".encode())
        time.sleep(0.1)
    time.sleep(0.6)
    assert [request.faults for request in api.journal()] == [["latency=0.3;reset"]]
    assert caplog.records == []
