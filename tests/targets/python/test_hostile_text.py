"""No text in a spec can become code: every text field of the format is given every kind of hostile text.

Specs that the format or the linter refuses are not rendered; all others must be rendered as the same code with
other constants, other names of parameters, and nothing that a reader of the file would not see. The reference are specs
with harmless texts in the same places. All of it is the real path, from the check to the files, but for two shortcuts: the
YAML reader is passed by, since it would refuse many of these texts, and the volume is looked at before ruff formats it.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruff import find_ruff_bin

from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.specs.build import build_api
from speccast.specs.identifiers import INVISIBLE
from speccast.specs.load import load
from speccast.targets.python.formatter import RULES, format_python
from speccast.targets.rendering import render
from tests.targets.hostile import (
    FORMED,
    FREE,
    HARMLESS,
    NASTY,
    PLACEHOLDERS,
    assert_means_the_same,
    faults,
    plain,
    shape,
    short,
)
from tests.targets.support import (
    KINDS,
    NO_OVERLAY,
    Place,
    as_yaml,
    benign,
    change_everywhere,
    change_text,
    constants,
    drafted,
    objections,
    places,
    text_nodes,
    unseen,
)
from tests.thorough import cases, some

if TYPE_CHECKING:
    from pathlib import Path


def test_every_text_field_of_the_format_is_tried() -> None:
    messages = "api#/properties/errors/items/properties/messages/properties/"
    # The code handles the messages of all occasions in the same way, so one is enough.
    nodes = {node for node in text_nodes("api") | text_nodes("model") if not node.startswith(messages)}
    # The file writes `cancel` as a mapping, whose path has the same meaning, and the answer to an upload as an object.
    nodes -= {
        "api#/properties/async/properties/cancel",
        "api#/properties/upload/properties/answer/properties/body",
    }
    assert {place.node for place in places()} >= nodes | {f"{messages}missing_key"}
    assert {place.kind for place in FREE} == {place.kind for place in FORMED} == set(KINDS)
    assert not objections(benign())


@pytest.mark.parametrize("text", some(6, NASTY, 4), ids=short)
def test_hostile_text_in_all_fields_at_once_gives_the_same_code(text: str) -> None:
    # TOML has no way to write a lone surrogate, which no YAML file can hold anyway.
    api = change_everywhere(text, but=("title",) if "\ud800" <= text <= "\udfff" else ())
    assert not objections(api)
    texts = drafted(build_api(api))
    assert not faults(texts, None)
    assert_means_the_same(api, texts)
    (model,) = (source for path, source in texts.items() if path.endswith("models/everything_named.py"))
    name = INVISIBLE.sub("", text)
    assert {f"{text}Describes a text.{text}", f"{name}prompt{name}", f"{text}bright{text}"} <= constants(
        model
    )


@pytest.mark.parametrize("place", FORMED, ids=short)
def test_hostile_text_in_a_field_with_a_form_is_refused_or_harmless(place: Place) -> None:
    refused = 0
    texts = some(12, NASTY, FORMED.index(place))
    for text in texts:
        api = change_text(place, text)
        if objections(api):
            refused += 1
            continue
        assert not faults(drafted(build_api(api)), place), text
    assert refused > len(texts) / 10  # many are printable ASCII, as in the value of a header


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_in_one_field_gives_the_same_code(kind: str) -> None:
    text = '\'"""\n\\-->\x1b[0m\u202e\u2028# x: {{ y }}|`../\''
    rendered = set()
    for place in some(6, [place for place in places() if place.kind == kind]):
        api = change_text(place, text)
        if not objections(api):
            rendered.add(place)
            texts = drafted(build_api(api))
            assert not faults(texts, place), place.label
            assert_means_the_same(api, texts)
    # The test is effective: prose is accepted with any content.
    assert len(rendered) > cases(4, 20)


@pytest.mark.parametrize("place", [place for place in FREE if place.pointer == ("title",)], ids=short)
def test_values_that_no_filter_supports_are_refused_with_their_position(place: Place) -> None:
    if place.kind == "model":
        assert not faults(drafted(build_api(change_text(place, "\ud800"))), place)
        return
    with pytest.raises(
        SpeccastError, match=r"templates/python/pyproject\.toml\.jinja:\d+: .*api\.yaml: .* TOML"
    ):
        drafted(build_api(change_text(place, "\ud800")))


POLYGLOTS = (
    '\'"""\n\\',
    "\\N{BULLET}{{ x }}{% raw %}",
    "# noqa # type: ignore # fmt: off coding: utf-7",
    "-->\n```\n~~~ <script> | `` [a](b)",
    "\x1b[0m\u202e\u2028\u200b\x00\x7f\x85\ufeff",
    "class = __x__ \ufb01 2\U0001f98a",
)


def test_ruff_leaves_the_same_code_and_nothing_to_find(tmp_path: Path) -> None:
    texts: dict[str, str] = {}
    for index, text in enumerate((*POLYGLOTS, *HARMLESS[:5])):
        api = build_api(change_everywhere(text))
        texts |= {
            f"{index}/{path}": source
            for path, source in drafted(api).items()
            if path.endswith((".py", ".md"))
        }
    formatted = format_python(texts, first_party=("benign_client",))
    for path, source in formatted.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
        number, _, name = path.partition("/")
        assert not unseen(source), path
        if int(number) < len(POLYGLOTS):
            expected = [formatted[f"{len(POLYGLOTS) + other}/{name}"] for other in range(5)]
            assert shape(name, source) in [shape(name, other) for other in expected], path
    options = ["--isolated", "--no-cache", "--target-version=py311", f"--select={','.join(RULES)}"]
    options += ["--config=line-length=110", "--config", 'lint.isort.known-first-party=["benign_client"]']
    ran = subprocess.run(
        [find_ruff_bin(), "check", *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("place", PLACEHOLDERS, ids=short)
def test_hostile_text_instead_of_a_placeholder_is_data(place: Place) -> None:
    needed = {
        ("answers", "submit", "body", "job"),
        ("upload", "body", "content"),
        ("upload", "answer", "body", "links", "get"),
    }
    is_needed = place.pointer in needed or "events" in place.pointer
    for text in some(6, POLYGLOTS, PLACEHOLDERS.index(place)):
        api = change_text(place, text)
        found = objections(api)
        assert bool(found) == is_needed, text
        assert is_needed or not faults(drafted(build_api(api)), place), text


@pytest.mark.parametrize("text", POLYGLOTS, ids=short)
def test_hostile_text_comes_out_of_yaml_files_as_it_went_in(text: str, tmp_path: Path) -> None:
    """The whole way with nothing left out, from YAML files in a folder of a hostile name to formatted files."""
    api = change_everywhere(text)
    folder = tmp_path / "coding: utf-7 # noqa -->"
    folder.mkdir()
    (folder / "api.yaml").write_text(as_yaml(api.api.value), encoding="utf-8")
    (folder / "everything.yaml").write_text(as_yaml(api.models[0].value), encoding="utf-8")
    read = load(folder, shown_from=tmp_path)
    assert not [finding.render() for finding in read.findings if finding.severity is Severity.ERROR]
    files = render(build_api(read.apis[0]), "python", NO_OVERLAY)
    texts = {path: content.decode() for path, content in files.items() if path in plain()}
    assert texts.keys() == plain().keys()
    for path, source in texts.items():
        assert path.endswith(".json") or not unseen(source)
        if path.endswith((".py", ".md", ".toml")):
            first = source.partition("\n")[0]
            assert "Generated by Speccast from coding\\x3a utf-7 \\x23 noqa -\\x2d\\x3e/" in first
            assert first.count("#") == (not path.endswith(".md"))
            assert shape(path, source)
    assert_means_the_same(replace(api, id=folder.name), texts)


def hostile() -> st.SearchStrategy[str]:
    """Texts made of what means something to some language, and of any other character."""
    pieces = st.sampled_from([text for text in NASTY if len(text) < 100])
    return st.lists(pieces | st.text(max_size=5), min_size=1, max_size=6).map("".join)


@settings(max_examples=cases(30, 100), derandomize=True, deadline=None, database=None)
@given(place=st.sampled_from(places()), text=hostile())
def test_any_text_in_any_field_gives_the_same_code_or_is_refused(place: Place, text: str) -> None:
    api = change_text(place, text)
    if objections(api):
        return
    try:
        texts = drafted(build_api(api))
    except SpeccastError as error:
        assert "no text in TOML" in error.message  # a lone surrogate in the API's title
        return
    assert not faults(texts, place)
    assert_means_the_same(api, texts)
