"""Uploads before a request: each file once, the key to the documented origin only, and errors that say what failed."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import threading
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._api import API
from acme_client._core.encoding import ENCODINGS
from acme_client._core.upload_surface import UploadSurface
from acme_client._core.uploads import Upload
from acme_client._runtime.calls import Call
from acme_client._runtime.errors import APITimeoutError, ConfigurationError, InvalidResponseError
from acme_client._runtime.execution import run_call, run_call_async
from acme_support.adapter import KEY
from acme_support.clock import RecordedClock
from acme_support.server import Reply

from speccast.emulator.bodies import form_fields

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ADDRESS = "https://files.acme.test/fox.png"
URIS = UploadSurface(
    path="/upload-asset",
    base_url="https://files.acme.test",
    body={"data_urls": ["{data_uri}"], "size": "{size}", "label": "{name}, {extension}"},
    places={"url": (("file_urls", 0),)},
)
FORM = UploadSurface(
    path="/v1/files?keep=day",
    encoding="multipart",
    body={"content": "{file}", "type": "{media_type}"},
    places={"url": (("urls", "get"),)},
)
BINARY = UploadSurface(path="/assets", encoding="binary", places={"url": (("url",),)})
PUT = UploadSurface(
    path="/initiate",
    body={"file_name": "{name}", "content_type": "{media_type}"},
    places={"url": (("file_url",),), "put_url": (("upload_url",),)},
)
POST = UploadSurface(
    path="/initiate",
    body={"extension": "{extension}"},
    places={"url": (("uri",),), "post_url": (("to",),), "fields": (("fields",),)},
)


def file(content: bytes | str = PNG, name: str = "fox.png", **more: Any) -> Upload:
    size = more.pop("size", len(content))
    return Upload(name, "image/png", content, size, form="url", **more)


def call_of(client: Any, *files: Upload) -> Call:
    """Return a call whose body contains the addresses of files."""
    body = ENCODINGS["json"].encode({"prompt": "a fox", "images": list(files)})
    return Call("fox-1.5", f"{client._settings.origin}/v1/fox-1.5", *body)


def generate(acme: Any, client: Any, *files: Upload) -> Any:
    run = run_call_async if acme.is_async else run_call
    return acme.run(run(client._settings, client._transport, call_of(client, *files)))


def client_of(acme: Any, surface: UploadSurface = URIS, **options: Any) -> Any:
    return acme.client(api=replace(API, upload=surface), **options)


@pytest.fixture(autouse=True)
def _answers(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=PNG, headers={"content-type": "image/png"}))
    server.on("/upload-asset", Reply(body={"file_urls": [ADDRESS]}))
    server.on("/v1/files", Reply(201, {"urls": {"get": ADDRESS}}))
    server.on("/assets", Reply(body={"url": ADDRESS}))
    server.on("/storage", Reply(200))


def uploads(server: Any) -> list[Any]:
    return [request for request in server.requests if request.path != "/v1/fox-1.5"]


def test_the_request_contains_the_address_of_the_file(acme: Any, server: Any) -> None:
    generate(acme, client_of(acme), file())
    upload, request = server.requests
    assert request.json == {"prompt": "a fox", "images": [ADDRESS]}
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert upload.json == {"data_urls": [uri], "size": 108, "label": "fox.png, png"}
    assert upload.headers["x-acme-key"] == KEY
    assert upload.headers["x-forwarded-host"] == "files.acme.test"
    assert int(upload.headers["content-length"]) == len(upload.body)


def test_a_form_contains_the_file_and_what_describes_it(acme: Any, server: Any) -> None:
    generate(acme, client_of(acme, FORM), file())
    upload, request = server.requests
    assert upload.target == "/v1/files?keep=day"
    assert form_fields(upload.body, upload.headers["content-type"]) == [
        ("content", {"filename": "fox.png", "media_type": "image/png", "size": 108}),
        ("type", "image/png"),
    ]
    assert "x-forwarded-host" not in upload.headers
    assert request.json["images"] == [ADDRESS]


def test_a_binary_body_is_the_file(acme: Any, server: Any) -> None:
    generate(acme, client_of(acme, BINARY), file())
    upload, _ = server.requests
    assert (upload.body, upload.headers["content-type"]) == (PNG, "image/png")


def test_the_file_of_two_requests_is_put_without_the_key(acme: Any, server: Any) -> None:
    server.on("/initiate", Reply(body={"upload_url": f"{server.url}/storage?sig=1", "file_url": ADDRESS}))
    generate(acme, client_of(acme, PUT, extra_headers={"x-team": "red"}), file())
    announced, put, request = server.requests
    assert announced.json == {"file_name": "fox.png", "content_type": "image/png"}
    assert (put.method, put.target, put.body) == ("PUT", "/storage?sig=1", PNG)
    assert put.headers["content-type"] == "image/png"
    assert put.headers["host"] == server.url.removeprefix("http://")
    assert KEY not in str(put.headers)
    assert "x-team" not in put.headers
    assert request.json["images"] == [ADDRESS]


@pytest.mark.parametrize("as_text", [False, True])
def test_the_form_of_two_requests_has_the_fields_of_the_answer(acme: Any, server: Any, as_text: bool) -> None:
    fields = {"key": "a/b", "policy": "p"}
    answer = {"uri": "acme://1", "to": f"{server.url}/storage", "fields": fields}
    server.on("/initiate", Reply(body={**answer, "fields": json.dumps(fields)} if as_text else answer))
    generate(acme, client_of(acme, POST), file())
    _, post, request = server.requests
    assert form_fields(post.body, post.headers["content-type"]) == [
        ("key", "a/b"),
        ("policy", "p"),
        ("file", {"filename": "fox.png", "media_type": "image/png", "size": 108}),
    ]
    assert KEY not in str(post.headers)
    assert request.json["images"] == ["acme://1"]


def test_a_file_is_uploaded_once(acme: Any, server: Any, tmp_path: Path) -> None:
    path = tmp_path / "same.png"
    path.write_bytes(PNG)
    client = client_of(acme)
    other = file(str(path), "same.png", size=108)
    generate(acme, client, file(), other, file(PNG + b"x", "other.png"))
    generate(acme, client.with_options(max_retries=0), file())
    assert len(uploads(server)) == 2
    assert server.requests[-1].json["images"] == [ADDRESS]
    generate(acme, client_of(acme), file())
    assert len(uploads(server)) == 3


def test_another_account_uploads_the_file_itself(acme: Any, server: Any) -> None:
    client = client_of(acme)
    generate(acme, client, file())
    generate(acme, client.with_options(api_key="ak-another-key"), file())
    generate(acme, client.with_options(extra_headers={"x-acme-key": "ak-a-third-key"}), file())
    assert [request.headers["x-acme-key"] for request in uploads(server)] == [
        KEY,
        "ak-another-key",
        "ak-a-third-key",
    ]


def test_an_address_is_used_for_half_of_the_time_for_which_it_is_valid(acme: Any, server: Any) -> None:
    clock = RecordedClock()
    client = client_of(acme, replace(URIS, retention=100), clock=clock)
    for seconds, expected in ((0, 1), (49, 1), (2, 2), (40, 2), (10, 3)):
        clock.sleep(seconds)
        generate(acme, client, file())
        assert len(uploads(server)) == expected


def concurrently(acme: Any, client: Any, count: int) -> list[BaseException]:
    """Return the errors of calls at the same time, with the same file."""
    errors: list[BaseException] = []
    if acme.is_async:

        async def all_calls() -> None:
            calls = (call_of(client, file()) for _ in range(count))
            runs = [run_call_async(client._settings, client._transport, call) for call in calls]
            found = await asyncio.gather(*runs, return_exceptions=True)
            errors.extend(each for each in found if isinstance(each, BaseException))

        acme.run(all_calls())
        return errors

    def call() -> None:
        try:
            generate(acme, client, file())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_concurrent_calls_upload_a_file_once(acme: Any, server: Any) -> None:
    server.on("/upload-asset", Reply(body={"file_urls": [ADDRESS]}, delay=0.2))
    assert concurrently(acme, client_of(acme), 4) == []
    assert len(uploads(server)) == 1
    assert server.paths().count("/v1/fox-1.5") == 4


def test_a_call_that_waited_for_a_failed_upload_tries_itself(acme: Any, server: Any) -> None:
    server.on(
        "/upload-asset", Reply(500, {"error": "broken"}, delay=0.2), Reply(body={"file_urls": [ADDRESS]})
    )
    [error] = concurrently(acme, client_of(acme, max_retries=0), 2)
    assert "the upload of fox.png failed: 500" in str(error)
    assert len(uploads(server)) == 2
    assert server.paths().count("/v1/fox-1.5") == 1


@pytest.mark.parametrize("failure", [Reply(500, {"error": "broken"}), Reply(reset=True), Reply(429)])
def test_an_upload_is_repeated_after_failures_that_may_be_temporary(
    acme: Any, server: Any, failure: Reply
) -> None:
    server.on("/upload-asset", failure, failure, Reply(body={"file_urls": [ADDRESS]}))
    clock = RecordedClock()
    generate(acme, client_of(acme, clock=clock), file())
    assert clock.slept == [0.5, 1.0]
    assert [request.body for request in uploads(server)] == [server.requests[0].body] * 3


def test_the_second_request_is_repeated_as_well(acme: Any, server: Any) -> None:
    server.on("/initiate", Reply(body={"upload_url": f"{server.url}/storage", "file_url": ADDRESS}))
    server.on("/storage", Reply(503), Reply(200))
    generate(acme, client_of(acme, PUT, clock=RecordedClock()), file())
    assert server.paths() == ["/initiate", "/storage", "/storage", "/v1/fox-1.5"]


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (Reply(400, {"error": "no png"}), "BadRequestError", "400 Bad Request: no png."),
        (Reply(401, {"error": "who?"}), "AuthenticationError", "401 Unauthorized: who?"),
        (Reply(500, {"error": "broken"}), "ServerStatusError", "500"),
        (Reply(reset=True), "APIConnectionError", "broke"),
        (Reply(body={"urls": []}), "InvalidResponseError", "there is no file_urls[0] in the response"),
        (Reply(body={"file_urls": [7]}), "InvalidResponseError", "there is no file_urls[0]"),
        (Reply(body="<html>"), "InvalidResponseError", "there is no file_urls[0]"),
        (
            Reply(307, headers={"location": "https://evil.test/"}),
            "InvalidResponseError",
            "Redirects are not followed, to protect the key",
        ),
    ],
)
def test_an_error_says_that_the_upload_failed(
    acme: Any, server: Any, reply: Reply, kind: str, message: str
) -> None:
    server.on("/upload-asset", reply)
    with pytest.raises(Exception, match=r"the upload of fox\.png failed: ") as caught:
        generate(acme, client_of(acme, max_retries=0), file())
    assert kind in [each.__name__ for each in type(caught.value).__mro__]
    assert message in str(caught.value)
    assert str(caught.value).endswith("The request itself was not sent, and nothing was billed.")
    assert "/v1/fox-1.5" not in server.paths()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("file:///etc/passwd", "leads from http to file"),
        ("/relative", "leads from http to a relative URL"),
        ("", "there is no upload_url"),
        ("http://[::1", "is not a valid URL"),
        ("http://a b/", "is not a valid URL"),
        ("http://a..b/", "is not a valid URL"),
        ("http:///a", "is not a valid URL"),
        ("https://fox.test:99999/", "is not a valid URL"),
        ("https://fox.test/\x00", "is not a valid URL"),
        ("http://10.255.255.1/a", r"10\.255\.255\.1 has a private address, and the API has not"),
    ],
)
def test_a_file_is_not_sent_to_an_address_that_is_not_one(
    acme: Any, server: Any, target: str, message: str
) -> None:
    server.on("/initiate", Reply(body={"upload_url": target, "file_url": ADDRESS}))
    with pytest.raises(InvalidResponseError, match=message):
        generate(acme, client_of(acme, PUT), file())
    assert server.paths() == ["/initiate"]


def test_the_log_does_not_show_the_signature_of_an_address(
    acme: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    target = f"{server.url}/storage?X-Signature=5e1f"
    server.on("/initiate", Reply(body={"upload_url": target, "file_url": f"{ADDRESS}?{KEY}"}))
    with caplog.at_level(logging.DEBUG, "acme_client"):
        for _ in range(2):
            generate(acme, client_of(acme, PUT), file())
    assert "/storage: " in caplog.text
    assert "5e1f" not in caplog.text
    assert KEY not in caplog.text


def test_a_redirect_of_the_second_request_is_refused(acme: Any, server: Any, elsewhere: Any) -> None:
    server.on("/initiate", Reply(body={"upload_url": f"{server.url}/storage", "file_url": ADDRESS}))
    server.on("/storage", Reply(308, headers={"location": f"{elsewhere.url}/storage"}))
    with pytest.raises(InvalidResponseError, match="308"):
        generate(acme, client_of(acme, PUT), file())
    assert elsewhere.requests == []


def test_the_key_goes_to_the_documented_origins_only(acme: Any, server: Any, elsewhere: Any) -> None:
    elsewhere.on("/upload-asset", Reply(body={"file_urls": [ADDRESS]}))
    api = replace(API, base_url=server.url, upload=replace(URIS, base_url=elsewhere.url))
    generate(acme, acme.client(api=api, base_url=None), file())
    [upload] = elsewhere.requests
    assert upload.headers["x-acme-key"] == KEY
    assert "x-forwarded-host" not in upload.headers
    assert server.paths() == ["/v1/fox-1.5"]


def test_the_total_timeout_includes_uploads(acme: Any, server: Any) -> None:
    server.on("/upload-asset", Reply(hang=True))
    with pytest.raises(APITimeoutError, match=r"the upload of fox\.png failed: .* 0\.3 s \(total timeout\)"):
        generate(acme, client_of(acme, total_timeout=0.3), file())
    assert server.paths() == ["/upload-asset"]


def test_a_call_waits_for_the_upload_of_another_one_until_its_own_deadline(acme: Any, server: Any) -> None:
    client = client_of(acme, total_timeout=0.2, clock=None)
    addresses = client._settings.addresses
    reserved: list[Any] = []
    original = addresses.reserve

    def reserve(key: Any) -> str | None:
        if not reserved:
            reserved.append(key)
            original(key)
        return original(key)

    addresses.reserve = reserve
    with pytest.raises(APITimeoutError, match=r"another call is still uploading the file after 0\.2 s"):
        generate(acme, client, file())
    assert server.requests == []


def test_a_file_that_cannot_be_read_is_an_error_before_anything_is_sent(
    acme: Any, server: Any, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"the upload of fox\.png failed: fox\.png cannot be read"):
        generate(acme, client_of(acme), file(str(tmp_path / "gone.png"), size=3))
    assert server.requests == []


def test_a_file_object_that_cannot_seek_is_uploaded_without_a_second_attempt(acme: Any, server: Any) -> None:
    class Pipe(io.RawIOBase):
        content = io.BytesIO(PNG)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            return self.content.readinto(buffer)

    server.on("/assets", Reply(503))
    with pytest.raises(Exception, match="503"):
        generate(acme, client_of(acme, BINARY), Upload("pipe.png", "image/png", Pipe(), None, form="url"))
    [upload] = server.requests
    assert upload.body == PNG
    assert upload.headers["transfer-encoding"] == "chunked"


def test_a_failed_upload_is_not_remembered(acme: Any, server: Any) -> None:
    server.on("/upload-asset", Reply(400, {"error": "no"}), Reply(body={"file_urls": [ADDRESS]}))
    client = client_of(acme)
    with pytest.raises(Exception, match="no"):
        generate(acme, client, file())
    generate(acme, client, file())
    assert len(uploads(server)) == 2


def test_the_log_mentions_an_upload_with_its_size(
    acme: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(acme)
    with caplog.at_level(logging.INFO, "acme_client"):
        generate(acme, client, file(bytes(2_500_000), "film\x1b[31m.mp4"), file())
    assert "uploading film.mp4 (2.5 MB)" in caplog.messages
    assert "uploading fox.png (1 kB)" in caplog.messages
    assert not any(getattr(record, "is_pause", False) for record in caplog.records)
    assert not any(KEY in message for message in caplog.messages)


def test_a_large_upload_is_marked_for_user_interfaces(
    acme: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "acme_client"):
        generate(acme, client_of(acme, BINARY), file(bytes(17 * 2**20), "film.mp4"))
    [record] = [record for record in caplog.records if record.name == "acme_client"]
    assert (record.getMessage(), record.__dict__["is_pause"]) == ("uploading film.mp4 (17.8 MB)", True)


def test_addresses_are_forgotten_when_there_are_many() -> None:
    from acme_client._runtime.upload_addresses import Addresses

    addresses = Addresses()
    for number in range(1001):
        assert addresses.reserve((number,)) is None
        addresses.keep((number,), f"address {number}")
    assert addresses.reserve((1000,)) == "address 1000"
    assert addresses.reserve((1,)) == "address 1"
    assert addresses.reserve((0,)) is None


@pytest.mark.parametrize("surface", [URIS, FORM, BINARY, PUT], ids=["json", "form", "binary", "put"])
def test_a_large_file_is_not_read_into_memory(acme: Any, tmp_path: Path, surface: UploadSurface) -> None:
    size = 32 * 2**20
    sent: list[int] = []
    answer = {"file_urls": [ADDRESS], "urls": {"get": ADDRESS}, "url": ADDRESS, "file_url": ADDRESS}

    def respond(request: httpx2.Request, length: int) -> httpx2.Response:
        sent.append(length)
        return httpx2.Response(200, json={**answer, "upload_url": "https://api.acme.test/storage"})

    class Sync(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            chunks: Any = request.stream
            return respond(request, sum(map(len, chunks)))

    class Async(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            chunks: Any = request.stream
            return respond(request, sum([len(chunk) async for chunk in chunks]))

    http: Any = httpx2.AsyncClient(transport=Async()) if acme.is_async else httpx2.Client(transport=Sync())
    path = tmp_path / "film.png"
    with path.open("wb") as film:
        film.truncate(size)
    client = client_of(acme, surface, http_client=http, base_url="https://api.acme.test", validate=False)
    tracemalloc.start()
    generate(acme, client, file(str(path), size=size))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    acme.close_http(http)
    assert max(sent) >= size
    assert peak < 8 * 2**20
