"""Sample responses and job states of a page: what becomes an answer of the spec, and what is compared with `api.yaml`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.cli.draft import command as draft
from speccast.cli.drift import command as drift
from speccast.pages.answers import agree, with_placeholders
from speccast.pages.apis import ApiPaths
from speccast.pages.drift import differences
from speccast.pages.facts import Fact, Status
from speccast.pages.reader import read_page
from speccast.pages.text import PageText
from speccast.pages.updating import update_text
from speccast.pages.writing import write_spec
from speccast.specs.document import read_document
from tests.pages.conftest import API
from tests.pages.printers import page

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://cdn.acme.example/out/fox.png"
CHAT = {
    "id": "chat-1",
    "choices": [{"message": {"role": "assistant", "content": "A joke."}, "finish_reason": "stop"}],
    "usage": {"total_tokens": 7},
}


@pytest.mark.parametrize(
    ("sample", "answer"),
    [
        ({"image": URL, "seed": 7}, {"image": "{output}", "seed": 7}),
        ({"video": {"url": f"{URL}?sig=1"}}, {"video": {"url": "{output}"}}),
        (
            {"images": [{"url": URL, "width": 1}, {"url": URL, "width": 2}]},
            {"images": [{"url": "{output}", "width": 1}]},
        ),
        ([URL, URL], ["{output}"]),
        ({"image": "data:image/png;base64,iVBORw0K"}, {"image": "{base64}"}),
        (
            CHAT,
            {
                **CHAT,
                "choices": [{"message": {"role": "assistant", "content": "{text}"}, "finish_reason": "stop"}],
            },
        ),
        (
            {"content": [{"type": "text", "text": "A joke."}]},
            {"content": [{"type": "text", "text": "{text}"}]},
        ),
    ],
)
def test_an_evident_output_becomes_a_placeholder(sample: Any, answer: Any) -> None:
    assert with_placeholders(Fact(sample)) == Fact(answer)


@pytest.mark.parametrize(
    ("sample", "status", "readings"),
    [
        ({"image": URL, "mask": URL}, Status.AMBIGUOUS, [{"image": URL, "mask": "{output}"}]),
        ({"image": "iVBORw0KGgo", "id": "7"}, Status.AMBIGUOUS, []),
        ({"score": 0.5, "label": "fox"}, Status.AMBIGUOUS, []),
    ],
)
def test_another_output_is_doubtful(sample: Any, status: Status, readings: list[Any]) -> None:
    fact = with_placeholders(Fact(sample))
    assert fact.status is status
    assert list(fact.readings) == readings


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"image": "{output}"}, {"image": URL}, True),
        ({"images": ["{output}"]}, {"images": [URL, URL]}, True),
        ({"images": [{"url": "{output}"}]}, {"images": [{"url": URL, "width": 1}]}, False),
        ({"image": "{output}"}, {"picture": URL}, False),
        ({"n": 1}, {"n": 2}, True),
        ({"n": 1}, {"n": "1"}, False),
    ],
)
def test_samples_agree_if_they_have_the_same_members(one: Any, other: Any, same: bool) -> None:
    assert agree(one, other) is same


def test_draft_writes_the_answer_unless_it_is_that_of_the_api(
    project: Path, run: Any, fox: dict[str, Any]
) -> None:
    _write(project, fox, f"Response Format\n{json.dumps({'image': URL, 'seed': 7}, indent=2)}\n")
    assert _draft(run)["answers"] == {"sync": {"body": {"image": "{output}", "seed": 7}}}
    own = 'answers: { sync: { body: { image: "{output}", seed: "{seed}" } } }\n'
    (project / "specs/acme/api.yaml").write_text(API + own, encoding="utf-8")
    assert "answers" not in _draft(run)


def test_drift_of_the_sample_response_is_reported(project: Path, run: Any, fox: dict[str, Any]) -> None:
    _write(project, fox, f"Response Format\n{json.dumps({'image': URL})}\n")
    run(draft, "fox.txt")
    assert run(drift, "fox.txt").out == "1 page and specs agree.\n"
    _write(project, fox, f"Response Format\n{json.dumps({'image': URL.replace('fox', 'bear')})}\n")
    assert run(drift, "fox.txt").code == 0
    _write(project, fox, f"Response Format\n{json.dumps({'picture': URL})}\n")
    ran = run(drift, "fox.txt")
    assert ran.code == 1
    assert 'the page has {"picture": "{output}"} as `answers.sync.body`' in ran.out
    run(drift, "--update", "fox.txt")
    assert run(drift, "fox.txt").code == 0
    spec = read_document((project / "specs/acme/fox-1.yaml").read_bytes(), "").value
    assert isinstance(spec, dict)
    assert spec["answers"] == {"sync": {"body": {"picture": "{output}"}}}


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ("QUEUEDAccepted, waiting\nDONEThe result is ready\nFAILEDErrored\n", ""),
        ("QUEUED\nDONE\nFAILED\n", ""),
        (
            "QUEUEDAccepted\nDONE\u2014 ready\nFAILED (errored)\nEXPIREDGone\n",
            "the page lists the state EXPIRED, which api.yaml does not have",
        ),
        ("QUEUEDAccepted\nDONEReady\n", "api.yaml has the state FAILED, which the page does not list"),
    ],
)
def test_states_of_jobs_are_compared_with_the_api(
    project: Path, run: Any, fox: dict[str, Any], states: str, message: str
) -> None:
    _write(project, fox, f"Status states\n\n{states}")
    assert (message in run(draft, "fox.txt").out) or not message
    ran = run(drift, "fox.txt")
    assert ran.code == bool(message)
    assert (message or "1 page and specs agree.") in ran.out


def _write(project: Path, fox: dict[str, Any], part: str) -> None:
    text = page(fox, "labelled").replace("Common Error Codes", f"{part}\nCommon Error Codes")
    (project / "fox.txt").write_text(text, encoding="utf-8")


def _draft(run: Any) -> dict[str, Any]:
    value = read_document(run(draft, "fox.txt", "--stdout").out.encode(), "").value
    assert isinstance(value, dict)
    return value


PIECES: dict[str, tuple[list[str], list[Any]]] = {
    "openai": (
        ['{"choices": [{"delta": {"role": "assistant", "content": ""}}]}', *[f'{{"choices": [{{"delta": {{"content": "{text}"}}}}]}}' for text in "ab"], "[DONE]"],
        [
            {"data": {"choices": [{"delta": {"role": "assistant", "content": ""}}]}},
            {"data": {"choices": [{"delta": {"content": "{text}"}}]}},
            {"data": "[DONE]"},
        ],
    ),
    "anthropic": (
        ['{"type": "message_start"}', '{"type": "piece", "delta": {"type": "text_delta", "text": "Hi"}}', '{"type": "message_stop"}'],
        [
            {"data": {"type": "message_start"}},
            {"data": {"type": "piece", "delta": {"type": "text_delta", "text": "{text}"}}},
            {"data": {"type": "message_stop"}},
        ],
    ),
}  # fmt: skip
STREAM = "streamoptional\nboolean\n\nStream\n\nDefault: false\n"


def streamed(events: list[str], parameters: str = STREAM, *, named: bool = False) -> Any:
    lines = "\n\n".join(f"{'event: piece' + chr(10) if named else ''}data: {event}" for event in events)
    text = f"API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\n\n{parameters}\nResponse Format\n\n"
    text += (
        f'{{"choices": [{{"message": {{"content": "Hi"}}}}]}}\n\nStreaming\n\n{lines}\n\nCommon Error Codes\n'
    )
    return read_page(
        PageText("page.txt", text), ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
    )


@pytest.mark.parametrize("vendor", PIECES)
@pytest.mark.parametrize("named", [False, True])
def test_events_of_a_stream_are_read(vendor: str, *, named: bool) -> None:
    shown, expected = PIECES[vendor]
    page = streamed(shown, named=named)
    found = page.facts.values["answers", "sync", "events"]
    name = {"event": "piece"} if named else {}
    assert (found.value, found.is_certain) == ([{**name, **event} for event in expected], True)
    assert not any(pointer[0] == "example" for pointer in page.facts.values)
    spec: Any = yaml.safe_load(write_spec(page, document="page.txt", date="2026-01-31"))
    [asked, whole] = spec["answers"]["sync"]
    assert asked == {"when": {"stream": True}, "events": found.value}
    assert whole == {"body": {"choices": [{"message": {"content": "{text}"}}]}}
    assert [each for each in differences(page, spec) if each.pointer[0] == "answers"] == []
    asked["events"] = asked["events"][:1]
    [difference] = [each for each in differences(page, spec) if each.pointer[0] == "answers"]
    text = yaml.safe_dump(spec, sort_keys=False)
    assert "# draft: the page shows other events: compare them\n  sync:" in update_text(
        text, page, [difference]
    )


@pytest.mark.parametrize(
    ("events", "parameters", "remark"),
    [
        (
            ['{"so": 1}', "[DONE]"],
            STREAM,
            "the page shows a stream, and where its events have the text is not certain",
        ),
        (['{"so": ', "[DONE]"], STREAM, "an event of the stream cannot be read"),
        (PIECES["openai"][0], "", "the page shows a stream, but no parameter `stream` that asks for it"),
    ],
)
def test_stream_that_is_not_certain_is_a_remark(events: list[str], parameters: str, remark: str) -> None:
    page = streamed(events, parameters)
    assert ("answers", "sync", "events") not in page.facts.values
    assert remark in [said for said, _ in page.facts.remarks]
