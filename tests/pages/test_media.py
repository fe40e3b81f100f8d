"""What type, name, description and example values of a text say of its content."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.pages.apis import ApiPaths
from speccast.pages.facts import ABSENT
from speccast.pages.media import MediaText, media_facts
from speccast.pages.openapi import open_document, read_operations
from speccast.pages.text import PageText


def certain(name: str, description: str = "", format_: str = "", *values: str) -> dict[str, Any]:
    """Return the certain facts of a text, and the doubtful ones as None."""
    found = media_facts(MediaText(name, description, format_, values))
    return {key: fact.value if fact.is_certain else None for key, fact in found}


@pytest.mark.parametrize(
    ("name", "format_", "description", "expected"),
    [
        ("image", "uri", "Input image", {"media": "image"}),
        ("source_img", "uri", "", {"media": "image"}),
        ("firstFrameUrl", "uri", "Where it starts", {"media": "image"}),
        ("video_url", "uri", "The video to add audio to", {"media": "video"}),
        ("input", "uri", "A video of a dance", {"media": "video"}),
        ("input", "uri", "Image or video", {"media": ["image", "video"]}),
        ("document", "uri", "", {"media": "document"}),
        ("image", "", "Input image, URL or base64", {"media": "image", "forms": ["url", "base64"]}),
        ("face", "", "Base64-encoded photo or its link", {"media": "image", "forms": ["base64", "url"]}),
        ("mask", "", "A base64-encoded data URL", {"media": "image", "forms": ["data_uri"]}),
        ("image", "uri", "A URL. See the guide for base64.", {"media": "image"}),
        ("image", "uri", "URL or base64, max 10 MB", {"media": "image", "forms": ["url", "base64"], "max_size": 10485760}),
        ("image", "uri", "At least 300 px", {"media": "image", "min_width": 300, "min_height": 300}),
        ("image", "uri", "Minimum 300 x 200 pixels, up to 25 megapixels", {"media": "image", "min_width": 300, "min_height": 200, "max_pixels": 25_000_000}),
        ("image", "uri", "Must not exceed 4,096 px in width", {"media": "image", "max_width": 4096}),
        ("image", "uri", "JPG, PNG or WEBP; up to 512KB", {"media": "image", "media_types": ["image/jpeg", "image/png", "image/webp"], "max_size": 524288}),
        ("voice", "uri", "A `.wav` or `.mp3` longer than 15 s", {"media": "audio", "media_types": ["audio/wav", "audio/mpeg"], "min_duration": 15}),
        ("clip", "uri", "Between 3 and 30 seconds", {"media": "video", "min_duration": 3, "max_duration": 30}),
        ("voice", "uri", "Audio between 10 seconds and 5 minutes long", {"media": "audio", "min_duration": 10, "max_duration": 300}),
        ("clip", "uri", "A 2-10 s film", {"media": "video", "min_duration": 2, "max_duration": 10}),
        ("clip", "uri", "Must be 1.5 minutes or shorter", {"media": "video", "max_duration": 90}),
        ("image", "uri", "Ideally under 10 MB, such as a PNG or JPG", {"media": "image", "max_size": None, "media_types": None}),
        ("image", "", "The picture", {"media": None}),
        ("source", "", "Path to the input image", {"media": None}),
        ("input", "uri", "An image that becomes a video", {"media": None}),
        ("webhook_url", "uri", "Called when the video is done", {}),
        ("lora_url", "uri", "Style of the image", {}),
        ("url", "uri", "Address of the web site in the video", {}),
        ("image_id", "", "The ID of the input image", {}),
        ("prompt", "", "Describes the image", {}),
        ("video_prompt", "", "", {}),
        ("image_size", "", "Size of the image", {}),
        ("image_format", "", "Format of the output image", {}),
        ("voice", "", "Style of the generated voice", {}),
        ("seed_text", "uri", "", {}),
    ],
)  # fmt: skip
def test_words_and_types_say_what_a_text_contains(
    name: str, format_: str, description: str, expected: dict[str, Any]
) -> None:
    assert certain(name, description, format_) == expected


@pytest.mark.parametrize(
    ("value", "media"),
    [
        ("https://acme.example/a/fox.PNG?size=1", "image"),
        ("https://acme.example/fox.mp4", "video"),
        ("data:audio/wav;base64,UklGRg", "audio"),
        ("https://acme.example/report.pdf", "document"),
    ],
)
def test_the_address_of_an_example_shows_the_kind(value: str, media: str) -> None:
    assert certain("input", "", "", value) == {"media": media}


def test_an_example_of_another_kind_is_a_doubt() -> None:
    [(_, fact)] = media_facts(MediaText("image", "", "uri", ("https://acme.example/fox.mp4",)))
    assert (fact.value, fact.readings) == (ABSENT, ("image", "video"))


def test_openapi_documents_are_read_at_every_depth() -> None:
    document = """
    openapi: 3.1.0
    paths:
      /v1/fox:
        post:
          requestBody:
            content:
              application/json:
                schema:
                  properties:
                    image: { type: string, description: URL or base64 }
                    image_urls: { type: array, items: { type: string, format: uri } }
                    scenes: { type: array, items: { properties: { film: { type: [string, "null"], format: uri } } } }
                    audio: { type: string, enum: [none, music] }
                    start:
                      description: URL or data URI of an image, or a list of frames
                      anyOf:
                        - { type: string }
                        - { type: array, items: { type: object, properties: { uri: { type: string, description: URL of a film } } } }
          responses: { "200": { content: { image/png: {} } } }
    """
    source = PageText("openapi.yaml", document)
    [page], _ = read_operations(source, open_document(source), ApiPaths())
    found = {
        "/".join(map(str, pointer[1:-1])): fact.value
        for pointer, fact in page.facts.values.items()
        if pointer[-1] == "media"
    }
    assert found == {"image": "image", "image_urls/items": "image", "scenes/items/properties/film": "video"}
    assert page.facts.values["parameters", "start", "anyOf"].value == [
        {"type": "string", "media": "image", "forms": ["url", "data_uri"]},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "uri": {
                        "type": "string",
                        "description": "URL of a film",
                        "media": "video",
                        "forms": ["url"],
                    }
                },
            },
        },
    ]


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("jpeg, png, gif, or webp", ["image/jpeg", "image/png", "image/gif", "image/webp"]),
        ("`.jpeg`, `.png` and `.webp`", ["image/jpeg", "image/png", "image/webp"]),
        ("(png/jpg/webp)", ["image/png", "image/jpeg", "image/webp"]),
        ("JPG|PNG", ["image/jpeg", "image/png"]),
    ],
)
def test_every_type_of_a_list_is_read(said: str, types: list[str]) -> None:
    found = dict(media_facts(MediaText("image", f"Image as URL, {said}", "uri")))
    assert found["media_types"].value == types
