"""Pictures are decodable, have the requested size, format and quality, and show the prompt."""

from __future__ import annotations

import base64
import io
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops, ImageDraw

from speccast.emulator.fonts import text_width, write_line
from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from tests.emulator.conftest import Start


def picture(response: httpx2.Response) -> Image.Image:
    """Decode the picture in a response."""
    assert response.status_code == 200, response.text
    image = Image.open(io.BytesIO(response.content))
    image.load()
    return image


def paint(client: httpx2.Client, **parameters: Any) -> httpx2.Response:
    return client.post("/v1/painter-1.5", json={"prompt": "a red fox", **parameters})


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures' pixels, 0 to 255."""
    gray = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    histogram = gray.histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def test_a_picture_has_the_requested_size(studio: httpx2.Client) -> None:
    assert picture(paint(studio, width=320, height=200)).size == (320, 200)


def test_an_omitted_size_is_the_default_of_the_spec(studio: httpx2.Client) -> None:
    assert picture(paint(studio)).size == (96, 64)
    assert picture(paint(studio, width=32)).size == (32, 64)


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ((2048, 2048), (2048, 2048)),
        ((16, 16), (16, 16)),
        ((4096, 1024), (2048, 512)),
        ((16, 4096), (8, 2048)),
    ],
)
def test_sizes_over_2048_are_reduced_in_proportion(
    studio: httpx2.Client, asked: tuple[int, int], made: tuple[int, int]
) -> None:
    assert picture(paint(studio, width=asked[0], height=asked[1])).size == made


@pytest.mark.parametrize(
    ("name", "media_type", "decoder"),
    [("jpeg", "image/jpeg", "JPEG"), ("png", "image/png", "PNG"), ("webp", "image/webp", "WEBP")],
)
def test_a_picture_has_the_requested_format(
    studio: httpx2.Client, name: str, media_type: str, decoder: str
) -> None:
    response = paint(studio, output_format=name)
    assert response.headers["content-type"] == media_type
    assert picture(response).format == decoder


def test_lower_quality_gives_fewer_bytes(studio: httpx2.Client) -> None:
    sizes = [len(paint(studio, seed=1, image_quality=quality).content) for quality in (10, 50, 100)]
    assert sizes == sorted(set(sizes))


def test_the_same_request_and_seed_give_the_same_bytes(studio: httpx2.Client) -> None:
    assert paint(studio, seed=7).content == paint(studio, seed=7).content


@pytest.mark.parametrize("other", [{"seed": 8}, {"prompt": "a blue whale"}])
def test_another_seed_or_prompt_looks_different(studio: httpx2.Client, other: dict[str, Any]) -> None:
    one, two = picture(paint(studio, seed=7)), picture(paint(studio, **{"seed": 7, **other}))
    assert difference(one, two) > 5


def test_the_prompt_and_the_seed_are_written_into_the_picture(start: Start) -> None:
    with start() as client:
        size = {"width": 512, "height": 512, "output_format": "png"}
        # The colors depend on prompt and seed together. Only the text has a known color: almost white.
        few, many = (
            picture(paint(client, seed=7, prompt=prompt, **size)).convert("L")
            for prompt in ("i", "word " * 100)
        )
    inked = [sum(image.histogram()[225:]) for image in (few, many)]
    assert 20 < inked[0] < inked[1] / 3


def test_the_model_is_written_into_the_picture(start: Start, spec_of: Callable[..., Any]) -> None:
    size = {name: {"type": "integer", "default": 256} for name in ("width", "height", "seed")}
    models = [spec_of(slug, size, returns=["image/png"], title="A model") for slug in ("one", "another")]
    with start(*models) as client:
        one, other = (picture(client.post(f"/v1/{slug}", json={})) for slug in ("one", "another"))
    assert 0 < difference(one, other) < 2


@pytest.mark.parametrize(
    "words",
    [
        *("αλεπού", "лиса", "赤い狐", "きつね", "여우", "红狐", "ثعلب", "שועל", "लोमड़ी", "จิ้งจอก"),
        *("🦊", "👩‍👧", "❤️", "≤", "→", "「」", "\uff21"),
    ],
)
def test_every_script_has_a_font(words: str) -> None:
    def drawn(text: str) -> bytes:
        image = Image.new("L", (200, 40))
        write_line(ImageDraw.Draw(image), (0, 0, 200), text, 24, (255,))
        return image.tobytes()

    assert any(drawn(words))
    for character in words:
        # Fonts draw all characters that they do not have alike.
        is_letter = unicodedata.category(character)[0] in "LS"
        assert not is_letter or drawn(character) != drawn("\U000e0fff")


def test_a_line_in_arabic_begins_at_the_right_and_is_shaped() -> None:
    image = Image.new("L", (400, 40))
    write_line(ImageDraw.Draw(image), (0, 0, 400), "ثعلب fox 狐", 24, (255,))
    left, _, right, _ = image.getbbox() or (0, 0, 0, 0)
    assert left > 200
    assert right >= 395
    joined, apart = text_width("ثعلب", 24), sum(text_width(letter, 24) for letter in "ثعلب")
    assert joined < apart


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "\n\t\0", "x" * 5000, "word " * 2000, "图 🦊 Füchse", "\u202e\u200f\u202e", "\ufdfa" * 300],
)
@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 16), (64, 64), (200, 200)])
def test_any_prompt_fits_into_any_size(studio: httpx2.Client, prompt: str, size: tuple[int, int]) -> None:
    assert picture(paint(studio, prompt=prompt, width=size[0], height=size[1])).size == size


@pytest.mark.parametrize("seed", [{}, {"seed": -1}])
def test_a_seed_is_drawn_and_reported_if_none_is_requested(start: Start, seed: dict[str, int]) -> None:
    with start(settings=EmulatorSettings(seed=5)) as client:
        one, two = paint(client, **seed), paint(client, **seed)
        assert one.headers["x-seed"] != two.headers["x-seed"]
        assert one.content != two.content
        again = paint(client, seed=int(one.headers["x-seed"]))
        assert again.content == one.content
    with start(settings=EmulatorSettings(seed=5)) as client:
        assert paint(client, **seed).content == one.content
    with start(settings=EmulatorSettings(seed=6)) as client:
        assert paint(client, **seed).headers["x-seed"] != one.headers["x-seed"]


def test_a_requested_seed_is_reported(studio: httpx2.Client) -> None:
    assert paint(studio, seed=99999999999999999999).headers["x-seed"] == "99999999999999999999"


def test_headers_report_cost_time_and_decreasing_credits(start: Start) -> None:
    with start() as client:
        one, two = paint(client).headers, paint(client).headers
    assert float(one["x-cost"]) > 0
    assert float(two["x-remaining"]) == pytest.approx(float(one["x-remaining"]) - float(one["x-cost"]))
    assert float(one["x-seconds"]) > 0


def test_base64_is_json_with_the_picture_as_text(studio: httpx2.Client) -> None:
    response = paint(studio, seed=7, base64=True)
    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == ["image"]
    assert base64.b64decode(response.json()["image"], validate=True) == paint(studio, seed=7).content
    assert response.headers["x-seed"] == "7"


def test_several_samples_are_a_list_in_json_with_different_seeds(studio: httpx2.Client) -> None:
    contents = [
        base64.b64decode(text) for text in paint(studio, seed=7, base64=True, samples=3).json()["image"]
    ]
    images = [Image.open(io.BytesIO(content)) for content in contents]
    assert {image.size for image in images} == {(96, 64)}
    assert min(difference(images[0], images[1]), difference(images[1], images[2])) > 5


def test_bytes_are_the_first_of_several_samples(studio: httpx2.Client) -> None:
    listed = paint(studio, seed=7, base64=True, samples=3).json()["image"]
    assert paint(studio, seed=7, samples=3).content == base64.b64decode(listed[0])


def test_an_api_without_base64_returns_bytes(start: Start, api: dict[str, Any]) -> None:
    del api["answers"]["sync"]
    with start(api=api) as client:
        assert paint(client, base64=True).headers["content-type"] == "image/jpeg"


def test_the_address_of_an_input_is_never_fetched(start: Start) -> None:
    with start() as other, start() as client:
        address = f"{other.base_url}/_emulator/health"
        assert picture(paint(client, image=address)).size == (96, 64)
        assert picture(paint(client, image="http://192.0.2.1/nowhere.png")).size == (96, 64)


INTEGER = {"type": "integer"}
STRING = {"type": "string"}
NAMES: dict[str, Any] = {
    "img_width": INTEGER,
    "img_height": INTEGER,
    "size": STRING,
    "aspect_ratio": {**STRING, "default": "custom"},
    "width": {"type": "number", "default": 1024, "applies_when": {"aspect_ratio": "custom"}},
    "height": {"type": "number", "default": 768.0, "applies_when": {"aspect_ratio": ["custom", "free"]}},
    "image_size": {"type": "object", "properties": {"w": INTEGER, "h": INTEGER}},
}


@pytest.fixture(scope="module")
def named(start: Start, spec_of: Callable[..., Any]) -> Iterator[httpx2.Client]:
    plain = spec_of(
        "plain", {"prompt": STRING, "size": STRING, "width": {"type": "boolean"}}, returns=["image/png"]
    )
    with start(spec_of("names", NAMES, returns=["image/png"]), plain) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ({}, (1024, 768)),
        ({"img_width": 100, "img_height": 50}, (100, 50)),
        ({"size": "300x200"}, (300, 200)),
        ({"size": "300 * 200"}, (300, 200)),
        ({"size": "0x200"}, (1, 200)),
        ({"aspect_ratio": "1:1"}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1344, 768)),
        ({"aspect_ratio": "1920:1080"}, (1920, 1080)),
        ({"aspect_ratio": "720:720"}, (720, 720)),
        ({"aspect_ratio": "9:21"}, (640, 1536)),
        ({"aspect_ratio": "9:16 portrait 768x1344"}, (768, 1344)),
        ({"aspect_ratio": "1:1000"}, (4, 2048)),
        ({"aspect_ratio": "no idea"}, (512, 512)),
        ({"aspect_ratio": "no idea", "width": 100, "height": 50}, (512, 512)),
        ({"aspect_ratio": "free", "width": 100, "height": 50}, (50, 50)),
        ({"width": 100}, (100, 768)),
        ({"width": 100.6, "height": 50}, (100, 50)),
        ({"width": 100, "height": 50, "size": "300x200"}, (100, 50)),
        ({"size": "300x200", "aspect_ratio": "1:1"}, (300, 200)),
        ({"img_width": -5, "img_height": 0}, (1024, 768)),
        ({"img_width": 10**40, "img_height": 10**40}, (2048, 2048)),
        ({"img_width": 10**40, "img_height": 1}, (2048, 1)),
        ({"img_width": 1, "img_height": 10**40}, (1, 2048)),
        ({"image_size": {"w": 80, "h": 40}}, (80, 40)),
    ],
)
def test_the_usual_names_of_sizes_are_known(
    named: httpx2.Client, asked: dict[str, Any], made: tuple[int, int]
) -> None:
    assert picture(named.post("/v1/names", json=asked)).size == made


def test_a_picture_without_a_requested_size_is_small(named: httpx2.Client) -> None:
    assert picture(named.post("/v1/plain", json={"prompt": "a"})).size == (512, 512)
    assert picture(named.post("/v1/plain", json={"size": "large", "width": True})).size == (512, 512)
