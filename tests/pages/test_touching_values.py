"""Pages on which values and names touch: what is certain, and what has several readings."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.pages.facts import ABSENT
from speccast.pages.reader import read_page
from speccast.pages.text import PageText
from tests.pages.single_pages import HEADED, PATHS, certain, fact, headed


@pytest.mark.parametrize(
    ("printed", "default", "enum"),
    [
        ('"b""a""b""c"', "b", ["a", "b", "c"]),
        ('"z""a""b""c""d""e""f""g""h""i""j"+7 more', "z", list("abcdefghij")),
        ('"a""b""c""d""e""f""g""h""i""j"+7 more', ABSENT, list("abcdefghij")),
        ('"pro"Standard"std"Pro"pro"', "pro", ["std", "pro"]),
        ('"a, \\"b\\""', 'a, "b"', ABSENT),
    ],
)
def test_default_and_values_without_labels(printed: str, default: Any, enum: Any) -> None:
    facts = headed(f"modeoptionalstringMode\n{printed}", gap="")
    for key, value in (("default", default), ("enum", enum)):
        found = facts.values.get(("parameters", "mode", key))
        assert (ABSENT if found is None else found.value) == value
        assert found is None or found.is_certain


@pytest.mark.parametrize(
    "printed",
    ['"a""b"', '"a""b""c"+7 more', '"a""a""b""c""d""e""f""g""h""i"+7 more'],
)
def test_list_that_contradicts_the_regularities_is_doubtful(printed: str) -> None:
    facts = headed(f"modeoptionalstringMode\n{printed}", gap="")
    assert not fact(facts, "mode", "enum").is_certain


def test_total_must_be_what_is_shown_and_hidden() -> None:
    shown = "".join(f'"{letter}"' for letter in "abcdefghij")
    values = "modeoptional\nstring\n\nMode\n\nAllowed values ({total} total):\n" + shown + "+3 more\n"
    assert certain(headed(values.replace("{total}", "13")), "mode", "hidden_values") == 3
    assert not fact(headed(values.replace("{total}", "14")), "mode", "hidden_values").is_certain


@pytest.mark.parametrize(
    ("digits", "default", "readings"),
    [
        ("248", "4", [[2, 4, 8]]),
        ("5127681024", "512", [[512, 768, 1024], [512, 7681024]]),
        ("1425", "14", [[14, 25]]),
    ],
)
def test_integers_that_touch_are_readings(digits: str, default: str, readings: list[list[int]]) -> None:
    facts = headed(f"sizeoptional\ninteger\n\nSize\n\nDefault: {default}\nAllowed values :\n{digits}\n")
    found = fact(facts, "size", "enum")
    assert not found.is_certain
    assert [found.value, *found.readings][: len(readings)] == readings


@pytest.mark.parametrize(
    ("kind", "printed", "value"),
    [
        ("number", "Default: 1\nAllowed values :\n0.511.52", [0.5, 1, 1.5, 2]),
        ("number", "Default: 1\nAllowed values :\n0.51", [0.5, 1]),
        ("integer", "Default: 0\nAllowed values :\n-101", [-1, 0, 1]),
        ("integer", "Default: 5\nAllowed values :\n5 seconds5\n10 seconds10", [5, 10]),
    ],
)
def test_numbers_that_touch_are_never_certain(kind: str, printed: str, value: list[float]) -> None:
    facts = headed(f"sizeoptional\n{kind}\n\nSize\n\n{printed}\n")
    assert fact(facts, "size", "enum").value == value
    assert not fact(facts, "size", "enum").is_certain
    assert certain(facts, "size", "description") == "Size"


@pytest.mark.parametrize(
    ("kind", "printed", "sample", "default", "enum"),
    [
        ("number", "10.511.52", "1", 1, [0.5, 1, 1.5, 2]),
        ("integer", "0-101", "0", 0, [-1, 0, 1]),
        ("number", "1.52.5", "1.5", ABSENT, [1.5, 2.5]),
        ("integer", "510", "5", ABSENT, [5, 10]),
        ("integer", "44", "4", 4, [4]),
    ],
)
def test_default_and_numbers_that_touch_are_readings(
    kind: str, printed: str, sample: str, default: Any, enum: list[float]
) -> None:
    for following in ("", "widthoptionalstringWidth\n"):
        values = f"sizeoptional{kind}Size\n{printed}{following}"
        facts = headed(values, f'{{"size": {sample}, "width": ""}}', gap="")
        for key, value in (("default", default), ("enum", enum)):
            found = fact(facts, "size", key)
            assert not found.is_certain
            assert value in (found.value, *found.readings)
        assert certain(facts, "size", "description") == "Size"


@pytest.mark.parametrize(
    ("printed", "default", "first"),
    [("112163248648096112128144160+7 more", 112, 16), ("1024051264070476889696010241152+3 more", ABSENT, 10)],
)
def test_shortened_list_of_numbers_that_touch_has_ten(printed: str, default: Any, first: int) -> None:
    facts = headed(f"sizeoptionalintegerSize\n{printed}widthoptionalstringWidth\n", '{"size": 112}', gap="")
    enum = fact(facts, "size", "enum")
    assert not enum.is_certain
    assert all(len(each) == 10 for each in (enum.value, *enum.readings))
    if default is not ABSENT:
        assert (fact(facts, "size", "default").value, enum.value[0]) == (default, first)
    assert certain(facts, "size", "hidden_values") in (7, 3)


def test_default_of_a_boolean_is_not_part_of_the_next_name() -> None:
    printed = "timestampsoptionalbooleanTimes\ntruetranslateoptionalbooleanTranslate\nfalsevad_onsetoptionalnumberOnset\n"
    facts = headed(printed + "0.5", '{"seed": 1}', gap="")
    assert certain(facts, "timestamps", "default") is True
    assert certain(facts, "translate", "default") is False
    assert certain(facts, "vad_onset", "type") == "number"
    known = headed(printed + "0.5", '{"truetranslate": true}', gap="")
    assert certain(known, "truetranslate", "type") == "boolean"


def test_more_digits_than_a_number_has_are_not_a_default() -> None:
    digits = "112161248326448809611212814416017619220821622424025617"
    facts = headed(f"sizeoptionalintegerSize\n{digits}widthoptionalstringWidth\n", '{"size": 112}', gap="")
    assert not fact(facts, "size", "default").is_certain


def test_another_capture_decides_what_touches() -> None:
    labelled = "sizeoptional\ninteger\n\nSize\n\nDefault: 512\nAllowed values :\n5127681024\n"
    itemized = "API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\nsize\noptionalinteger\nSize\n512\n512\n768\n1024\n"
    text = HEADED.replace("{sample}", "{}").replace("{gap}", "\n").replace("{parameters}", labelled)
    facts = read_page(PageText("page.txt", f"{text}\n--- piece ---\n{itemized}"), PATHS).facts
    assert fact(facts, "size", "enum").value == [512, 768, 1024]


def test_captures_that_disagree_are_doubtful() -> None:
    pages = [
        HEADED.replace("{sample}", "{}")
        .replace("{gap}", "")
        .replace("{parameters}", f"seedoptionalintegerSeed\n{value}")
        for value in (1, 2)
    ]
    facts = read_page(PageText("page.txt", "\n--- piece ---\n".join(pages)), PATHS).facts
    found = fact(facts, "seed", "default")
    assert (found.value, found.readings, found.reason) == (1, (2,), "captures of the page disagree")


def test_names_in_the_sample_decide_where_values_end() -> None:
    facts = headed("aoptionalintegerA\n13d_scaleoptionalnumberB\n0.5", '{"3d_scale": 0.5}', gap="")
    assert certain(facts, "a", "default") == 1
    assert certain(facts, "3d_scale", "default") == 0.5


def test_order_decides_where_a_value_ends_unless_there_are_members() -> None:
    parameters = "gammaoptionalbooleanAs text\nfalseheightoptionalintegerHow many\n"
    assert certain(headed(parameters, gap=""), "height", "type") == "integer"
    other_group = headed(parameters.replace("gammaoptional", "gammarequired"), gap="")
    assert not fact(other_group, "height", "type").is_certain
    nested = headed("aoptionalobject[]All\n" + parameters, gap="")
    assert not any(each.is_certain for pointer, each in nested.values.items() if "height" in pointer)


def test_order_of_the_page_settles_a_name_that_touches() -> None:
    facts = headed("aoptionalstringA\nnullboptionalstringB\ncoptionalstringC\n", gap="")
    assert certain(facts, "a", "default") is None
    assert certain(facts, "b", "description") == "B"
    facts = headed("aoptionalstringA\nnullboptionalstringB\nzoptionalstringZ\n", gap="")
    assert "the name is not certain; it can also be nullb" in fact(facts, "b", "type").reason
