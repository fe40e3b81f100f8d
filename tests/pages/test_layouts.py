"""What single pages of each layout are read as: cases from real pages, with other words."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.pages.apis import ApiPaths
from speccast.pages.facts import ABSENT, Fact, Facts
from speccast.pages.reader import read_page
from speccast.pages.text import PageText

PATHS = ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
SAMPLE = 'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {sample}\n'
HEADED = (
    SAMPLE
    + "API Endpoint\nhttps://api.acme.example/v1/fox{gap}Parameters\n{parameters}Response Type\nReturns: Image\nRequest timed out"
)
OLDER = (
    'POST\n1 2 3 url = "https://api.acme.example/v1/fox" data = {sample}\nRESPONSE\nimage/png\n\nAttributes\n\n\n{parameters}'
    "To keep track of your credit usage, to avoid any disruptions in your API usage."
)


def headed(parameters: str, sample: str = "{}", gap: str = "\n") -> Facts:
    text = HEADED.replace("{sample}", sample).replace("{parameters}", parameters).replace("{gap}", gap)
    return read_page(PageText("page.txt", text), PATHS).facts


def older(parameters: str, sample: str = "{}") -> Facts:
    text = OLDER.replace("{sample}", sample).replace("{parameters}", parameters)
    return read_page(PageText("page.txt", text), PATHS).facts


def fact(facts: Facts, *pointer: str) -> Fact:
    return facts.values[("parameters", *pointer)]


def certain(facts: Facts, *pointer: str) -> Any:
    found = fact(facts, *pointer)
    assert found.is_certain, found
    return found.value


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
    "call",
    [
        'requests.post("https://api.acme.example/v1/fox", headers={"x": 1}, json={"seed": 7})',
        'client.post("/v1/fox", json={"seed": 7}, timeout=60)',
        'print("seed", end="")\njson = {"seed": 7}',
        'os.environ.get("KEY", default="x")\njson = {"seed": 7}',
        'acme.run("fox", seed=7)',
        'axios.post("https://api.acme.example/v1/fox", {"seed": 7}, {headers: {"x": "y"}})',
        'payload = json.dumps({"seed": 7})',
    ],
)
def test_only_calls_with_the_name_of_the_model_send_their_arguments(call: str) -> None:
    text = f'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\n{call}\n'
    facts = read_page(PageText("page.txt", text), PATHS).facts.values
    assert {pointer[1]: each.value for pointer, each in facts.items() if pointer[0] == "example"} == {
        "seed": 7
    }


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


def test_default_of_a_boolean_is_no_part_of_the_next_name() -> None:
    printed = "timestampsoptionalbooleanTimes\ntruetranslateoptionalbooleanTranslate\nfalsevad_onsetoptionalnumberOnset\n"
    facts = headed(printed + "0.5", '{"seed": 1}', gap="")
    assert certain(facts, "timestamps", "default") is True
    assert certain(facts, "translate", "default") is False
    assert certain(facts, "vad_onset", "type") == "number"
    known = headed(printed + "0.5", '{"truetranslate": true}', gap="")
    assert certain(known, "truetranslate", "type") == "boolean"


def test_limits_with_commas_between_thousands() -> None:
    facts = headed(
        "areaoptional\ninteger\n\nArea\n\nDefault: 0Range: 0 - 1,000,000\nmostoptional\ninteger\nDefault: 100Max: 1,000\n"
    )
    assert certain(facts, "area", "maximum") == 1_000_000
    assert certain(facts, "most", "maximum") == 1000
    assert certain(facts, "most", "default") == 100
    damaged = headed("mostoptional\ninteger\nDefault: 100Max: ten\nseedoptional\ninteger\n")
    assert not fact(damaged, "most", "description").is_certain


def test_more_digits_than_a_number_has_are_no_default() -> None:
    digits = "112161248326448809611212814416017619220821622424025617"
    facts = headed(f"sizeoptionalintegerSize\n{digits}widthoptionalstringWidth\n", '{"size": 112}', gap="")
    assert not fact(facts, "size", "default").is_certain


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


@pytest.mark.parametrize(
    "sample",
    [
        '{"a": 1, "b": [true, null], "c": "x, {y}"}',
        "{'a': 1, 'b': [True, None], 'c': 'x, {y}',}",
        '{ a: 1, // first\n "b": [true, null], c: "x, {y}" }',
    ],
)
def test_samples_of_several_languages(sample: str) -> None:
    facts = headed("", sample)
    assert {pointer[1]: each.value for pointer, each in facts.values.items() if pointer[0] == "example"} == {
        "a": 1,
        "b": [True, None],
        "c": "x, {y}",
    }


@pytest.mark.parametrize(
    ("sample", "example", "doubtful"),
    [
        ("curl -d '{\"a\": \"it'\\''s\", \"n\": 1}'", {"a": "it's", "n": 1}, set()),
        (
            'curl --data "{\\"a\\": \\"say \\\\\\"hi\\\\\\"\\\\nto it\\", \\"n\\": [1, \\"x\\"]}"',
            {"a": 'say "hi"\nto it', "n": [1, "x"]},
            set(),
        ),
        ("const data = { a: `b`, 'top-k': 5 /* , c: 1 */, class: true };", {"a": "b", "top-k": 5, "class": True}, set()),
        ("const data = { a: () => 3, b, new: 'x', c: fs.read('a').toString('b64') };", {"a": None, "b": None, "new": "x", "c": None}, {"a", "b", "c"}),
        ('data = {\n "a": to_b64("https://b.example/c.png"),  # don\'t\n "n": 1,\n}', {"a": "https://b.example/c.png", "n": 1}, {"a"}),
        ('const data = { "a": "b // c", "image": "toB64(\'https://b.example/c.png\')", "n": [1, 2, ], };', {"a": "b // c", "image": "https://b.example/c.png", "n": [1, 2]}, {"image"}),
        ('const data = { a: `b ${c} d`, n: 1 };', {"a": None, "n": 1}, {"a"}),
    ],
)  # fmt: skip
def test_samples_that_are_no_json(sample: str, example: dict[str, Any], doubtful: set[str]) -> None:
    facts = read_page(PageText("page.txt", HEADED.replace("data = {sample}", sample)), PATHS).facts
    found = {str(pointer[1]): each for pointer, each in facts.values.items() if pointer[0] == "example"}
    assert {name: each.value for name, each in found.items()} == example
    assert {name for name, each in found.items() if not each.is_certain} == doubtful


def test_member_of_a_sample_is_no_sample() -> None:
    facts = headed("", '{"input": {"a": 1}, "data": {"b": 2}}')
    assert facts.values["example", "input"].is_certain
    assert facts.values["example", "data"].value == {"b": 2}


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


def test_order_of_the_page_settles_a_name_that_touches() -> None:
    facts = headed("aoptionalstringA\nnullboptionalstringB\ncoptionalstringC\n", gap="")
    assert certain(facts, "a", "default") is None
    assert certain(facts, "b", "description") == "B"
    facts = headed("aoptionalstringA\nnullboptionalstringB\nzoptionalstringZ\n", gap="")
    assert "the name is not certain; it can also be nullb" in fact(facts, "b", "type").reason


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


def test_address_in_the_first_line_is_no_title() -> None:
    text = OLDER.replace("POST\n1 2 3 url", "POST/v1/fox\n1const a = 1;\n2\n3url").replace(
        "{sample}", '{"seed": 1}'
    )
    facts = read_page(
        PageText("page.txt", text.replace("{parameters}", "seedint\n\nSeed\n\n\n")), PATHS
    ).facts
    assert facts.values["title",].reason == "the page has no title; this is the slug"


def test_code_on_the_line_of_the_text_before_it_ends_that_text() -> None:
    for head, found in {
        "Fox\nDraws foxes.": (None, None),
        "Fox\nDraws foxes.\n~$0.03": (None, "~$0.03"),
        "Fox\nDraws foxes.\n$0.04 per generation\n~14.2s": ("~14.2s", "$0.04 per generation"),
    }.items():
        text = f'{head} 1import requests\n 2\n 3url = "https://api.acme.example/v1/fox"\n 4data = {{"seed": 7}}\n'
        values = read_page(PageText("page.txt", text), PATHS).facts.values
        assert values["description",].value == "Draws foxes."
        shown = tuple(None if (key,) not in values else values[key,].value for key in ("latency", "price"))
        assert shown == found


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


def test_comments_of_code_without_line_ends_hide_no_members() -> None:
    sample = '{ "image": read("https://acme.example/a.png"), # Or use load("PATH") "seed": 7, # not this "mode": "a", "b": 1 }'
    example = {
        pointer[1]: found
        for pointer, found in older("seedint\n\nSeed\n\n\n", sample).values.items()
        if pointer[0] == "example"
    }
    assert {name: each.value for name, each in example.items()} == {
        "image": "https://acme.example/a.png",
        "seed": 7,
        "mode": "a",
        "b": 1,
    }
    assert {name for name, each in example.items() if each.is_certain} == {"seed", "b"}


@pytest.mark.parametrize("line_end", [" ", "\n"])
def test_members_that_are_assigned_one_by_one(line_end: str) -> None:
    statements = [
        "{}",
        "files = {}",
        "data['seed'] = 42",
        'data["prompt"] = "a \'red\' fox"',
        "# files['image'] = open('PATH', 'rb')",
        "# data['image'] = 'ADDRESS'",
        "data['tags'] = [\"a\", 'b']",
        "data['scale'] = 0.5 * 2",
        "data['file'] = load('https://acme.example/a.png')",
        "data['on'] = True",
        "send(data)",
    ]
    facts = older("seedint\n\nSeed\n\n\n", line_end.join(statements)).values
    example = {pointer[1]: found for pointer, found in facts.items() if pointer[0] == "example"}
    assert {name: each.value for name, each in example.items() if each.is_certain} == {
        "seed": 42,
        "prompt": "a 'red' fox",
        "tags": ["a", "b"],
        "on": True,
    }
    assert {name: each.value for name, each in example.items() if not each.is_certain} == {
        "scale": None,
        "file": "https://acme.example/a.png",
    }


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
