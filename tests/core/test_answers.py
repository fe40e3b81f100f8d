"""Samples of answers: what a server fills in, and where a client reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from speccast.core.answers import Answer, Answers, Event, choose, find_paths
from speccast.core.omit import OMIT
from speccast.core.places import EventPlaces, Path, Places, has_output, in_words, read, read_first


@pytest.mark.parametrize(
    ("sample", "path", "words"),
    [
        ({"data": [{"url": "{output}"}]}, ("data", None, "url"), "data[].url"),
        (["{output}"], (None,), "[]"),
        ({"choices": [{"text": "{text}"}]}, ("choices", None, "text"), "choices[].text"),
        ({"ids": [{"id": "{id}"}]}, ("ids", 0, "id"), "ids[0].id"),
        ({"url": "see {id}", "b": {"id": "{id}"}}, ("b", "id"), "b.id"),
        ("{output}", (), "the whole body"),
    ],
)
def test_the_place_of_a_placeholder_is_found(sample: Any, path: Path, words: str) -> None:
    [(_, [found])] = find_paths(sample).items()
    assert (found, in_words(found)) == (path, words)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (("a", "b"), {"a": {"b": None}}, None),
        (("a", "b"), {"a": {}}, OMIT),
        (("a", "b"), {"a": [1]}, OMIT),
        (("a", 1), {"a": [1, 2]}, 2),
        (("a", 2), {"a": [1, 2]}, OMIT),
        (("a", 0), {"a": {"0": 1}}, OMIT),
        ((None, "u"), [{"u": 1}, {"v": 2}, {"u": 3}], [1, 3]),
        ((None, "u"), [{"v": 2}], OMIT),
        ((None, "u"), [], []),
        ((None, "u"), {"u": 1}, OMIT),
        ((None, "u", None), [{"u": [1, 2]}, {"u": [3]}], [1, 2, 3]),
        ((), 7, 7),
    ],
)
def test_a_value_is_read_from_its_place(path: Path, body: Any, expected: Any) -> None:
    assert read(path, body) == expected


def test_the_first_place_that_is_there_counts() -> None:
    assert read_first((("a",), ("b",)), {"b": 1, "c": 2}) == 1
    assert read_first((("a",), ("b",)), {"c": 2}) is OMIT


@pytest.mark.parametrize("empty", [None, "", [], {}, [None], [""], [[], None]])
def test_an_empty_place_counts_only_if_no_other_one_has_a_value(empty: Any) -> None:
    paths = ("film",), ("picture",)
    assert (
        read_first(paths, {"film": empty, "picture": "https://a.example/fox.png"})
        == "https://a.example/fox.png"
    )
    assert read_first(paths, {"film": empty, "picture": 0}) == 0
    assert read_first(paths, {"film": empty, "picture": None}) == empty
    assert has_output({"output": paths}, {"film": empty, "picture": "https://a.example/fox.png"})
    assert not has_output({"output": paths}, {"film": empty, "picture": None})


def test_conditions_choose_an_answer() -> None:
    as_json = Answer({"image": "{base64}"}, when=(("base64", (True,)), ("format", ("png", "webp"))))
    done = Answer({"done": True}, when=(("{state}", ("DONE",)),))
    raw, pending = Answer(media="*/*"), Answer({"done": False})
    answers = Answers(sync=(as_json, raw), status=(done, pending))
    for values, expected in (
        ({"base64": True, "format": "webp"}, as_json.body),
        ({"base64": True, "format": "jpeg"}, OMIT),
        ({"base64": 1, "format": "png"}, OMIT),
        ({"base64": True}, OMIT),
    ):
        assert choose(answers.for_parameters(values).sync, {}).body == expected
    possible = answers.for_parameters({"{state}": "DONE"}).status
    assert choose(possible, {"state": "DONE"}).body == {"done": True}
    assert choose(possible, {"state": "QUEUED"}).body == {"done": False}


def test_the_default_places_are_those_of_the_default_answers() -> None:
    assert Answers().places == Places()


def test_answers_of_one_operation_can_have_a_value_in_different_places() -> None:
    answers = Answers(
        result=(
            Answer(
                {"video": {"url": "{output}"}, "output": "{output}"}, when=(("{media_type}", ("video/mp4",)),)
            ),
            Answer({"output": "{output}"}),
        )
    )
    assert answers.places.result == {"output": (("video", "url"), ("output",))}


PIECE = Event({"piece": "{text}"})
SAID = Event({"delta": [{"said": "{text}"}]}, "said")
ALL = Answer({"all": "{text}"})


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((PIECE,), EventPlaces(text=("piece",))),
        ((PIECE, Event("[DONE]")), EventPlaces(text=("piece",), last_data="[DONE]")),
        ((PIECE, Event({"at": "{unix}"})), EventPlaces(text=("piece",))),
        ((PIECE, Event("at {unix}")), EventPlaces(text=("piece",))),
        ((Event({}, "open"), SAID, Event({}, "end")), EventPlaces(event="said", text=("delta", None, "said"), last_event="end")),
        ((Event("", "ping"), SAID, Event("", "ping")), EventPlaces(event="said", text=("delta", None, "said"), last_data="")),
        ((Event("{text}", "output"), Event({}, "done")), EventPlaces(event="output", text=(), last_event="done")),
    ],
)  # fmt: skip
def test_events_say_where_their_text_is_and_which_one_is_the_last(
    events: tuple[Event, ...], expected: EventPlaces
) -> None:
    answers = Answers(sync=(Answer(events=events, when=(("stream", (True,)),)), ALL))

    found = answers.event_places(lambda name, value: (name, value) == ("stream", True))

    assert found == replace(expected, asks={"stream": (True,)})


@pytest.mark.parametrize(
    ("when", "accepted", "asks"),
    [
        ((("mode", ("whole", "pieces", "words")),), {("mode", "pieces"), ("mode", "words")}, {"mode": ("pieces", "words")}),
        ((("mode", ("pieces",)), ("n", (1,))), {("mode", "pieces"), ("n", 1)}, {"mode": ("pieces",), "n": (1,)}),
        ((("mode", ("pieces",)), ("n", (1,))), {("mode", "pieces")}, None),
        ((("mode", ("pieces",)),), set(), None),
        ((), {("mode", "pieces")}, None),
    ],
)  # fmt: skip
def test_a_model_is_streamed_if_it_accepts_the_parameters_that_ask_for_it(
    when: Any, accepted: set[tuple[str, Any]], asks: dict[str, tuple[Any, ...]] | None
) -> None:
    answers = Answers(sync=(Answer(events=(PIECE,), when=when), ALL))

    found = answers.event_places(lambda name, value: (name, value) in accepted)

    assert (None if found is None else found.asks) == asks
