"""Outputs in pieces that are not kept, of calls, jobs and results."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path
from typing import Any

import pytest
from acme_client import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    InternalServerError,
    InvalidResponseError,
    OutputError,
    ParameterError,
)
from acme_support.server import Reply

PNG = b"\x89PNG\r\n\x1a\n a png"
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 4000
PNG_TEXT = base64.b64encode(PNG).decode()
PATH = "/v1/fox-1.5"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Read:
    """A stream that was read: its pieces, and what it said while it was open."""

    def __init__(self, stream: Any, pieces: list[bytes]) -> None:
        self.content, self.pieces = b"".join(pieces), pieces
        self.content_type, self.size, self.result = stream.content_type, stream.size, stream.result
        self.metadata, self.request_id, self.headers = stream.metadata, stream.request_id, stream.headers


def read(acme: Any, stream: Any, most: int | None = None) -> Read:
    """Read a stream, or its first pieces, in a `with` block."""
    if not acme.is_async:
        with stream as opened:
            pieces = [piece for piece, _ in zip(opened, range(most or 1_000_000), strict=False)]
        return Read(stream, pieces)

    async def awaited() -> list[bytes]:
        found: list[bytes] = []
        async with stream as opened:
            async for piece in opened:
                found.append(piece)
                if len(found) == most:
                    break
        return found

    return Read(stream, acme.run(awaited()))


def loop(acme: Any, stream: Any) -> bytes:
    """Read a stream without a `with` block."""
    if not acme.is_async:
        return b"".join(stream)

    async def awaited() -> bytes:
        return b"".join([piece async for piece in stream])

    content: bytes = acme.run(awaited())
    return content


def save(acme: Any, stream: Any, *args: Any, **options: Any) -> list[Path]:
    """Save a stream in a `with` block."""
    if not acme.is_async:
        with stream as opened:
            return list(opened.save(*args, **options))

    async def awaited() -> list[Path]:
        async with stream as opened:
            return list(await opened.save(*args, **options))

    paths: list[Path] = acme.run(awaited())
    return paths


def fox(acme: Any, **options: Any) -> Any:
    return acme.client(**options).fox_1_5


def test_the_response_to_a_call_is_passed_on(acme: Any, server: Any) -> None:
    headers = {"content-type": "video/mp4", "x-request-id": "r", "x-cost": "0.5"}
    server.on(PATH, Reply(body=FILM, headers=headers))
    found = read(acme, fox(acme).stream(prompt="a", validate=False))
    assert found.content == FILM
    assert len(found.pieces) > 2
    assert (found.content_type, found.size, found.result) == ("video/mp4", len(FILM), None)
    assert (found.request_id, found.metadata["cost"], found.headers["X-Cost"]) == ("r", 0.5, "0.5")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "content", "kind"),
    [
        ({"image": PNG_TEXT}, PNG, "image/png"),
        (f"data:image/png;base64,{PNG_TEXT}", PNG, "image/png"),
        ({"image": "{url}/a.png"}, PNG, "image/png"),
        ({"images": ["{url}/a.png", "{url}/b.png"]}, PNG, "image/png"),
        ({"answer": 3}, b'{"answer": 3}', "application/json"),
        ("a poem", b"a poem", "text/plain"),
    ],
)
def test_the_first_output_in_a_response_is_passed_on(
    acme: Any, server: Any, body: Any, content: bytes, kind: str
) -> None:
    text = Reply(body=body).content.decode().replace("{url}", server.url)
    server.on(
        PATH,
        Reply(body=text.encode(), headers={"content-type": Reply(body=body).content_type, "x-cost": "2"}),
    )
    server.on("/a.png", Reply(body=PNG))
    found = read(acme, fox(acme).stream(prompt="a"))
    assert (found.content, found.content_type, found.metadata) == (content, kind, {"cost": 2.0})
    assert found.result.text == text
    assert all("x-acme-key" not in request.headers for request in server.requests[1:])


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(body={"error": "no credits"}), "an error instead of"),
        (Reply(body=b"<html>Log in", headers={"content-type": "image/png"}), "a web page instead of"),
        (Reply(body=b""), "an empty body instead of"),
        (Reply(status=206, body=PNG), "a part of the content instead of"),
        (Reply(status=302, headers={"location": "/elsewhere"}), "Redirects are not followed"),
    ],
)
def test_what_is_not_an_output_is_refused_as_that_of_a_call(
    acme: Any, server: Any, reply: Reply, message: str
) -> None:
    server.on(PATH, reply)
    with pytest.raises(InvalidResponseError, match=message) as streamed:
        read(acme, fox(acme).stream(prompt="a"))
    with pytest.raises(InvalidResponseError) as called:
        acme.run(fox(acme).generate(prompt="a"))
    assert str(streamed.value) == str(called.value)


def test_parameters_are_checked_before_a_stream_is_opened(acme: Any, server: Any) -> None:
    with pytest.raises(ParameterError, match="prompt"):
        fox(acme).stream(prompt="")
    assert server.requests == []


def test_a_call_is_repeated_only_if_it_was_not_accepted(acme: Any, server: Any, clock: Any) -> None:
    server.on(PATH, Reply(429), Reply(body=PNG))
    assert read(acme, fox(acme, clock=clock).stream(prompt="a")).content == PNG
    assert len(server.requests) == 2
    server.on(PATH, Reply(cut=True, body=FILM))
    with pytest.raises(APIConnectionError, match=r"broke: .*billed. The client did not repeat it"):
        read(acme, fox(acme, clock=clock).stream(prompt="a", validate=False))
    assert len(server.requests) == 3


def test_the_total_timeout_includes_reading(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=PNG + bytes(600), drip=0.01))
    with pytest.raises(APITimeoutError, match=r"within 0\.2 s \(total timeout\)"):
        read(acme, fox(acme).stream(prompt="a", total_timeout=0.2))


def test_text_is_limited_as_a_response_is(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body="word " * 1000))
    with pytest.raises(InvalidResponseError, match="larger than 999 bytes"):
        read(acme, fox(acme, max_response_bytes=999).stream(prompt="a"))
    server.on(PATH, Reply(body=FILM))
    assert read(acme, fox(acme, max_response_bytes=999).stream(prompt="a", validate=False)).content == FILM


def test_leaving_early_closes_the_connection(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=FILM), Reply(body=PNG))
    client = acme.client()
    stream = client.fox_1_5.stream(prompt="a", validate=False)
    assert 0 < len(read(acme, stream, most=2).content) < len(FILM)
    with pytest.raises(OutputError, match="already read"):
        loop(acme, stream)
    acme.run(client.fox_1_5.generate(prompt="a"))
    first, second = server.requests
    assert first.connection != second.connection


def test_a_stream_can_be_read_once_and_only_when_it_is_open(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=PNG))
    stream = fox(acme).stream(prompt="a")
    with pytest.raises(ConfigurationError, match="the stream is not open"):
        _ = stream.content_type
    assert "not open" in repr(stream)
    assert loop(acme, stream) == PNG
    assert "image/png" in repr(stream)
    with pytest.raises(OutputError, match="already read"):
        loop(acme, stream)


def test_a_stream_is_saved(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=FILM))
    assert save(acme, fox(acme).stream(prompt="a", validate=False), "film") == [Path("film.mp4")]
    assert Path("film.mp4").read_bytes() == FILM
    with pytest.raises(OutputError, match="larger than 1000 bytes"):
        save(acme, fox(acme).stream(prompt="a", validate=False), "large.mp4", max_bytes=1000)
    server.on(PATH, Reply(body={"images": [PNG_TEXT, PNG_TEXT]}))
    assert save(acme, fox(acme).stream(prompt="a"), "two") == [Path("two-1.png"), Path("two-2.png")]
    assert not list(Path.cwd().glob("*large*"))


def test_a_stream_with_a_wrong_name_can_be_saved_under_another_one(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=PNG))
    stream = fox(acme).stream(prompt="a")
    with pytest.raises(OutputError, match=r"the output is image/png, and was not saved as fox\.mp4"):
        save(acme, stream, "fox.mp4")


def test_a_job_is_waited_for(acme: Any, server: Any) -> None:
    model = fox(acme)
    kind = type(model)
    only_jobs = type(kind.__name__, (kind,), {"surfaces": ("async",)})
    server.on("/v2/fox-1.5", Reply(202, {"request_id": "j-1"}))
    server.on("/v2/requests/j-1/status", Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a.mp4"}))
    server.on("/a.mp4", Reply(body=FILM))
    found = read(acme, only_jobs(model._settings, model._transport, "acme").stream(prompt="a"))
    assert (found.content, found.content_type) == (FILM, "video/mp4")
    assert found.result["status"] == "COMPLETED"


def make_linked(acme: Any, server: Any, address: str = "/a.png", **options: Any) -> Any:
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}{address}"}))
    return acme.run(acme.client(**options).job("j-1").result())


def test_a_result_and_its_outputs_are_passed_on(acme: Any, server: Any) -> None:
    server.on("/a.png", Reply(body=PNG))
    result = make_linked(acme, server)
    assert loop(acme, result.stream()) == PNG
    assert loop(acme, result.outputs[0].stream()) == PNG
    assert save(acme, result.stream(), "a") == [Path("a.png")]
    assert "x-acme-key" not in server.requests[-1].headers


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(body={"error": "expired"}), "an error in JSON"),
        (Reply(body="<!doctype html><title>Log in</title>"), "a web page"),
        (Reply(body=b""), "an empty file"),
        (Reply(404), "status 404"),
        (Reply(204), "status 204"),
    ],
)
def test_a_download_is_checked_before_it_is_passed_on(
    acme: Any, server: Any, reply: Reply, message: str
) -> None:
    server.on("/a.png", reply)
    with pytest.raises(OutputError, match=f"cannot download {server.url}/a.png: .*{message}"):
        loop(acme, make_linked(acme, server).stream())


def test_a_download_is_limited_and_repeated_until_it_is_passed_on(acme: Any, server: Any, clock: Any) -> None:
    server.on("/a.mp4", Reply(503), Reply(body=FILM))
    result = make_linked(acme, server, "/a.mp4", clock=clock)
    assert loop(acme, result.stream()) == FILM
    for limit in (10, 100_000):
        with pytest.raises(OutputError, match=f"larger than {limit} bytes"):
            loop(acme, result.stream(max_bytes=limit))
    server.on("/a.mp4", Reply(cut=True, body=FILM))
    with pytest.raises(APIConnectionError, match="cannot download"):
        loop(acme, result.stream())


def test_a_result_is_passed_on_after_the_client_was_closed(acme: Any, server: Any) -> None:
    server.on("/a.png", Reply(body=PNG))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a.png"}))
    client = acme.client()
    result = acme.run(client.job("j-1").result())
    acme.run(client.close())
    assert loop(acme, result.stream()) == PNG


def test_an_unpickled_result_is_passed_on(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body=PNG))
    result = pickle.loads(pickle.dumps(acme.run(fox(acme).generate(prompt="a"))))
    assert loop(acme, result.stream()) == PNG


def test_a_request_that_failed_is_not_sent_again(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(500))
    stream = fox(acme).stream(prompt="a")
    with pytest.raises(InternalServerError):
        loop(acme, stream)
    with pytest.raises(OutputError, match="its request failed"):
        save(acme, stream)
    assert len(server.requests) == 1


def test_a_stream_says_whether_the_response_is_a_result(acme: Any, server: Any) -> None:
    server.on(PATH, Reply(body={"images": [f"{server.url}/a.png", f"{server.url}/b.png"]}))
    stream = fox(acme).stream(prompt="a")
    assert [output.name for output in acme.run(stream.send()).outputs] == ["a.png", "b.png"]
    assert acme.run(stream.send()) is stream.result
    server.on(PATH, Reply(body=PNG))
    stream = fox(acme).stream(prompt="a")
    assert acme.run(stream.send()) is None
    assert stream.content_type == "image/png"
    acme.run(stream.close())
    assert server.paths() == [PATH, PATH]
