"""What single pages of each layout are read as: cases from real pages, with other words."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.pages.facts import ABSENT
from speccast.pages.reader import read_page
from speccast.pages.text import PageText
from tests.pages.single_pages import HEADED, OLDER, PATHS, SAMPLE, certain, fact, headed, older


def test_rows_of_a_table_are_members_by_their_names() -> None:
    table = """
| Name | Type | Required | Description |
|---|---|---|---|
| style | object | no | Style |
| style.name | string | yes | Name |
| style.stops | object[] | no | Stops |
| style.stops[].at | number | no | Place |
| messages | array | yes | Messages |
| messages[].role | string | yes | Role |
| camera | object | no | Camera |
| zoom | number | no | Zoom |
| seed | integer | no | Seed |
"""
    sample = '{"style": {"name": "ink"}, "camera": {"zoom": 1}}'
    text = SAMPLE.replace("{sample}", sample) + table + "\nReturns: image/png\n"
    facts = read_page(PageText("page.txt", text), PATHS).facts
    assert certain(facts, "style", "properties", "name", "required") is True
    assert certain(facts, "style", "properties", "stops", "items", "properties", "at", "type") == "number"
    assert certain(facts, "messages", "items", "properties", "role", "type") == "string"
    assert certain(facts, "messages", "items", "type") == "object"
    assert certain(facts, "seed", "type") == "integer"
    assert fact(facts, "zoom", "type").readings == (ABSENT,)
    assert fact(facts, "camera", "properties", "zoom", "type").readings == ("number",)
    assert facts.values["returns",].is_certain


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("image/png", ["image/png"]),
        ("image/png or image/jpeg", ["image/png", "image/jpeg"]),
        ("Text/JSON", None),
        ("text/json", None),
        ("Image", None),
        ("image/png, JSON", None),
    ],
)
def test_only_media_types_are_certain_to_be_returned(said: str, types: list[str] | None) -> None:
    text = (
        HEADED.replace("Returns: Image", f"Returns: {said}").replace("{sample}", "{}").replace("{gap}", "\n")
    )
    text = text.replace("{parameters}", "seedoptional\ninteger\n")
    returns = read_page(PageText("page.txt", text), PATHS).facts.values["returns",]
    assert returns.is_certain == (types is not None)
    assert types in (None, returns.value)


def test_object_whose_shown_members_are_not_documented_has_none() -> None:
    printed = (
        'messagesrequired\narray\n\nMessages\n\nmodeoptional\nobject\n\nMode\n\nDefault: {"type":"text"}\n'
        "seedoptional\ninteger\n\nSeed\n\n"
    )
    facts = headed(printed, '{"messages": [{"role": "user", "content": "hi"}]}')
    for name in ("messages", "mode", "seed"):
        assert fact(facts, name, "type").is_certain
    assert ("parameters", "messages", "items", "type") not in facts.values


def test_limits_with_commas_between_thousands() -> None:
    facts = headed(
        "areaoptional\ninteger\n\nArea\n\nDefault: 0Range: 0 - 1,000,000\nmostoptional\ninteger\nDefault: 100Max: 1,000\n"
    )
    assert certain(facts, "area", "maximum") == 1_000_000
    assert certain(facts, "most", "maximum") == 1000
    assert certain(facts, "most", "default") == 100
    damaged = headed("mostoptional\ninteger\nDefault: 100Max: ten\nseedoptional\ninteger\n")
    assert not fact(damaged, "most", "description").is_certain


def test_members_behind_an_object_in_an_object_are_doubtful() -> None:
    members = "modeoptional\nstring\nconfigoptional\nobject\nzoomoptional\nnumber\nangleoptional\nnumber\n"
    printed = f"cameraoptional\nobject\n\nCamera\n\nObject properties:\n{members}widthoptional\ninteger\n"
    sent = '{"camera": {"mode": "a", "config": {"zoom": 1}, "angle": 2}, "width": 1}'
    facts = headed(printed, sent)
    camera = ("camera", "properties")
    assert certain(facts, *camera, "mode", "type") == "string"
    assert certain(facts, *camera, "angle", "type") == "number"
    zoom = fact(facts, *camera, "config", "properties", "zoom", "type")
    assert (zoom.value, zoom.readings) == ("number", (ABSENT,))
    assert fact(facts, *camera, "zoom", "type").readings == ("number",)
    assert certain(facts, "width", "type") == "integer"


def test_null_before_values_is_a_value() -> None:
    facts = headed('modeoptionalstringMode\nnull"a""b"', gap="")
    assert certain(facts, "mode", "type") == ["string", "null"]
    assert certain(facts, "mode", "enum") == ["a", "b", None]
    assert fact(facts, "mode", "default").readings == (ABSENT,)


def test_captions_can_begin_with_digits() -> None:
    facts = headed('resoptional\nstring\n\nSize\n\nAllowed values :\n480p (fast)"480p"\n720p"720p"\n')
    assert certain(facts, "res", "enum") == ["480p", "720p"]


def test_values_without_a_description_can_be_the_description() -> None:
    facts = headed(
        "noptional\ninteger\n\nDefault: 1Range: 1 - 4\n\nsizeoptional\nstring\n\nSize\n\nDefault: ?\n"
    )
    for key, value in (("default", 1), ("minimum", 1), ("maximum", 4)):
        assert (fact(facts, "n", key).value, fact(facts, "n", key).readings) == (value, (ABSENT,))
    assert fact(facts, "n", "description").readings == ("Default: 1Range: 1 - 4",)
    assert certain(facts, "size", "description") == "Size"
    assert "its values cannot be read" in fact(facts, "size", "type").reason


def test_unknown_labels_and_headers_are_doubts() -> None:
    facts = headed(
        "aoptionaldeprecated\nstring\n\nOld\n\nboptional\nstring\n\nB\n\nDefault: 1Unit: 1\ncoptional\nstring\n\nC\n"
    )
    assert certain(facts, "b", "description") == "B"
    reason = fact(facts, "b", "type").reason
    assert "the text before it may contain another parameter" in reason
    assert "its values cannot be read" in reason


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ('"a red fox in snow"', "examples"),
        ('"https://acme.example/a.png"', "examples"),
        ('["a", "b"]', "examples"),
    ],
)
def test_content_after_a_required_parameter_is_its_example(value: str, key: str) -> None:
    kind = "string[]" if value.startswith("[") else "string"
    facts = headed(f"promptrequired{kind}Text\n{value}", gap="")
    assert fact(facts, "prompt", key).is_certain
    assert ("parameters", "prompt", "default") not in facts.values


def test_one_word_after_a_required_parameter_can_be_both() -> None:
    facts = headed('voicerequiredstringVoice\n"Kore"', gap="")
    assert fact(facts, "voice", "examples").value == ["Kore"]
    assert fact(facts, "voice", "default").readings == ("Kore",)
    assert not fact(facts, "voice", "examples").is_certain


def test_members_interrupt_the_order() -> None:
    parameters = (
        "messagesrequired\nobject[]\n\nAll\n\nArray items:\nrolerequired\nstring\n\nWho\n\ncontentrequired\narray\n\nWhat\n\n"
        "systemoptional\nstring\n\nHow\n"
    )
    facts = headed(parameters, '{"system": "x", "messages": [{"role": "user", "content": []}]}')
    assert certain(facts, "messages", "items", "properties", "role", "description") == "Who"
    assert certain(facts, "messages", "items", "properties", "content", "required") is True
    assert certain(facts, "system", "type") == "string"
    unknown = headed(parameters)
    assert not fact(unknown, "system", "type").is_certain


@pytest.mark.parametrize(
    ("description", "limits"),
    [
        (
            "Width can be between 512 and 2048 in multiples of 8",
            {"minimum": 512, "maximum": 2048, "multipleOf": 8},
        ),
        ("Between 1 and 4", {"minimum": 1, "maximum": 4}),
        ("Recommended between 0.2 and 0.5 for best results", {}),
        ("Strength (0.0-2.0). Use 0.2-0.5 for narration", {}),
        ("Blends between 1 and 2 images", {}),
    ],
)
def test_limits_in_words_are_certain_only_if_they_are_limits(
    description: str, limits: dict[str, int]
) -> None:
    facts = headed(f"sizeoptionalnumber{description}\n", gap="").values
    found = {
        str(pointer[2]): each.value
        for pointer, each in facts.items()
        if pointer[:2] == ("parameters", "size")
        and each.is_certain
        and pointer[2] not in ("type", "description")
    }
    assert found == limits


def test_longest_text_in_words() -> None:
    assert (
        certain(headed("textoptionalstringText, max 1,400 characters\n", gap=""), "text", "maxLength") == 1400
    )


def test_older_page() -> None:
    facts = older(
        "imageimage *\n\nInput\n\n\npromptstr ( default: a (red) fox )\n\nChecklist\n\n\ncountint ( default: 2 ) Affects Pricing\n\n"
        "How many\n\nmin : 1,\n\nmax : 4\n\n\nloraurlstr ( default: 1 )\n\nAddress\n\n\nsafebool ( default: True )\n\n\n"
        "styleenum:str ( default: 3D )\n\nStyle\n\nAllowed values:\n\n\n"
    )
    assert certain(facts, "image", "required") is True
    assert certain(facts, "prompt", "default") == "a (red) fox"
    assert certain(facts, "prompt", "description") == "Checklist"
    assert [certain(facts, "count", key) for key in ("type", "default", "minimum", "maximum")] == [
        "integer",
        2,
        1,
        4,
    ]
    assert fact(facts, "loraurl", "default").reason == 'the page prints "default: 1" for a str'
    assert certain(facts, "safe", "default") is True
    assert certain(facts, "style", "default") == "3D"
    assert fact(facts, "style", "enum").reason == "the page lists values, which are lost"


@pytest.mark.parametrize("gap", ["", "\n"])
def test_limits_with_separate_labels(gap: str) -> None:
    parameters = (
        "namesoptionalstring[]Names\nMin items: 1Max items: 4promptoptionalstringText\nMin length: 1Max length: 400 characters"
        "seedoptionalintegerSeed\nDefault: 1Minimum: 0Maximum: 64Step: 8sizeoptionalnumberSize\n0.5Range: \u2265 0.1"
        "titleoptionalstringTitle\nLength: 3 - 40"
    )
    facts = headed(parameters, gap=gap)
    expected: dict[str, dict[str, Any]] = {
        "names": {"minItems": 1, "maxItems": 4},
        "prompt": {"minLength": 1, "maxLength": 400},
        "seed": {"default": 1, "minimum": 0, "maximum": 64, "multipleOf": 8},
        "size": {"default": 0.5, "minimum": 0.1},
        "title": {"minLength": 3, "maxLength": 40},
    }
    for name, limits in expected.items():
        assert {key: certain(facts, name, key) for key in limits} == limits


def test_limits_of_another_type_are_doubtful() -> None:
    facts = headed("aoptionalstringA\nMin: 1boptionalintegerB\nMax length: 4", gap="")
    assert "a string has no such limit" in fact(facts, "a", "minimum").reason
    assert "a integer has no such limit" in fact(facts, "b", "maxLength").reason


def test_minimum_that_is_printed_twice_is_doubtful() -> None:
    facts = older("stepsint ( default: 4 )\n\nSteps\n\nmin : 4,\n\nmin : 10\n\n\n")
    assert fact(facts, "steps", "minimum").value == 4
    found = fact(facts, "steps", "maximum")
    assert (found.value, found.readings) == (10, (ABSENT,))
    assert "prints min twice" in fact(facts, "steps", "minimum").reason


HEADS = {
    "~1.5s\n~$0.03": ("~1.5s", "~$0.03"),
    "~1m 20s\n$0.5 - $2 per generation": ("~1m 20s", "$0.5 - $2 per generation"),
    "~850 ms\nFrom $0.01 per image": ("~850 ms", "From $0.01 per image"),
    "12s\nstarting at $0.002 / 1K tokens": ("12s", "starting at $0.002 / 1K tokens"),
    "From $5 you can buy foxes.": (None, None),
}


@pytest.mark.parametrize("head", HEADS)
def test_latency_and_price_are_read_as_printed(head: str) -> None:
    text = (
        HEADED.replace("{sample}", "{}")
        .replace("{gap}", "\n")
        .replace("{parameters}", "seedoptional\ninteger\n")
    )
    text = text.replace("Draws.\n", f"Draws.\n{head}\n") + "\n~3s\n$9\n"
    values = read_page(PageText("page.txt", text), PATHS).facts.values
    found = tuple(None if (key,) not in values else values[key,].value for key in ("latency", "price"))
    assert found == HEADS[head]
    assert values["description",].is_certain == (found != (None, None))


def test_address_in_the_first_line_is_not_a_title() -> None:
    text = OLDER.replace("POST\n1 2 3 url", "POST/v1/fox\n1const a = 1;\n2\n3url").replace(
        "{sample}", '{"seed": 1}'
    )
    facts = read_page(
        PageText("page.txt", text.replace("{parameters}", "seedint\n\nSeed\n\n\n")), PATHS
    ).facts
    assert facts.values["title",].reason == "the page has no title; this is the slug"


@pytest.mark.parametrize("footer", ["", "\nFox 1 - A model\n\nAbout this model.\n"])
def test_footer_does_not_make_a_page_a_cut_one(footer: str) -> None:
    text = OLDER.replace("{sample}", "{}").replace("{parameters}", "seedint\n\nSeed\n\n\n") + footer
    assert not read_page(PageText("page.txt", text), PATHS).is_cut
    assert read_page(PageText("page.txt", text[: text.index("any disruptions")]), PATHS).is_cut


def test_slug_of_several_parts_is_doubtful() -> None:
    text = (
        HEADED.replace("{sample}", "{}")
        .replace("{gap}", "\n")
        .replace("{parameters}", "seedoptional\ninteger\n")
    )
    page = read_page(PageText("page.txt", text.replace("/v1/fox", "/v1/models/fox")), PATHS)
    slug = page.facts.values["slug",]
    assert (slug.value, slug.readings) == ("models/fox", ("fox",))
    assert page.facts.values["surfaces",].is_certain
    page = read_page(PageText("page.txt", f"POST /v2/requests/1/cancel\n{text}"), PATHS)
    assert page.facts.values["slug",].is_certain


def test_values_of_older_pages_are_readings() -> None:
    facts = older(
        "modeenum:str ( default: b 2 )\n\nMode\n\nAllowed values:\n\na-1,\nb 2,\n512\n\n\n"
        "sizeenum:int\n\nSize\n\nAllowed values:\n\n512,\n768\n\n\n"
    )
    assert fact(facts, "mode", "enum").value == ["a-1", "b 2", "512"]
    assert fact(facts, "size", "enum").value == [512, 768]
    assert not fact(facts, "size", "enum").is_certain


def test_parameter_that_selects_a_format_adds_what_is_returned() -> None:
    formats = 'output_formatoptionalstringFormat\n"webp""webp""png""gif"'
    returns = headed(formats, gap="").values["returns",]
    assert returns.value == ["image/webp", "image/png", "image/gif"]
    assert ["image/jpeg"] in returns.readings
    assert "`output_format` selects the media type" in returns.reason
    page_type = older(
        "output_formatstr ( default: jpg )\n\nFormat\n\n\n", '{"output_format": "webp"}'
    ).values["returns",]
    assert (page_type.value, page_type.is_certain) == (["image/jpeg", "image/webp", "image/png"], False)
    assert older("formatstr ( default: mp3 )\n\nFormat\n\n\n").values["returns",].is_certain
