"""What counts as a success: responses are compared with what the model returns, and outputs with their names."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from acme_client._runtime.errors import InvalidResponseError, OutputError
from acme_client.models.fox_1_5 import AsyncFox15, Fox15
from acme_support.server import Reply

PNG = b"\x89PNG\r\n\x1a\n a png"
JPEG = b"\xff\xd8\xff\xe0 a jpeg"
MP4 = b"\0\0\0\x18ftypmp42 a film"
PNG_TEXT = base64.b64encode(PNG).decode()
S3_ERROR = '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'

MEDIA = ("image/jpeg",)
BOTH = ("image/jpeg", "application/json")
JSON = ("application/json",)
TEXT = ("text/plain",)
ANY_IMAGE = ("image/*",)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reply(body: Any, kind: str | None = None, status: int = 200) -> Reply:
    return Reply(status, body, {"x-request-id": "r-1"} | ({} if kind is None else {"content-type": kind}))


@pytest.fixture
def call(acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call a model that is documented to return these media types."""

    def run(response: Reply, returns: tuple[str, ...], **options: Any) -> Any:
        for model in (Fox15, AsyncFox15):
            monkeypatch.setattr(model, "returns", returns)
        server.on("/v1/fox-1.5", response)
        return acme.run(acme.client().with_options(max_retries=0).fox_1_5.generate(prompt="a", **options))

    return run


@pytest.mark.parametrize(
    ("response", "returns"),
    [
        (reply({"error": "out of memory"}), MEDIA),
        (reply({"error": "out of memory"}), BOTH),
        (reply({"error": "out of memory"}), JSON),
        (reply('{"error": "out of memory"}'), TEXT),
        (reply({"error": {"message": "out of memory"}, "request_id": "r", "output": None}), BOTH),
        (reply({"errors": ["out of memory"]}), JSON),
        (reply({"error": "out of memory", "trace": "7f"}), JSON),
        (reply({"errors": ["out of memory"], "trace": "7f"}), BOTH),
        (reply({"status": "FAILED", "message": "out of memory"}), JSON),
        (reply({"success": False, "message": "out of memory"}), JSON),
        (reply({"detail": "out of memory"}), MEDIA),
        (reply({"message": "out of memory", "code": 500}), BOTH),
        (reply([]), BOTH),
        (reply("12", "application/json"), BOTH),
        (reply([{"error": "out of memory"}, {"error": "again"}]), JSON),
        (reply(b'\xef\xbb\xbf{"error": "out of memory"}', "image/jpeg"), MEDIA),
        (reply({"caption": "a fox"}), MEDIA),
        (reply({}), MEDIA),
        (reply(b"null", "application/json"), BOTH),
        (reply(b'{"image": "iVBO', "application/json"), BOTH),
        (reply(b"{not json}", "application/json"), JSON),
        (reply("<!DOCTYPE html><title>Busy</title>", "text/html"), MEDIA),
        (reply("<html><body>Busy</body></html>", "image/jpeg"), MEDIA),
        (reply("  <!-- proxy -->\n<HTML><body>Busy", "text/plain"), JSON),
        (reply("<p>Busy</p>", "text/html; charset=utf-8"), TEXT),
        (reply(S3_ERROR, "application/xml"), MEDIA),
        (reply(S3_ERROR, "image/jpeg"), BOTH),
        (reply(S3_ERROR, "text/xml"), JSON),
        (reply(b"", "image/jpeg"), MEDIA),
        (reply(b"", "application/json"), BOTH),
        (reply(b" \r\n", "text/plain"), TEXT),
        (reply(b"", status=204), MEDIA),
        (reply(b"", status=205), JSON),
        (reply(JPEG[:6], "image/jpeg", 206), MEDIA),
        (reply("out of memory"), MEDIA),
        (reply(b"out of memory", "image/jpeg"), MEDIA),
        (reply(b"out of memory", "application/octet-stream"), ANY_IMAGE),
        (reply(JPEG, "image/jpeg"), JSON),
        (reply(JPEG, "image/jpeg"), TEXT),
        (reply(JPEG, "video/mp4"), ("video/mp4",)),
        (reply(MP4, "image/jpeg"), MEDIA),
    ],
)
def test_a_response_that_is_not_what_the_model_returns(call: Any, response: Reply, returns: Any) -> None:
    with pytest.raises(InvalidResponseError, match="may have been processed and billed") as caught:
        call(response, returns)
    assert caught.value.status == response.status
    assert Path.cwd().exists()
    assert not list(Path.cwd().iterdir())


def test_the_error_has_the_text_and_the_request_id(call: Any) -> None:
    with pytest.raises(InvalidResponseError, match="status 200 and an error instead of image/jpeg") as caught:
        call(reply({"error": "out of memory"}), MEDIA)
    error = caught.value
    assert (error.detail, error.request_id) == ("out of memory", "r-1")
    assert error.body == {"error": "out of memory"}
    assert error.headers["X-Request-ID"] == "r-1"
    with pytest.raises(InvalidResponseError, match="a web page instead of") as caught:
        call(reply("<html><title>Busy</title>", "text/html"), MEDIA)
    assert (caught.value.detail, caught.value.body) == ("Busy", "<html><title>Busy</title>")


@pytest.mark.parametrize(
    ("response", "returns"),
    [
        (reply(JPEG, "image/jpeg"), MEDIA),
        (reply(PNG, "image/png"), MEDIA),
        (reply(PNG, "text/plain"), MEDIA),
        (reply(PNG, "text/html"), BOTH),
        (reply(JPEG, "binary/octet-stream"), MEDIA),
        (reply(JPEG), ANY_IMAGE),
        (reply(b"\x00\x01\x02 a new format", "image/jxl"), ANY_IMAGE),
        (reply(b"\x00\x01\x02 a new format"), MEDIA),
        (reply({"image": PNG_TEXT, "error": None}), MEDIA),
        (reply({"image": "https://cdn.test/a.png"}), MEDIA),
        (reply({"image": PNG_TEXT, "error": "blurred"}), MEDIA),
        (reply({"choices": [{"text": "hi"}], "error": "", "status": "ok"}), JSON),
        (reply({"message": "pong"}), JSON),
        (reply({"errors": ["typo"], "corrected": "a text"}), JSON),
        (reply({"status": "failed", "categories": ["violence"]}), JSON),
        (reply(b"[" * 900 + b"]" * 900, "application/json"), JSON),
        (reply({"nsfw": True}), BOTH),
        (reply([1, 2]), JSON),
        (reply('{"answer": 3}'), TEXT),
        (reply("a poem"), TEXT),
        (reply("a poem".encode("utf-16"), "text/plain; charset=utf-16"), TEXT),
        (reply(b"a poem"), TEXT),
        (reply("<html>", "text/html"), ("text/html",)),
        (reply("<svg xmlns='x'></svg>", "text/plain"), ("image/svg+xml",)),
        (reply("data: 1\n\n", "text/event-stream"), ("text/event-stream",)),
        (reply("<a/>", "application/xml"), ("application/xml",)),
        (reply(b"PK\x03\x04 rest", "application/epub+zip"), ("application/epub+zip",)),
        (reply(b"%PDF-1.7", "application/octet-stream"), ("application/pdf",)),
        (reply("v 1 2 3", "model/obj"), ("model/obj",)),
        (reply(MP4, "audio/mp4"), ("audio/mp4",)),
        (reply(b"\x00\x01", "x/y"), ("*/*",)),
        (reply(JPEG, status=201), MEDIA),
    ],
)
def test_a_response_that_the_model_returns(call: Any, response: Reply, returns: Any) -> None:
    assert call(response, returns).content == response.content


@pytest.mark.parametrize(
    ("response", "expected", "name"),
    [
        (reply(PNG, "text/plain"), ("image/png", [PNG]), "a.png"),
        (reply(JPEG, "binary/octet-stream"), ("image/jpeg", [JPEG]), "a.jpg"),
        (reply(JPEG, "image/png"), ("image/jpeg", [JPEG]), "a.jpg"),
        (reply(PNG, "application/json"), ("image/png", [PNG]), "a.png"),
        (reply({"image": PNG_TEXT}), ("application/json", [PNG]), "a.png"),
        (reply(json.dumps({"image": PNG_TEXT}), "image/png"), ("application/json", [PNG]), "a.png"),
        (reply(f"data:image/png;base64,{PNG_TEXT}"), ("text/plain", [PNG]), "a.png"),
        (reply(MP4, "video/mp4"), ("video/mp4", []), "a.mp4"),
    ],
)
def test_certain_bytes_win_over_the_header(
    acme: Any, call: Any, response: Reply, expected: tuple[str, list[bytes]], name: str
) -> None:
    result = call(response, ("*/*",))
    assert (result.content_type, result.images) == expected
    assert acme.run(result.save("a")) == [Path(name)]


def test_only_errors_are_refused_without_validation_and_for_unknown_models(
    acme: Any, server: Any, call: Any
) -> None:
    assert call(reply(JPEG, "image/jpeg"), JSON, validate=False).images == [JPEG]
    server.on("/v1/new", reply("a poem"), reply({"error": "out of memory"}), reply(S3_ERROR, "text/xml"))
    client = acme.client()
    assert acme.run(client.run_sync("new")).text == "a poem"
    for _ in range(2):
        with pytest.raises(InvalidResponseError):
            acme.run(client.run_sync("new"))


@pytest.mark.parametrize(
    ("case", "returns", "path"),
    [
        ((reply({"nsfw": True}), "JSON"), BOTH, "fox.jpg"),
        ((reply("a poem"), "text"), TEXT, "fox.png"),
        ((reply("<html>", "text/html"), "a web page"), ("text/html",), "fox.jpg"),
        ((reply(PNG, "image/png"), "image/png"), MEDIA, "fox.json"),
        ((reply(PNG, "image/png"), "image/png"), MEDIA, "fox.mp4"),
        ((reply(PNG, "image/png"), "image/png"), MEDIA, "fox.txt"),
        ((reply("a poem"), "text"), TEXT, "fox.pdf"),
        ((reply("a poem"), "text"), TEXT, "fox.json"),
    ],
)
def test_content_that_contradicts_its_name_is_not_saved(
    acme: Any, call: Any, case: tuple[Reply, str], returns: Any, path: str
) -> None:
    response, found = case
    Path(path).write_text("old")
    with pytest.raises(OutputError, match=f"the output is {found}, and was not saved as {path}"):
        acme.run(call(response, returns).save(path))
    assert Path(path).read_text() == "old"
    assert [each.name for each in Path.cwd().iterdir()] == [path]


@pytest.mark.parametrize(
    ("response", "returns", "path"),
    [
        (reply(PNG, "image/png"), MEDIA, "fox.jpg"),
        (reply(PNG, "image/png"), MEDIA, "fox.weird"),
        (reply({"a": 1}), JSON, "fox.txt"),
        (reply({"a": 1}), JSON, "fox.json"),
        (reply("a,b"), TEXT, "fox.csv"),
        (reply(b"\x00\x01"), ("model/stl",), "fox.stl"),
        (reply("solid", "model/stl"), ("model/stl",), "fox.stl"),
        (reply(MP4, "video/mp4"), ("audio/mp4",), "fox.m4a"),
    ],
)
def test_content_that_may_have_its_name_is_saved(
    acme: Any, call: Any, response: Reply, returns: Any, path: str
) -> None:
    assert acme.run(call(response, returns).save(path)) == [Path(path)]


DOWNLOADS = [
    (reply("<!doctype html><title>Log in</title>", "text/html"), "a.png", "a web page"),
    (reply("<html>Log in", "image/png"), "a", "a web page"),
    (reply(S3_ERROR, "application/xml"), "a", "an error in XML"),
    (reply({"error": "expired"}), "a", "an error in JSON"),
    (reply("Access denied", "text/plain"), "a.png", "text"),
    (reply(b"", "image/png"), "a.png", "an empty file"),
    (reply(b"", status=204), "a.png", "status 204"),
    (reply(PNG[:4], "image/png", 206), "a.png", "status 206"),
]


@pytest.mark.parametrize("case", DOWNLOADS)
@pytest.mark.parametrize("is_job", [True, False])
def test_a_download_that_is_not_an_output_is_refused(
    acme: Any, server: Any, call: Any, case: tuple[Reply, str, str], is_job: bool
) -> None:
    response, address, found = case
    server.on(f"/files/{address}", response)
    output = {"url": f"{server.url}/files/{address}"}
    if is_job:
        server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": output}))
        save = acme.run(acme.client(max_retries=0).job("j-1").result()).save
    else:
        save = call(reply(output), MEDIA).save
    for path in ("fox.png", "fox"):
        with pytest.raises(OutputError, match=f"cannot download {server.url}/files/{address}: .*{found}"):
            acme.run(save(path))
    assert not list(Path.cwd().iterdir())


def test_a_download_may_be_json_text_or_a_page_that_is_named_so(acme: Any, server: Any) -> None:
    server.on("/a", reply({"scores": [1]}))
    server.on("/b.html", reply("<html>", "text/html"))
    server.on("/c.srt", reply("1\n00:00", "text/plain"))
    output = [f"{server.url}/{name}" for name in ("a", "b.html", "c.srt")]
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": output}))
    saved = acme.run(acme.run(acme.client().job("j-1").result()).save())
    assert [path.suffix for path in saved] == [".json", ".html", ".txt"]


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (reply({"error": "out of memory"}), "an error instead of the state of a job: out of memory"),
        (reply("<html><title>Busy</title>", "text/html"), "a web page instead of the state of a job: Busy"),
        (reply(b"", "application/json"), "an empty body"),
        (reply(b"", status=204), "status 204"),
    ],
)
def test_a_result_of_a_job_that_is_not_one(
    acme: Any, server: Any, clock: Any, response: Reply, found: str
) -> None:
    server.on("/v2/requests/j-1/status", Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", response)
    job = acme.client(clock=clock).job("j-1")
    for fetch in (job.wait, job.result):
        with pytest.raises(InvalidResponseError, match=found) as caught:
            acme.run(fetch())
        assert caught.value.request_id == "r-1"
    assert server.paths().count("/v2/requests/j-1") == 6
    retried = (response, Reply(body={"status": "COMPLETED", "output": "x"}))
    server.on("/v2/requests/j-1", *retried)
    assert acme.run(job.wait()).output == "x"


def test_json_after_a_byte_order_mark(acme: Any, server: Any, call: Any) -> None:
    marked = b"\xef\xbb\xbf" + json.dumps({"image": PNG_TEXT}).encode()
    result = call(reply(marked, "application/json"), BOTH)
    assert result.json() == {"image": PNG_TEXT}
    assert result.images == [PNG]
    assert result.text.startswith("{")
    body = b"\xef\xbb\xbf" + json.dumps({"status": "COMPLETED", "output": "x"}).encode()
    server.on("/v2/requests/j-1", Reply(body=body))
    assert acme.run(acme.client().job("j-1").result())["output"] == "x"
    server.on("/v1/fox-1.5", Reply(400, b'\xef\xbb\xbf{"error": "no credits"}'))
    with pytest.raises(Exception, match="Bad Request: no credits"):
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
