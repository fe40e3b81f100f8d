"""Pictures as objects of Pillow and numpy, and as IPython shows them. Both packages are optional."""

from __future__ import annotations

import base64
import sys
import warnings
from io import BytesIO
from typing import Any

import numpy
import pytest
from acme_client import OutputError
from acme_client._runtime.pictures import to_array, to_picture
from acme_support.server import Reply
from IPython.core.formatters import DisplayFormatter
from PIL import Image

PATH = "/v1/fox-1.5"


def encode(*frames: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture, or an animation, as a file."""
    file = BytesIO()
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:]}
    frames[0].save(file, kind, **options)
    return file.getvalue()


RED = Image.new("RGB", (4, 2), (255, 0, 0))
BLUE = Image.new("RGB", (4, 2), (0, 0, 255))
PNG = encode(RED)


def answer(acme: Any, server: Any, body: Any) -> Any:
    server.on(PATH, Reply(body=body))
    return acme.run(acme.client().fox_1_5.generate(prompt="a", validate=False))


def test_the_first_picture_is_an_object_of_pillow_or_numpy(acme: Any, server: Any) -> None:
    server.on("/red.png", Reply(body=PNG))
    film = base64.b64encode(b"\0\0\0\x18ftypmp42 a film").decode()
    inline = {"images": [film, base64.b64encode(PNG).decode()]}
    for body in (PNG, inline, {"image": f"{server.url}/red.png"}):
        result = answer(acme, server, body)
        picture = acme.run(result.pil())
        assert (type(picture).__mro__[-2], picture.size) == (Image.Image, (4, 2))
        assert picture.getpixel((0, 0)) == (255, 0, 0)
        array = acme.run(result.numpy())
        assert (array.shape, array.dtype) == ((2, 4, 3), numpy.uint8)
        assert array[0, 0].tolist() == [255, 0, 0]


def test_an_output_without_a_type_may_be_a_picture(acme: Any, server: Any) -> None:
    server.on("/0a1b", Reply(body=PNG))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/0a1b"}))
    assert acme.run(acme.run(acme.client().job("j-1").result()).pil()).size == (4, 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_every_mode_becomes_values_that_are_colors(mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    array = to_array(encode(Image.new(mode, (4, 2)), kind=kind))
    assert array.shape[:2] == (2, 4)
    channels = {"L": (), "I;16": (), "LA": (2,), "RGBA": (4,)}
    assert array.shape[2:] == channels.get(mode, (3,))


def test_transparency_of_a_palette_is_kept() -> None:
    picture = Image.new("P", (4, 2))
    assert to_array(encode(picture, transparency=0)).shape == (2, 4, 4)


def test_an_animation_keeps_its_frames() -> None:
    assert to_picture(encode(RED, BLUE, kind="GIF")).n_frames == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\0\0\0\x18ftypmp42 a film", "there is no picture in the result, but video/mp4"),
        ({"answer": 3}, "there is no picture in the result$"),
        (PNG[:40], "the picture cannot be read: "),
        (b"\x89PNG\r\n\x1a\n nothing else", "the picture cannot be read: "),
    ],
)
def test_what_is_not_a_picture_is_refused(acme: Any, server: Any, body: Any, message: str) -> None:
    result = answer(acme, server, body)
    for method in (result.pil, result.numpy):
        with pytest.raises(OutputError, match=message):
            acme.run(method())


def test_another_output_is_refused_by_its_type(acme: Any, server: Any) -> None:
    [output] = answer(acme, server, b"\0\0\0\x18ftypmp42 a film").outputs
    with pytest.raises(OutputError, match="the output is not a picture but video/mp4"):
        acme.run(output.pil())


def test_a_decompression_bomb_is_refused_as_pillow_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3)
    with pytest.raises(OutputError, match="decompression bomb") as caught:
        to_picture(PNG)
    assert isinstance(caught.value.__cause__, Image.DecompressionBombError)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(OutputError) as warned:
            to_picture(PNG)
    assert isinstance(warned.value.__cause__, Image.DecompressionBombWarning)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("PIL.Image", r"pil\(\) needs pillow\. To install it, run: pip install pillow"),
        ("PIL.Image", r"numpy\(\) needs pillow\. To install it, run: pip install pillow"),
        ("numpy", r"numpy\(\) needs numpy\. To install it, run: pip install numpy"),
    ],
)
def test_a_missing_package_is_named(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch, missing: str, message: str
) -> None:
    result = answer(acme, server, PNG)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=f"^{message}$"):
        acme.run(result.pil() if message.startswith("pil") else result.numpy())


def display(value: object, *, text: bool = False) -> dict[str, Any]:
    """Return what IPython sends to a notebook, by media type; without the text, which it always sends."""
    formatter: Any = DisplayFormatter()
    data: dict[str, Any]
    data, _ = formatter.format(value)
    assert "text/plain" in data
    return data if text else {kind: content for kind, content in data.items() if kind != "text/plain"}


def test_ipython_shows_pictures(acme: Any, server: Any) -> None:
    result = answer(acme, server, PNG)
    shown = display(result)
    assert base64.b64decode(shown.pop("image/png")) == PNG
    assert shown == {}
    assert display(result.outputs[0]) == display(result)
    gif = encode(RED, BLUE, kind="GIF")
    assert base64.b64decode(display(answer(acme, server, gif))["image/gif"]) == gif
    webp = encode(RED, BLUE, kind="WEBP")
    assert '<img src="data:image/webp;base64,' in display(answer(acme, server, webp))["text/html"]


def test_ipython_shows_the_json_of_a_job_and_its_outputs(acme: Any, server: Any) -> None:
    body = {"status": "COMPLETED", "output": f"{server.url}/a.mp4"}
    server.on("/v2/requests/j-1", Reply(body=body))
    data = display(acme.run(acme.client().job("j-1").result()), text=True)
    assert "COMPLETED" in data["text/plain"]
    assert f'<video src="{server.url}/a.mp4"' in data["text/html"]


def test_ipython_shows_other_results_as_text(acme: Any, server: Any) -> None:
    assert display(answer(acme, server, {"answer": 3})) == {}
