"""Uploads: what is judged of them, what is answered, and that the files are served and known as inputs."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from tests.emulator.conftest import Start

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TEXT = base64.b64encode(PNG).decode()
URI = f"data:image/png;base64,{TEXT}"
PAINTER: dict[str, Any] = {"image": {"type": "string", "format": "uri", "media": "image", "max_size": 100}}
UPLOADS: dict[str, dict[str, Any]] = {
    "uris": {
        "url": "https://files.studio.example/upload-asset",
        "body": {"data_urls": ["{data_uri}"]},
        "answer": {"body": {"file_urls": ["{url}"], "message": "done"}},
    },
    "base64": {
        "url": "/files?keep=day",
        "body": {"file": {"name": "{name}", "data": "{base64}"}, "purpose": "input", "note": "for {name}"},
        "answer": {
            "status": 201,
            "body": {"data": {"link": "{url}", "bytes": "{size}", "as": "{media_type}"}},
        },
    },
    "form": {
        "url": "/v1/files",
        "encoding": "multipart",
        "body": {"content": "{file}", "type": "{media_type}"},
        "answer": {"status": 201, "body": {"id": "{id}", "name": "{name}", "urls": {"get": "{url}"}}},
    },
    "binary": {"url": "/assets", "encoding": "binary", "answer": {"body": {"access_url": "{url}"}}},
    "put": {
        "url": "/storage/initiate?type=gcs",
        "body": {"file_name": "{name}", "content_type": "{media_type}"},
        "answer": {"body": {"upload_url": "{put_url}", "file_url": "{url}"}},
    },
    "post": {
        "url": "/v1/uploads",
        "body": {"extension": "{extension}"},
        "answer": {"body": {"uploadUrl": "{post_url}", "fields": "{fields}", "uri": "{url}"}},
    },
}


@pytest.fixture(scope="module")
def emulators(
    start: Start, studio_api: dict[str, Any], spec_of: Any
) -> Iterator[Callable[[str], httpx2.Client]]:
    running: dict[str, Any] = {}

    def get(name: str) -> httpx2.Client:
        if name not in running:
            running[name] = start(
                spec_of("painter", PAINTER),
                api=studio_api | {"upload": UPLOADS[name]},
                settings=EmulatorSettings(max_upload=1000, max_body=1000),
            )
            running[name].client = running[name].__enter__()
        client: httpx2.Client = running[name].client
        return client

    yield get
    for each in running.values():
        each.__exit__(None, None, None)


def address(client: httpx2.Client, name: str) -> str:
    """Return the address of a picture that was uploaded as the spec shows it."""
    match name:
        case "uris":
            response = client.post("/upload-asset", json={"data_urls": [URI]})
            return str(response.json()["file_urls"][0])
        case "base64":
            body = {"file": {"name": "a fox.png", "data": TEXT}, "purpose": "input"}
            response = client.post("/files?keep=day", json=body)
            assert response.status_code == 201
            data = response.json()["data"]
            assert (data["bytes"], data["as"]) == (len(PNG), "image/png")
            return str(data["link"])
        case "form":
            response = client.post("/v1/files", files={"content": ("fox.png", PNG, "image/png")})
            assert response.status_code == 201
            assert response.json()["name"] == "fox.png"
            return str(response.json()["urls"]["get"])
        case "binary":
            response = client.post("/assets", content=PNG, headers={"content-type": "image/png"})
            return str(response.json()["access_url"])
        case "put":
            body = {"file_name": "fox.png", "content_type": "image/png"}
            answer = client.post("/storage/initiate?type=gcs", json=body).json()
            assert client.get(answer["file_url"]).status_code == 404
            sent = client.put(answer["upload_url"], content=PNG, headers={"content-type": "image/png"})
            assert sent.status_code == 200
            return str(answer["file_url"])
        case _:
            answer = client.post("/v1/uploads", json={"extension": "png"}).json()
            sent = client.post(
                answer["uploadUrl"], data=answer["fields"], files={"file": ("fox.png", PNG, "image/png")}
            )
            assert sent.status_code == 204
            return str(answer["uri"])


@pytest.mark.parametrize("name", UPLOADS)
def test_an_uploaded_file_is_at_its_address_and_known_as_an_input(
    emulators: Callable[[str], httpx2.Client], name: str
) -> None:
    client = emulators(name)
    found = address(client, name)
    served = client.get(found, headers={"x-studio-key": ""})
    assert (served.content, served.headers["content-type"]) == (PNG, "image/png")
    assert client.get(found, headers={"range": "bytes=1-3"}).content == PNG[1:4]
    assert client.post("/v1/painter", json={"image": found}).is_success
    entry = client.get("/_emulator/journal").json()["requests"][-1]
    assert entry["inputs"][0]["width"] == 1
    client.post("/_emulator/reset")
    assert client.get(found).status_code == 404


def test_the_limits_of_an_input_hold_for_an_uploaded_file(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("binary")
    larger = client.post("/assets", content=PNG + bytes(100), headers={"content-type": "image/png"}).json()
    refused = client.post("/v1/painter", json={"image": larger["access_url"]})
    assert refused.status_code == 400
    assert "100 bytes" in refused.text


@pytest.mark.parametrize("name", ["uris", "form", "binary"])
def test_a_compressed_upload_is_refused(emulators: Callable[[str], httpx2.Client], name: str) -> None:
    types = {"uris": "application/json", "form": "multipart/form-data; boundary=a", "binary": "image/png"}
    path = str(UPLOADS[name]["url"]).removeprefix("https://files.studio.example")
    headers = {"content-type": types[name], "content-encoding": "gzip"}
    refused = emulators(name).post(path, content=gzip.compress(b"{}"), headers=headers)
    assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "identity")


def test_several_files_of_one_upload_have_an_address_each(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("uris")
    other = f"data:audio/wav;base64,{base64.b64encode(b'sound').decode()}"
    urls = client.post("/upload-asset", json={"data_urls": [URI, other]}).json()["file_urls"]
    assert [client.get(url).content for url in urls] == [PNG, b"sound"]


@pytest.mark.parametrize(
    ("name", "path", "body", "message"),
    [
        ("uris", "/upload-asset", {}, "data_urls is missing"),
        ("uris", "/upload-asset", {"data_urls": URI}, "data_urls must be an array"),
        ("uris", "/upload-asset", {"data_urls": []}, "data_urls must have 1 item"),
        ("uris", "/upload-asset", {"data_urls": [URI, TEXT]}, "data_urls[1] must be a data URI with base64"),
        ("uris", "/upload-asset", {"data_urls": ["data:image/png;base64,x"]}, "must be a data URI"),
        ("uris", "/upload-asset", {"data_urls": ["data:image/png;base64,"]}, "must be a data URI"),
        ("uris", "/upload-asset", {"data_urls": [7]}, "must be a data URI"),
        ("base64", "/files?keep=day", {"file": TEXT, "purpose": "input"}, "file must be an object"),
        ("base64", "/files?keep=day", {"file": {"data": TEXT}}, "purpose is missing"),
        ("base64", "/files?keep=day", {"file": {"data": TEXT}, "purpose": "x"}, "purpose must be 'input'"),
        (
            "base64",
            "/files?keep=day",
            {"file": {"data": URI}, "purpose": "input"},
            "file.data must be base64",
        ),
    ],
)
def test_a_body_that_is_not_what_the_spec_shows_is_refused(
    emulators: Callable[[str], httpx2.Client], name: str, path: str, body: dict[str, Any], message: str
) -> None:
    response = emulators(name).post(path, json=body)
    assert response.status_code == 400
    assert message in response.json()["error"]


@pytest.mark.parametrize(
    ("files", "data", "message"),
    [
        ({"other": ("fox.png", PNG)}, {}, "content is missing"),
        (None, {"content": "text"}, "Only application/json"),
        ({"x": ("x", b"")}, {"content": "text"}, "content must be a file of the form"),
    ],
)
def test_a_form_must_contain_the_file(
    emulators: Callable[[str], httpx2.Client], files: Any, data: Any, message: str
) -> None:
    response = emulators("form").post("/v1/files", files=files, data=data)
    assert response.is_client_error
    assert message in response.json()["error"]


def test_the_key_and_the_whole_address_are_needed(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("base64")
    body = {"file": {"data": TEXT}, "purpose": "input"}
    assert client.post("/files?keep=day", json=body, headers={"x-studio-key": ""}).status_code == 401
    assert client.post("/files", json=body).status_code == 404
    assert client.get("/files?keep=day").status_code == 405
    assert emulators("binary").post("/assets", content=b"").status_code == 400


def test_the_second_request_must_be_what_was_announced(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("put")
    body = {"file_name": "fox.png", "content_type": "image/png"}
    target = client.post("/storage/initiate?type=gcs", json=body).json()["upload_url"]
    refused = client.put(target, content=PNG, headers={"content-type": "image/jpeg"})
    assert refused.status_code == 400
    assert "image/png, as announced" in refused.text
    unknown = target.replace("fox", "hen")
    assert client.put(unknown, content=PNG, headers={"content-type": "image/png"}).status_code == 404
    forms = emulators("post")
    answer = forms.post("/v1/uploads", json={"extension": "png"}).json()
    file = {"file": ("fox.png", PNG)}
    assert "field key" in forms.post(answer["uploadUrl"], data={"key": "x"}, files=file).text
    other = {"other": ("fox.png", PNG)}
    assert (
        "the field file of the form must contain the file"
        in forms.post(answer["uploadUrl"], data=answer["fields"], files=other).text
    )


@pytest.mark.parametrize("name", ["binary", "uris"])
def test_files_are_limited_in_size_and_number(emulators: Callable[[str], httpx2.Client], name: str) -> None:
    client = emulators(name)

    def upload(size: int) -> httpx2.Response:
        content = PNG[:8] + bytes(size - 8)
        if name == "binary":
            return client.post("/assets", content=content, headers={"content-type": "image/png"})
        uri = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        return client.post("/upload-asset", json={"data_urls": [uri]})

    assert upload(1001).status_code == 413
    assert upload(5000).status_code == 413
    answers = [upload(1000).json() for _ in range(5)]
    found = [answer.get("access_url") or answer["file_urls"][0] for answer in answers]
    assert [client.get(url).status_code for url in found] == [404, 200, 200, 200, 200]


def test_only_media_are_served_as_what_they_are(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("form")
    for media_type in ("text/html", "image/svg+xml", "application/javascript", "nonsense"):
        file = {"content": ("page.html", b"<script>alert(1)</script>", media_type)}
        url = client.post("/v1/files", files=file).json()["urls"]["get"]
        served = client.get(url)
        assert served.headers["content-type"] == "application/octet-stream"
        assert served.headers["x-content-type-options"] == "nosniff"


def test_names_are_safe_in_addresses(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("form")
    for name in ("../../etc/passwd", "a b?#%.png", "füchse.png", "..", "x" * 300 + ".png"):
        url = client.post("/v1/files", files={"content": (name, PNG, "image/png")}).json()["urls"]["get"]
        assert client.get(url).content == PNG
        assert len(url) < 250


def test_an_upload_costs_nothing_and_can_have_faults(emulators: Callable[[str], httpx2.Client]) -> None:
    client = emulators("binary")
    client.post("/_emulator/faults", json=["status=503;surface=upload;times=1"])
    assert client.post("/assets", content=PNG).status_code == 503
    uploaded = client.post("/assets", content=PNG)
    assert "x-cost" not in uploaded.headers
    [*_, failed, entry] = client.get("/_emulator/journal").json()["requests"]
    assert (failed["surface"], failed["status"], entry["surface"], entry["model"]) == (
        "upload",
        503,
        "upload",
        None,
    )
    assert entry["size"] == len(PNG)
    answers = client.post(
        "/_emulator/answers", json={"surface": "upload", "status": 402, "body": {"error": "no"}, "times": 1}
    )
    assert answers.is_success
    assert client.post("/assets", content=PNG).status_code == 402


def test_an_upload_is_told_apart_by_its_host(start: Start, studio_api: dict[str, Any], spec_of: Any) -> None:
    api = studio_api | {"upload": UPLOADS["uris"] | {"url": "https://files.studio.example/v1/painter"}}
    with start(spec_of("painter", {}), api=api) as client:
        body = {"data_urls": [URI]}
        assert client.post("/v1/painter", json=body).status_code == 400
        uploaded = client.post("/v1/painter", json=body, headers={"x-forwarded-host": "files.studio.example"})
        assert client.get(uploaded.json()["file_urls"][0]).content == PNG
