"""A small client of the Language Server Protocol: JSON-RPC over standard input and output of a process."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMEOUT = 60
"""Seconds to wait for a message."""


class LanguageServer:
    """A running language server, and a context manager that stops it.

    `settings` are sent by section when the server asks for its configuration. Positions are pairs of line and UTF-16
    column, both counted from 0, as in the protocol.
    """

    def __init__(self, command: list[str], root: Path, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._diagnostics: dict[str, list[Any]] = {}
        self._last_id = 0
        self._version = 0
        threading.Thread(target=self._read, daemon=True).start()
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
                "hover": {"contentFormat": ["markdown", "plaintext"]},
                "publishDiagnostics": {},
            },
            "workspace": {"configuration": True},
        }
        self.request("initialize", processId=None, rootUri=root.as_uri(), capabilities=capabilities)
        self.notify("initialized")
        self.notify("workspace/didChangeConfiguration", settings=settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.request("shutdown")
        self.notify("exit")
        self._process.communicate(timeout=TIMEOUT)

    def open(self, path: Path, text: str) -> list[Any]:
        """Open a file like an editor with unsaved changes. Returns its problems."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        self._version += 1  # a server may cache the problems of a version
        document = {"uri": uri, "languageId": "yaml", "version": self._version, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return self._problems(uri)

    def close(self, path: Path) -> None:
        """Close a file and wait until the server reports no problems for it."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        self.notify("textDocument/didClose", textDocument={"uri": uri})
        assert self._problems(uri) == []

    def completion(self, path: Path, position: tuple[int, int]) -> dict[str, Any]:
        """Return the completions at a position, by label."""
        response = self.request("textDocument/completion", **_at(path, position))
        items = response["items"] if isinstance(response, dict) else response
        return {item["label"]: item for item in items}

    def hover(self, path: Path, position: tuple[int, int]) -> str:
        """Return the explanation of the text at a position."""
        response = self.request("textDocument/hover", **_at(path, position))
        contents = (response or {"contents": ""})["contents"]
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def request(self, method: str, **params: Any) -> Any:
        """Send a request and wait for its response."""
        self._last_id += 1
        number = self._last_id
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _problems(self, uri: str) -> list[Any]:
        while uri not in self._diagnostics:
            self._next()
        return self._diagnostics[uri]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        """Return the next message, after responding to it if it is a request."""
        message = self._messages.get(timeout=TIMEOUT)
        assert message is not None, "the server exited"
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/configuration":
                items = message["params"]["items"]
                self._respond(message, [self._settings.get(item.get("section")) for item in items])
            case str() if "id" in message:
                self._respond(message, None)
        return message

    def _respond(self, request: dict[str, Any], result: object) -> None:
        self._send({"id": request["id"], "result": result})

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.decode("ascii").partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            if not line:
                self._messages.put(None)
                return
            self._messages.put(json.loads(stream.read(length)))


def _at(path: Path, position: tuple[int, int]) -> dict[str, Any]:
    line, character = position
    return {
        "textDocument": {"uri": path.as_uri()},
        "position": {"line": line, "character": character},
    }
