"""A small client of the language server protocol: JSON-RPC over a process's standard input and output."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE = 60
"""Seconds to wait for a message."""


class LanguageServer:
    """A running language server; a context manager that ends it.

    `settings` by section are what the server gets where it asks for its configuration. Positions are pairs of line and
    UTF-16 column, both from 0, as in the protocol.
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
        self._process.communicate(timeout=PATIENCE)

    def open(self, path: Path, text: str) -> list[Any]:
        """Opens a file as an editor with unsaved changes would, and answers what is wrong with it."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        self._version += 1  # a server may remember what it found in a version
        document = {"uri": uri, "languageId": "yaml", "version": self._version, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return self._problems(uri)

    def close(self, path: Path) -> None:
        """Closes a file and waits until the server has forgotten what was wrong with it."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        self.notify("textDocument/didClose", textDocument={"uri": uri})
        assert self._problems(uri) == []

    def completion(self, path: Path, position: tuple[int, int]) -> dict[str, Any]:
        """What can be written at a position, by label."""
        answer = self.request("textDocument/completion", **_at(path, position))
        items = answer["items"] if isinstance(answer, dict) else answer
        return {item["label"]: item for item in items}

    def hover(self, path: Path, position: tuple[int, int]) -> str:
        """What is told of the text at a position."""
        answer = self.request("textDocument/hover", **_at(path, position))
        contents = (answer or {"contents": ""})["contents"]
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def request(self, method: str, **params: Any) -> Any:
        """Sends a request and waits for its answer."""
        self._last_id += 1
        wanted = self._last_id
        self._send({"id": wanted, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == wanted and "method" not in message:
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
        """The next message, after what it asks for has been answered."""
        message = self._messages.get(timeout=PATIENCE)
        assert message is not None, "the server has ended"
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/configuration":
                items = message["params"]["items"]
                self._answer(message, [self._settings.get(item.get("section")) for item in items])
            case str() if "id" in message:
                self._answer(message, None)
        return message

    def _answer(self, request: dict[str, Any], result: object) -> None:
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
