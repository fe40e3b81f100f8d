"""The page of models: commands that work, and no text of a spec becomes markup."""

from __future__ import annotations

import itertools
import json
import shlex
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Start

FORM = ("-F", "--form-string", "--data-urlencode")


class Page(HTMLParser):
    """The texts of a page's headings and commands, and the names of all its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.texts: dict[str, list[str]] = {"h1": [], "h2": [], "pre": [], "p": []}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._open = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.texts:
            self.texts[self._open][-1] += data


def call(command: str) -> httpx2.Response:
    """Send the request of a curl command."""
    words = shlex.split(command)
    headers = dict(word.split(": ", 1) for option, word in itertools.pairwise(words) if option == "-H")
    if "-d" in words:
        return httpx2.post(words[1], headers=headers, content=words[words.index("-d") + 1].encode())
    fields = [(option, *word.split("=", 1)) for option, word in itertools.pairwise(words) if option in FORM]
    if fields[0][0] == "--data-urlencode":
        return httpx2.post(words[1], headers=headers, data={name: text for _, name, text in fields})
    parts = [
        (name, (None, text) if option == "--form-string" else ("a.png", b"PNG", "image/png"))
        for option, name, text in fields
    ]
    return httpx2.post(words[1], headers=headers, files=parts)


def test_the_page_lists_every_model_with_commands_that_work(studio: httpx2.Client) -> None:
    response = httpx2.get(f"{studio.base_url}/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(response.text)
    assert page.texts["h1"] == ["Studio (emulator)"]
    assert page.texts["h2"] == ["async-only", "echo", "painter-1.5", "sync-only"]
    assert len(page.texts["pre"]) == 6
    assert [call(command).status_code for command in page.texts["pre"]] == [200] * 6


def test_the_commands_of_models_with_forms_send_forms(start: Start, spec_of: Callable[..., Any]) -> None:
    text = {"type": "string", "required": True, "examples": ["@it's; a=b"]}
    flag = {"type": "boolean", "required": True}
    file = {"type": "file", "required": True}
    images = {"type": "array", "required": True, "items": {"type": "file"}}
    options: dict[str, Any] = {"surfaces": ["sync"], "returns": ["image/png"]}
    json_answer = {"sync": {"body": {"image": "{output}"}}}
    models = [
        spec_of("a", {"text": text, "file": file, "images": images}, body="multipart", **options),
        spec_of(
            "b", {"text": text, "flag": flag}, body="form", sends={"kind": 1}, answers=json_answer, **options
        ),
    ]
    with start(*models) as client:
        multipart, form = Page(client.get("/").text).texts["pre"]
        assert [call(multipart).status_code, call(form).status_code] == [200, 200]
    sent = "--form-string 'text=@it'\"'\"'s; a=b' -F file=@FILE -F images=@FILE -o output.png"
    assert multipart.endswith(sent)
    sent = "--data-urlencode kind=1 --data-urlencode 'text=@it'\"'\"'s; a=b' --data-urlencode flag=false"
    assert form.endswith(sent)


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"in": "header", "name": "Authorization", "scheme": "Bearer"}, "-H 'Authorization: Bearer KEY'"),
        ({"in": "query", "name": "token"}, "?token=KEY"),
        (None, "-H 'Content-Type: application/json'"),
    ],
)
def test_the_commands_show_where_the_key_goes(
    start: Start, api: dict[str, Any], auth: dict[str, str] | None, expected: str
) -> None:
    del api["auth"]
    if auth:
        api["auth"] = auth
    with start(api=api) as client:
        commands = Page(client.get("/").text).texts["pre"]
        assert all(expected in command for command in commands)
        assert all(call(command).status_code == 200 for command in commands)
        assert auth or not any("KEY" in command for command in commands)


def test_the_commands_send_the_example_of_the_spec_or_what_is_required(
    start: Start, spec_of: Callable[..., Any]
) -> None:
    required: dict[str, Any] = {
        "text": {"type": "string", "required": True, "examples": ["it's"]},
        "mode": {"type": "string", "required": True, "enum": ["a", "b"]},
        "steps": {"type": "integer", "required": True, "minimum": 10},
        "zero": {"type": "integer", "required": True, "default": 0},
        "flag": {"type": ["boolean", "null"], "required": True},
        "list": {"type": "array", "required": True},
        "other": {"type": "string"},
    }
    shown_parameters = {
        "p": {"type": "number", "required": True, "examples": [1]},
        "sampler": {"type": "string", "required": True, "enum": ["heun", "euler"], "default": "euler"},
    }
    models = [
        spec_of("shown", shown_parameters, example={"p": 1.5}, surfaces=["sync"]),
        spec_of("guessed", required, surfaces=["sync"], returns=["application/json"]),
    ]
    with start(*models) as client:
        guessed, shown = Page(client.get("/").text).texts["pre"]
        assert call(guessed).status_code == 200
    assert json.loads(shlex.split(shown)[shlex.split(shown).index("-d") + 1]) == {
        "p": 1.5,
        "sampler": "euler",
    }
    assert json.loads(shlex.split(guessed)[-1]) == {
        "text": "it's",
        "mode": "a",
        "steps": 10,
        "zero": 0,
        "flag": False,
        "list": [],
    }


HOSTILE = "</pre><script>alert(1)</script>'\"&{title}$(touch /tmp/x)`"


def test_hostile_text_in_a_spec_stays_text(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any]
) -> None:
    api["title"] = HOSTILE
    model = spec_of("m", {"p": {"type": "string"}}, title=HOSTILE, example={"p": HOSTILE}, surfaces=["sync"])
    with start(model, api=api) as client:
        response = client.get("/")
    page = Page(response.text)
    assert page.texts["p"][0].startswith("An emulator of the API, made from its specs. It serves 1 model. ")
    assert "script" not in page.elements
    assert page.texts["h1"] == [f"{HOSTILE} (emulator)"]
    command = page.texts["pre"][0]
    printed = subprocess.run(
        ["sh", "-c", f"printf '%s' {command}"], capture_output=True, text=True, check=True
    )
    assert json.dumps({"p": HOSTILE}) in printed.stdout
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_hostile_host_does_not_reach_the_page(studio: httpx2.Client) -> None:
    response = studio.get("/", headers={"host": "a<script>"})
    assert "<script>" not in response.text


def test_health_needs_no_key(studio: httpx2.Client) -> None:
    response = httpx2.get(f"{studio.base_url}/_emulator/health")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert (response.json()["api"], response.json()["models"]) == ("studio", 4)
