"""Files as arguments: paths, bytes and file objects, which are checked first and read while they are sent."""

from __future__ import annotations

import base64
import io
import os
import socket
import subprocess
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._runtime.errors import ConfigurationError, ParameterError
from acme_client.errors import RateLimitError
from acme_support.server import Reply

from speccast.emulator.bodies import form_fields

if TYPE_CHECKING:
    from collections.abc import Callable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff" + bytes(100)


class Pipe(io.RawIOBase):
    """A file object that cannot seek."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def scan(acme: Any, image: object, **more: Any) -> Any:
    client = acme.client(max_retries=more.pop("max_retries", 0), clock=more.pop("clock", None))
    return acme.run(client.scan.generate(image=image, **more))


def list_sent(server: Any) -> list[tuple[str, Any]]:
    request = server.requests[-1]
    return form_fields(request.body, request.headers["content-type"])


def file(name: str, media_type: str, size: int) -> dict[str, Any]:
    return {"filename": name, "media_type": media_type, "size": size}


@pytest.fixture(autouse=True)
def _answers(server: Any) -> None:
    server.on("/v1/scan", Reply(body=PNG, headers={"content-type": "image/png"}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "Fox \u72d0.PNG"
    place.write_bytes(PNG)
    return place


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: path, ("Fox \u72d0.PNG", "image/png", 108)),
        (lambda path: f"data:image/png;base64,{encode(PNG)}", ("image.png", "image/png", 108)),
        (lambda path: encode(JPEG), ("image.jpg", "image/jpeg", 103)),
        (lambda path: path.read_bytes(), ("image.png", "image/png", 108)),
        (lambda path: bytearray(JPEG), ("image.jpg", "image/jpeg", 103)),
        (lambda path: path.open("rb"), ("Fox \u72d0.PNG", "image/png", 108)),
        (lambda path: io.BytesIO(JPEG), ("image.jpg", "image/jpeg", 103)),
        (lambda path: Pipe(PNG), ("image.png", "image/png", 108)),
        (lambda path: ("../a.bin", path), ("a.bin", "image/png", 108)),
        (lambda path: ("a", b"unknown"), ("a", "image/png", 7)),
        (lambda path: ("a.jpeg", b"\x00"), ("a.jpeg", "image/png", 1)),
        (lambda path: ("a.png", b"\x00", "image/jpeg"), ("a.png", "image/jpeg", 1)),
    ],
)
def test_a_file_is_sent_with_its_name_and_type(
    acme: Any, server: Any, path: Path, make: Callable[[Path], object], expected: tuple[str, str, int]
) -> None:
    scan(acme, make(path), fast=True, prompt="\u72d0")
    assert list_sent(server) == [("image", file(*expected)), ("prompt", "\u72d0"), ("fast", "true")]


def test_a_list_of_files_is_sent_in_fields_of_the_same_name(acme: Any, server: Any, path: Path) -> None:
    scan(acme, path, pages=[b"ab", ("b.txt", b"c")])
    assert list_sent(server)[1:] == [
        ("pages[]", file("file.bin", "application/octet-stream", 2)),
        ("pages[]", file("b.txt", "text/plain", 1)),
    ]


def test_a_file_object_is_sent_from_its_position_and_left_open(acme: Any, server: Any) -> None:
    opened = io.BytesIO(b"skipped" + PNG)
    opened.seek(7)
    scan(acme, opened)
    assert list_sent(server) == [("image", file("image.png", "image/png", 108))]
    assert not opened.closed


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "none.png", "cannot read {folder}/none.png: No such file or directory"),
        (lambda folder: folder, "cannot read {folder}: Is a directory"),
        (lambda folder: "https://example.com/fox.png", "is an address: this parameter takes a file"),
        (lambda folder: "a\0b", "must be a file: a text is a data URI or base64"),
        (lambda folder: Path("a\0b"), "embedded null byte"),
        (lambda folder: Path(f"{folder}/\udcff"), "cannot read {folder}/?: No such file or directory"),
        (
            lambda folder: str(sparse(folder / "a.png", 9)),
            "is a path: to send the file, pass Path('{folder}/a.png')",
        ),
        (lambda folder: b"", "the content is empty"),
        (lambda folder: sparse(folder / "a.png", 0), "a.png is empty"),
        (lambda folder: fifo(folder / "pipe"), "{folder}/pipe is not a regular file"),
        (lambda folder: io.StringIO("text"), "the file object is open as text: open it in binary mode"),
        (lambda folder: make_closed(PNG), "cannot read the file object: I/O operation on closed file"),
        (
            lambda folder: 7,
            "must be a file: a path (Path), bytes, a binary file object or a picture, not int",
        ),
        (lambda folder: None, "must be a file, not None"),
        (lambda folder: ("a.png",), "must be (name, content) or (name, content, media type)"),
        (lambda folder: ("a.png", PNG, "image/png\r\nx: y"), "has an invalid media type"),
        (lambda folder: b"GIF89a" + bytes(9), "must be image/png or image/jpeg"),
        (lambda folder: sparse(folder / "large.png", 2**30 + 1), "must have at most 1 GiB"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_a_request(
    acme: Any, server: Any, tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        scan(acme, make(tmp_path))
    [violation] = caught.value.violations
    assert violation.parameter == "image"
    assert message.format(folder=tmp_path) in violation.message
    assert not server.requests


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def make_closed(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.close()
    return file


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate(size)
    return path


def test_each_invalid_item_of_a_list_is_named(acme: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        scan(acme, PNG, pages=[b"ok", b"too large"])
    assert [each.parameter for each in caught.value.violations] == ["pages[1]"]


def test_a_rejected_request_is_repeated_with_the_same_file(
    acme: Any, server: Any, clock: Any, path: Path
) -> None:
    server.on("/v1/scan", Reply(429), Reply(body=PNG, headers={"content-type": "image/png"}))
    with path.open("rb") as opened:
        scan(acme, opened, max_retries=1, clock=clock)
    first, second = server.requests
    assert first.body == second.body
    assert first.headers["content-length"] == str(len(first.body))


def test_a_file_object_that_cannot_seek_is_not_sent_twice(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/scan", Reply(429))
    with pytest.raises(
        RateLimitError, match="not repeated, because a file object that cannot seek was already read"
    ):
        scan(acme, Pipe(PNG), max_retries=1, clock=clock)
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["pipe", "raw pipe", "process", "socket"])
def test_pipes_and_sockets_are_read_once(acme: Any, server: Any, path: Path, kind: str) -> None:
    if kind == "process":
        with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as process:
            scan(acme, ("fox.png", process.stdout))
    elif kind == "socket":
        ours, theirs = socket.socketpair()
        theirs.sendall(path.read_bytes())
        theirs.close()
        with ours, ours.makefile("rb") as opened:
            scan(acme, ("fox.png", opened))
    else:
        read, write = os.pipe()
        os.write(write, path.read_bytes())
        os.close(write)
        with os.fdopen(read, "rb", buffering=0 if kind == "raw pipe" else -1) as opened:
            scan(acme, ("fox.png", opened))
    assert list_sent(server) == [("image", file("fox.png", "image/png", path.stat().st_size))]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyError(), EOFError("no more")])
def test_a_file_object_that_fails_while_it_is_sent_is_an_error_of_the_client(
    acme: Any, error: Exception
) -> None:
    class Failing(Pipe):
        def readinto(self, buffer: Any) -> int:
            if size := super().readinto(buffer):
                return size
            raise error

    with pytest.raises(ConfigurationError, match=r"cannot be read: (Input|KeyError|no more)"):
        scan(acme, ("fox.png", Failing(PNG)))


def test_a_file_that_becomes_shorter_is_an_error_without_a_retry(acme: Any, server: Any, path: Path) -> None:
    class Shrinking(io.BytesIO):
        def seek(self, *place: int) -> int:
            self.truncate(20) if self.ended else None
            self.ended = place == (0, 2)
            return super().seek(*place)

        ended = False
        name = "fox.png"

    with pytest.raises(ConfigurationError, match=r"fox\.png became shorter while it was sent"):
        scan(acme, Shrinking(PNG), max_retries=2)


def test_without_checks_files_are_sent_and_values_of_other_types_as_their_text(
    acme: Any, server: Any
) -> None:
    scan(acme, b"GIF89a", pages=[1], validate=False)
    assert list_sent(server) == [("image", file("image.gif", "image/gif", 6)), ("pages[]", "1")]


def test_a_large_file_is_not_read_into_memory(acme: Any, tmp_path: Path) -> None:
    size = 48 * 2**20
    sizes: list[int] = []

    class Sync(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            sizes.append(sum(map(len, request.stream)))  # type: ignore[arg-type] # a synchronous stream
            return httpx2.Response(200, content=PNG, headers={"content-type": "image/png"})

    class Async(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            chunks: Any = request.stream
            sizes.append(sum([len(chunk) async for chunk in chunks]))
            return httpx2.Response(200, content=PNG, headers={"content-type": "image/png"})

    http: Any = httpx2.AsyncClient(transport=Async()) if acme.is_async else httpx2.Client(transport=Sync())
    client = acme.client(http_client=http)
    image = sparse(tmp_path / "large.png", size)
    tracemalloc.start()
    acme.run(client.scan.generate(image=image))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    acme.close_http(http)
    [found] = sizes
    assert size < found < size + 1000
    assert peak < 8 * 2**20
