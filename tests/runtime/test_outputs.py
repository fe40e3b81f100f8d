"""The outputs of results: what they are, reading them, and how notebooks show them."""

from __future__ import annotations

import base64
import copy
import pickle
from typing import Any

import pytest
from acme_client import OutputError
from acme_client._runtime.display import mime_bundle
from acme_client._runtime.output import AsyncOutput, Output
from acme_client._runtime.outputs import Inline, OutputSource, Remote
from acme_support.server import Reply

JPEG = b"\xff\xd8\xff\xe0 a jpeg"
PNG = b"\x89PNG\r\n\x1a\n a png"
GIF = b"GIF89a a gif"
MP4 = b"\0\0\0\x18ftypmp42 a film"
WAV = b"RIFF\0\0\0\0WAVEfmt a sound"
CDN = "https://cdn.example.com"


def answer(acme: Any, server: Any, body: Any, **options: Any) -> Any:
    server.on("/v1/fox-1.5", Reply(body=body))
    return acme.run(acme.client().fox_1_5.generate(prompt="a", **options))


def job(acme: Any, server: Any, output: Any) -> Any:
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": output}))
    return acme.run(acme.client().job("j-1").result())


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, ("image", "image/png", "fox-1.5.png")),
        (MP4, ("video", "video/mp4", "fox-1.5.mp4")),
        (WAV, ("audio", "audio/wav", "fox-1.5.wav")),
        (b"%PDF-1.7", ("document", "application/pdf", "fox-1.5.pdf")),
        (b"a poem", ("text", "text/plain", "fox-1.5.txt")),
        (b"\0\1", ("document", "application/octet-stream", "fox-1.5.bin")),
    ],
)
def test_an_output_says_what_it_is(
    acme: Any, server: Any, content: bytes, expected: tuple[str, str, str]
) -> None:
    _, content_type, _ = expected
    reply = Reply(body=content, headers={"content-type": content_type})
    server.on("/v1/fox-1.5", reply)
    result = acme.run(acme.client().fox_1_5.generate(prompt="a", validate=False))
    [output] = result.outputs
    assert (output.kind, output.content_type, output.name) == expected
    assert (output.content, output.url, output.size) == (content, None, len(content))
    assert acme.run(output.read()) == content
    kind_of_output = "AsyncOutput" if acme.is_async else "Output"
    assert repr(output) == f"<{kind_of_output} {content_type}, {len(content)} bytes>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{CDN}/a/fox.PNG?sig=secret", ("image", "image/png", "fox.PNG")),
        (f"{CDN}/a%20fox.webm", ("video", "video/webm", "a_fox.webm")),
        (f"{CDN}/a.glb", ("document", "model/gltf-binary", "a.glb")),
        (f"{CDN}/a.json#b", ("json", "application/json", "a.json")),
        (f"{CDN}/0a1b", ("document", "", "j-1")),
    ],
)
def test_a_linked_output_says_what_its_address_says(
    acme: Any, server: Any, url: str, expected: tuple[str, str, str]
) -> None:
    [output] = job(acme, server, url).outputs
    assert (output.kind, output.content_type, output.name) == expected
    assert (output.content, output.url, output.size) == (None, url, None)
    assert "secret" not in repr(output)


def test_a_link_without_a_type_is_what_the_model_returns() -> None:
    source = OutputSource("fox", returns=("image/png", "image/jpeg"))
    assert Output(Remote(f"{CDN}/0a1b"), source, 0, None, None).kind == "image"
    mixed = OutputSource("fox", returns=("image/png", "video/mp4"))
    assert Output(Remote(f"{CDN}/0a1b"), mixed, 0, None, None).kind == "document"


def test_several_outputs_are_numbered_as_their_files_are(acme: Any, server: Any, tmp_path: Any) -> None:
    result = answer(acme, server, {"images": [base64_of(PNG), base64_of(JPEG)]})
    names = [output.name for output in result.outputs]
    assert names == ["fox-1.5-1.png", "fox-1.5-2.jpg"]
    assert [path.name for path in acme.run(result.save(tmp_path))] == names


def test_relative_links_are_made_absolute_and_read(acme: Any, server: Any) -> None:
    server.on("/files/a.png", Reply(body=PNG))
    [output] = job(acme, server, "/files/a.png").outputs
    assert output.url == f"{server.url}/files/a.png"
    assert acme.run(output.read()) == PNG
    assert "x-acme-key" not in server.requests[-1].headers
    with pytest.raises(OutputError, match="larger than 5 bytes"):
        acme.run(output.read(max_bytes=5))


@pytest.mark.parametrize("url", ["http://[", "https://", "http://a b"])
def test_invalid_addresses_are_refused_when_they_are_read(acme: Any, server: Any, url: str) -> None:
    output = (AsyncOutput if acme.is_async else Output)(Remote(url), OutputSource("fox"), 0, None, None)
    assert output.url
    with pytest.raises(OutputError, match="cannot download"):
        acme.run(output.read())


def test_a_download_that_is_an_error_is_not_read(acme: Any, server: Any) -> None:
    server.on("/a.png", Reply(body={"error": "expired"}))
    [output] = job(acme, server, f"{server.url}/a.png").outputs
    with pytest.raises(OutputError, match="the server responded with an error in JSON"):
        acme.run(output.read())


def test_outputs_survive_copies_and_pickles(acme: Any, server: Any) -> None:
    for result in (answer(acme, server, PNG), job(acme, server, base64_of(PNG))):
        [output] = result.outputs
        for copied in (pickle.loads(pickle.dumps(output)), copy.copy(output), copy.deepcopy(output)):
            assert (type(copied), acme.run(copied.read()), copied.name) == (type(output), PNG, output.name)


def list_shown(*media: Inline | Remote, origin: str = "") -> dict[str, str]:
    """Return what a notebook shows of outputs."""
    numbered = enumerate(media, 1 if len(media) > 1 else 0)
    return mime_bundle([Output(each, OutputSource("fox"), n, None, None) for n, each in numbered], origin)


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif")])
def test_a_notebook_shows_one_picture_by_its_type(content: bytes, kind: str) -> None:
    assert list_shown(Inline(content, kind)) == {kind: base64_of(content)}


@pytest.mark.parametrize(
    ("content", "kind", "element"),
    [
        (b"webp", "image/webp", "<img src="),
        (MP4, "video/mp4", "<video src="),
        (WAV, "audio/wav", "<audio src="),
    ],
)
def test_a_notebook_plays_sound_and_film(content: bytes, kind: str, element: str) -> None:
    found = list_shown(Inline(content, kind))["text/html"]
    assert f'{element}"data:{kind};base64,{base64_of(content)}"' in found


def test_a_notebook_shows_several_outputs() -> None:
    found = list_shown(Inline(PNG, "image/png"), Remote(f"{CDN}/b.mp4"), Inline(b"%PDF", "application/pdf"))
    assert list(found) == ["text/html"]
    assert found["text/html"].count("<div>") == 3
    assert f'<video src="{CDN}/b.mp4"' in found["text/html"]
    assert "fox-3.pdf: application/pdf, 4 bytes" in found["text/html"]
    assert "and 4 more" in list_shown(*[Inline(PNG, "image/png")] * 20)["text/html"]


def test_a_notebook_does_not_keep_large_outputs() -> None:
    large = Inline(PNG + bytes(9_000_000), "image/png")
    assert list_shown(large) == {"text/html": f"<div>fox.png: image/png, {len(large.content)} bytes</div>"}


@pytest.mark.parametrize(
    "media",
    [
        Inline(b"<svg onload=alert(1)>", 'image/png" onerror="alert(1)'),
        Inline(b"<script>alert(1)</script>", "text/html"),
        Remote('https://cdn.example.com/a.png"onerror="alert(1)'),
        Remote("https://cdn.example.com/<script>.png"),
        Remote("javascript:alert(1)//a.png"),
        Remote("file:///etc/passwd.png"),
    ],
)
def test_hostile_outputs_do_not_become_html(media: Inline | Remote) -> None:
    found = list_shown(media).get("text/html", "")
    assert "<script" not in found
    assert '" onerror' not in found
    assert '"onerror' not in found
    assert 'href="javascript' not in found
    assert 'src="file' not in found
    assert 'href="file' not in found


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/a.png",
        "https://127.0.0.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://[::1]/a.png",
        "https://localhost/a.png",
        "https://router.local/a.png",
        "https://cdn.example.com:8443/a.png",
        "https://cdn.example.com@10.0.0.1/a.png",
    ],
)
def test_a_browser_loads_no_private_address_by_itself(url: str) -> None:
    found = list_shown(Remote(url))["text/html"]
    assert "src=" not in found
    assert "<a href=" in found
    assert (
        "<img src="
        in list_shown(Remote("http://127.0.0.1:8000/a.png"), origin="http://127.0.0.1:8000")["text/html"]
    )


def test_results_show_their_outputs_and_texts_show_themselves(acme: Any, server: Any) -> None:
    assert answer(acme, server, PNG)._repr_mimebundle_(include=None, exclude=None) == {
        "image/png": base64_of(PNG)
    }
    assert job(acme, server, base64_of(PNG))._repr_mimebundle_() == {"image/png": base64_of(PNG)}
    assert job(acme, server, f"{server.url}/a.png")._repr_mimebundle_()["text/html"].startswith("<div><img")
    assert answer(acme, server, "a poem\x1b[2J", validate=False)._repr_mimebundle_() == {
        "text/plain": "a poem"
    }
    assert job(acme, server, "a poem")._repr_mimebundle_() == {"text/plain": "a poem"}
    assert answer(acme, server, {"answer": 3}, validate=False)._repr_mimebundle_() == {}
