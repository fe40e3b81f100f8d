"""Uploads by Segmind's current SDK and by the generated client: at another host, with the same key."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import segmind
from PIL import Image

from tools.judges.sdks.apis import KEY, ROOT, SEGMIND

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.testing import Emulator
    from tools.judges.sdks.conftest import Resolver

HOST, FILES = "api.segmind.com", "workflows-api.segmind.com"

pytestmark = pytest.mark.speccast(SEGMIND, key=KEY, tls=True, hosts=(HOST, FILES))


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "fox.png", tmp_path / "hen.jpg"]
    for side, path in enumerate(paths, start=32):
        Image.new("RGB", (side, side), "red").save(path)
    return paths


def test_the_sdk_uploads_several_files(
    resolve: Resolver, speccast_emulator: Emulator, pictures: list[Path]
) -> None:
    resolve(HOST, FILES)
    client = segmind.SegmindClient(KEY)
    answer = client.files.upload([str(path) for path in pictures])
    assert [httpx.get(url).content for url in answer["file_urls"]] == [path.read_bytes() for path in pictures]
    [upload, *_] = speccast_emulator.journal()
    assert (upload.surface, upload.headers["host"]) == ("upload", FILES)
    with pytest.raises(segmind.exceptions.SegmindError) as caught:
        segmind.SegmindClient("a-wrong-key").files.upload(str(pictures[0]))
    assert caught.value.status == 401


def test_the_address_of_the_sdk_is_an_input(resolve: Resolver, pictures: list[Path]) -> None:
    resolve(HOST, FILES)
    client = segmind.SegmindClient(KEY)
    [url] = client.files.upload(pictures[0])["file_urls"]
    response = client.run_sync("sd3-med-img2img", image=url, prompt="a fox")
    assert Image.open(io.BytesIO(response.content)).format == "JPEG"


def test_the_generated_client_does_the_same(
    resolve: Resolver, speccast_emulator: Emulator, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(HOST, FILES)
    monkeypatch.syspath_prepend(ROOT / "generated" / "segmind" / "python")
    client_class: Any = importlib.import_module("segmind_client").Segmind
    large = io.BytesIO()
    Image.effect_noise((2400, 2400), 99).save(large, "PNG")
    with client_class(KEY) as client:
        for image in (pictures[0], large.getvalue(), large.getvalue()):
            client.sd3_med_img2img.generate(image=image, prompt="a fox")
    inline, upload, *calls = speccast_emulator.journal()
    assert inline.inputs[0]["form"] == "data_uri"
    assert (upload.surface, upload.headers["host"]) == ("upload", FILES)
    assert [(call.headers["host"], call.inputs[0]["width"]) for call in calls] == [(HOST, 2400)] * 2
