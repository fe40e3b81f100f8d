"""Specs as one JSON file: the same bytes for the same specs, and clear errors for invalid files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from speccast.errors import SpeccastError
from speccast.specs import bundle, compose
from speccast.specs.bundle import Bundle, bundle_text, read_bundle

if TYPE_CHECKING:
    from pathlib import Path

API = {
    "speccast": 1,
    "title": "Studio",
    "base_url": "https://studio.example",
    "package": "studio",
    "distribution": "studio",
    "command": "studio",
    "client": "Studio",
    "version": "1.0.0",
    "sync": {"path": "/{slug}"},
    "id": "studio",
}


def model(slug: str, **more: Any) -> dict[str, Any]:
    spec = {"speccast": 1, "slug": slug, "title": "T", "surfaces": ["sync"], "returns": ["image/png"]}
    return {**spec, "parameters": {"z": {"type": "string"}, "a": {"type": "number", "maximum": 0.1}}, **more}


def nested(levels: int) -> dict[str, Any]:
    """Return a parameter with objects in objects, two levels of JSON each."""
    parameter: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        parameter = {"type": "object", "properties": {"p": parameter}}
    return parameter


def written(path: Path, text: str) -> Path:
    file = path / "_specs.json"
    file.write_bytes(text.encode())
    return file


def test_bundles_round_trip(tmp_path: Path) -> None:
    text = bundle_text(API, [model("b"), model("a")])
    read = read_bundle(written(tmp_path, text))
    assert read == Bundle(API, {"a": model("a"), "b": model("b")})
    assert bundle_text(read.api, read.models.values()) == text


def test_models_are_sorted_and_members_keep_the_order_of_the_spec() -> None:
    content = json.loads(bundle_text(API, [model("b"), model("a-1"), model("a")]))
    assert list(content) == ["speccast", "api", "models"]
    assert next(iter(content["api"])) == "id"
    assert [spec["slug"] for spec in content["models"]] == ["a", "a-1", "b"]
    assert list(content["models"][0]["parameters"]) == ["z", "a"]


def test_the_order_in_which_models_come_does_not_matter() -> None:
    assert bundle_text(API, [model("b"), model("a")]) == bundle_text(API, [model("a"), model("b")])


def test_a_model_more_adds_lines_and_changes_none() -> None:
    before = bundle_text(API, [model("a"), model("c")]).splitlines()
    after = iter(bundle_text(API, [model("a"), model("b"), model("c")]).splitlines())
    assert all(line in after for line in before)


def test_readable_text_is_unchanged_and_invisible_text_is_escaped(tmp_path: Path) -> None:
    title = "schöne 图 🦊 \u202e\u200b\x85\u2028\ud800\ufff9\U000e0041 \x1b"
    text = bundle_text(API, [model("a", title=title)])
    assert "schöne 图 🦊" in text
    assert r"\u202e\u200b\u0085\u2028\ud800\ufff9\udb40\udc41 \u001b" in text
    assert read_bundle(written(tmp_path, text)).models["a"]["title"] == title


def test_the_text_ends_with_one_line_break() -> None:
    text = bundle_text(API, [])
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


def test_numbers_are_unchanged() -> None:
    default = [1, 1.0, 1e-7, 9007199254740993, -0.5]
    text = bundle_text(API, [model("a", example={"n": default})])
    assert [repr(n) for n in json.loads(text)["models"][0]["example"]["n"]] == [repr(n) for n in default]


BROKEN: list[tuple[bytes | str, str]] = [
    (b"", "is not JSON"),
    (b"{", "is not JSON"),
    (b"\xff", "is not JSON"),
    (b"[1]", "is not a bundle"),
    (b'{"name": "left-pad", "version": "1.3.0"}', "is not a bundle"),
    (b'{"speccast": 2, "api": {}, "models": []}', "has version 2 of the spec format"),
    (b'{"speccast": true, "api": {}, "models": []}', "has version True"),
    (b'{"speccast": 1, "api": [], "models": []}', "api is not an object"),
    (b'{"speccast": 1, "api": {"title": "x"}, "models": []}', "api is not an object with an id"),
    (b"[" * 100_000, "nested too deeply"),
    (bundle_text(API, [model("a", parameters={"p": nested(31)})]), "nested too deeply"),
    (bundle_text({"id": "x"}, []), 'api: violates `required`: "speccast"'),
    (bundle_text(API, []).replace("[]", "{}"), "models is not a list"),
    (bundle_text(API, [model("a"), model("a")]), "has two models with the slug a"),
    (bundle_text(API, [model("a", surfaces="sync")]), r"models\[0\].surfaces: violates `type`: \"array\""),
    (bundle_text(API, [model("a", parameters={"p": {"type": "text"}})]), r"models\[0\].parameters.p.type"),
    (bundle_text(API, [model("a", example={"n": 1})]).replace('"n": 1', '"n": NaN'), "NaN is not a number"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_other_files_are_refused_with_their_name_and_the_reason(
    tmp_path: Path, content: bytes | str, message: str
) -> None:
    file = tmp_path / "_specs.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpeccastError, match=message) as caught:
        read_bundle(file)
    assert str(caught.value).startswith(str(file))


def test_a_message_does_not_repeat_a_whole_file(tmp_path: Path) -> None:
    file = written(tmp_path, bundle_text(API, [model("a", surfaces="x" * 10_000)]))
    with pytest.raises(SpeccastError) as caught:
        read_bundle(file)
    assert len(str(caught.value)) < 1000


def test_a_bundle_may_be_as_deep_as_the_specs_in_it(tmp_path: Path) -> None:
    assert bundle.MAX_DEPTH == compose.MAX_DEPTH + 2
    read_bundle(written(tmp_path, bundle_text(API, [model("a", parameters={"p": nested(30)})])))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 1000)
    with pytest.raises(SpeccastError, match="larger than 1000 bytes"):
        read_bundle(written(tmp_path, bundle_text(API, [model("a", title="x" * 1000)])))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpeccastError, match=r"nowhere\.json: cannot be read: No such file"):
        read_bundle(tmp_path / "nowhere.json")


def test_a_folder_is_not_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(SpeccastError, match="cannot be read"):
        read_bundle(tmp_path)
