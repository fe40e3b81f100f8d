"""Files that a generated client uploads before a request: what the emulator gets, and what it knows of the addresses."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from speccast.testing import Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "the-right-key"


@pytest.fixture(scope="module")
def api(harmonia: Path) -> Iterator[Emulator]:
    with emulator(harmonia / "harmonia" / "_specs.json", key=KEY) as running:
        yield running


@pytest.fixture(params=["Harmonia", "AsyncHarmonia"])
def call(
    request: pytest.FixtureRequest, api: Emulator, harmonia: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """Call a method of a model of the client, sync or async."""
    monkeypatch.syspath_prepend(harmonia)
    api.reset()
    with asyncio.Runner() as runner:
        client = getattr(importlib.import_module("harmonia"), request.param)(KEY, base_url=api.url)

        def finished(value: Any) -> Any:
            return runner.run(value) if inspect.iscoroutine(value) else value

        def done(model: str, method: str, **parameters: Any) -> Any:
            return finished(getattr(getattr(client, model), method)(**parameters))

        yield done
        finished(client.close())


def picture(side: int = 64) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((side, side), 90).save(made, "PNG")
    return made.getvalue()


def test_a_parameter_that_takes_addresses_only_gets_the_address_of_an_upload(
    call: Callable[..., Any], api: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(picture())
    call("video_loop", "submit", image=path)
    upload, submit = api.journal()
    assert (upload.path, upload.query, upload.surface) == ("/assets", {"keep": "day"}, "upload")
    assert upload.body == {
        "content": {"filename": "fox.png", "media_type": "image/png", "size": path.stat().st_size},
        "type": "image/png",
    }
    address = submit.body["image"]
    assert address.endswith("/fox.png")
    [known] = submit.inputs
    assert (known["form"], known["width"], known["size"]) == ("url", 64, path.stat().st_size)


def test_a_form_without_files_contains_the_address_as_text(call: Callable[..., Any], api: Emulator) -> None:
    call("portrait", "generate", image=picture(), prompt="a fox")
    upload, portrait = api.journal()
    assert upload.surface == "upload"
    assert portrait.body["image"].startswith(api.url)
    assert portrait.inputs[0]["media_type"] == "image/png"


def test_only_files_over_the_limit_of_the_spec_are_uploaded_where_both_is_possible(
    call: Callable[..., Any], api: Emulator
) -> None:
    sound = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00@\x1f\x00\x00\x01\x00\x08\x00data"
    small = sound + (8000).to_bytes(4, "little") + bytes(8000)
    large = sound + (70_000).to_bytes(4, "little") + bytes(70_000)
    film = "https://media.harmonia.example/film.mp4"
    call("film_score", "submit", film=film, themes=[small, large])
    call("film_score", "submit", film=film, themes=[large, large])
    upload, first, second = api.journal()
    inline, address = first.body["themes"]
    assert inline.startswith("data:audio/wav;base64,")
    assert (upload.surface, address.startswith(api.url)) == ("upload", True)
    assert second.body["themes"] == [address, address]


def test_limits_are_checked_before_an_upload(call: Callable[..., Any], api: Emulator) -> None:
    with pytest.raises(ValueError, match="image"):
        call("video_loop", "submit", image=b"RIFF\x00\x00\x00\x00WAVE" + bytes(100))
    assert api.journal() == []
