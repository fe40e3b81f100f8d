"""Pages saved as HTML or Markdown: text, tables and lists stay, and reports have the lines of the file."""

from __future__ import annotations

import html
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cli.draft import command as draft
from speccast.pages.documents import read_document_text
from speccast.pages.reader import read_page
from tests.pages.document_printers import DOCUMENTS
from tests.pages.printers import page
from tests.pages.test_robustness import PATHS, SPEC

if TYPE_CHECKING:
    from collections.abc import Callable

PARAMETER = """<div class="parameter">
<div><code>{name}</code><span>{requirement}</span></div>
<div>{type}</div>
<p>{description}</p>
{values}
</div>
"""
HTML = """<!DOCTYPE html>
<html><head><title>Docs</title><style>p {{ color: red }}</style><script>let x = "API Endpoint";</script></head>
<body><nav>Home Pricing</nav>
<h1>Fox 1</h1>
<p>Draws foxes &amp; hounds.</p>
<pre><code><span>import requests</span>
data = {{
    "prompt": "a &lt;red&gt; fox"
}}</code></pre>
<h2>API Endpoint</h2>
<div><span>POST</span><code>https://api.acme.example/v1/fox-1</code></div>
<h2>Parameters</h2>
{parameters}
<h2>Response Type</h2>
<p>Returns: Image</p>
<h2>Common Error Codes</h2>
<p>Request timed out</p>
</body></html>
"""
TABLE = """# Fox 1

Draws foxes & hounds.

```bash
curl -X POST https://api.acme.example/v1/fox-1 -H "x-api-key: KEY" -d '{"prompt": "a <red> fox"}'
```

## Parameters

| Name | Type | Required | Default | Description |
|------|------|:--------:|---------|-------------|
| `prompt` | string | **yes** | | What to draw |
| `seed` | integer | no | `-1` | Seed, must be between -1 and 99 |
| `tone` | string | no | warm | Warm \\| cold |
| `many` | string[] | maybe | - | Several |
| `words` | string[] | no | `["a", "b"]` | Words |
"""


@pytest.fixture
def drafted(project: Path, run: Any) -> Callable[[str, str], dict[str, Any]]:
    def drafted(name: str, text: str) -> dict[str, Any]:
        (project / name).write_text(text, encoding="utf-8")
        ran = run(draft, name, "--stdout", "--format", "json")
        assert ran.code == 1, ran.err
        [found] = json.loads(ran.out)["pages"]
        return {fact["pointer"]: fact for fact in found["facts"]}

    return drafted


def certain(facts: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {
        pointer.removeprefix(prefix): fact["value"]
        for pointer, fact in facts.items()
        if pointer.startswith(prefix) and fact["status"] == "certain"
    }


def test_html_is_read_as_a_browser_copies_it(drafted: Any) -> None:
    seed = {"name": "seed", "requirement": "optional", "type": "integer", "description": "Seed &lt; 100"}
    mode = {"name": "mode", "requirement": "optional", "type": "string", "description": "Mode"}
    values = "<div><span>Default: <code>-1</code></span><span>Range: -1 - 99</span></div>"
    listed = '<div>Default: <b>"a"</b></div><div>Allowed values :</div><div><span>"a"</span><span>"b, c"</span></div>'
    parameters = PARAMETER.format(**mode, values=listed) + PARAMETER.format(**seed, values=values)
    text = HTML.format(parameters=parameters)
    facts = drafted("fox.html", text)
    assert certain(facts, "/parameters/seed/") == {
        "type": "integer",
        "default": -1,
        "minimum": -1,
        "maximum": 99,
        "description": "Seed < 100",
    }
    assert certain(facts, "/parameters/mode/") == {
        "type": "string",
        "default": "a",
        "enum": ["a", "b, c"],
        "description": "Mode",
    }
    assert facts["/title"]["value"] == "Fox 1"
    assert facts["/description"]["value"] == "Draws foxes & hounds."
    assert facts["/example/prompt"]["value"] == "a <red> fox"
    line = text.splitlines().index("<p>Seed &lt; 100</p>") + 1
    assert facts["/parameters/seed/description"]["page"][0]["line"] == line


@pytest.mark.parametrize(
    ("kinds", "branches"),
    [
        ("string or array", "{ type: string }, { type: array }"),
        ("string \\| object", "{ type: string }, { type: object }"),
        ("string or array of strings", "{ type: string }, { type: array, items: { type: string } }"),
        ("int, str", "{ type: integer }, { type: string }"),
    ],
)
def test_several_types_give_a_doubt_with_the_union_to_write(drafted: Any, kinds: str, branches: str) -> None:
    facts = drafted("fox.md", f"{TABLE}| `stop` | {kinds} | no | | Where to stop |\n")
    assert facts["/parameters/stop/type"]["reason"].endswith(
        f"instead of `type`, write `anyOf: [{branches}]`"
    )


def test_table_of_markdown_is_read(drafted: Any) -> None:
    facts = drafted("fox.md", TABLE)
    assert certain(facts, "/parameters/prompt/") == {
        "type": "string",
        "required": True,
        "description": "What to draw",
    }
    assert certain(facts, "/parameters/seed/") == {
        "type": "integer",
        "default": -1,
        "minimum": -1,
        "maximum": 99,
        "description": "Seed, must be between -1 and 99",
    }
    assert certain(facts, "/parameters/tone/") == {
        "type": "string",
        "default": "warm",
        "description": "Warm | cold",
    }
    assert facts["/parameters/words/default"]["value"] == ["a", "b"]
    assert facts["/parameters/words/default"]["status"] == "certain"
    assert (
        facts["/parameters/many/type"]["reason"]
        == 'the column says "maybe", which is neither required nor optional'
    )
    assert facts["/slug"]["value"] == "fox-1"
    assert facts["/example/prompt"]["value"] == "a <red> fox"
    assert facts["/parameters/seed/default"]["page"][0]["line"] == 14


def test_labels_in_the_descriptions_of_a_table_are_limits(drafted: Any) -> None:
    rows = (
        "| `cfg` | number | no | 3 | Guidance. Range: 0.5 - 9. |\n"
        "| `text` | string | yes | | Text. Max length: 400 |\n"
        "| `steps` | integer | no | 5 | Steps. Default: 4 |\n"
    )
    facts = drafted("fox.md", TABLE + rows)
    assert certain(facts, "/parameters/cfg/") == {
        "type": "number",
        "default": 3,
        "minimum": 0.5,
        "maximum": 9,
        "description": "Guidance.",
    }
    assert certain(facts, "/parameters/text/") == {
        "type": "string",
        "required": True,
        "maxLength": 400,
        "description": "Text.",
    }
    assert facts["/parameters/steps/default"]["reason"] == "the description states another default"


@pytest.mark.parametrize(
    "words", ["Recommended Range: 0.2 - 0.5", "Range: 0.2 - 0.5", "a range 0.2-0.5", "Min: 0.2, max: 0.5"]
)
def test_other_words_about_limits_are_doubts(drafted: Any, words: str) -> None:
    facts = drafted("fox.md", f"{TABLE}| `cfg` | number | no | 3 | {words} |\n")
    for key, value in (("minimum", 0.2), ("maximum", 0.5)):
        assert facts[f"/parameters/cfg/{key}"]["value"] == value
        assert facts[f"/parameters/cfg/{key}"]["reason"] == "stated in words only"


@pytest.mark.parametrize(
    "words",
    [
        'Style. Allowed values: "photo", "oil", "ink"',
        "One of photo, oil or ink.",
        "One of: `photo`, `oil`, `ink`",
    ],
)
def test_values_in_a_description_are_doubts(drafted: Any, words: str) -> None:
    facts = drafted("fox.md", f"{TABLE}| `style` | string | no | photo | {words} |\n")
    assert facts["/parameters/style/enum"]["value"] == ["photo", "oil", "ink"]
    assert facts["/parameters/style/enum"]["reason"] == "the values are in the description only"


def test_words_that_are_not_values_are_not_a_list(drafted: Any) -> None:
    facts = drafted(
        "fox.md", f"{TABLE}| `style` | string | no | photo | One of the best, or worst, styles |\n"
    )
    assert "/parameters/style/enum" not in facts


def test_a_response_names_its_media_type(drafted: Any) -> None:
    facts = drafted("fox.md", f"{TABLE}\nResponse: video/mp4\n")
    assert (facts["/returns"]["value"], facts["/returns"]["status"]) == (["video/mp4"], "certain")


def test_the_address_and_a_table_are_not_part_of_the_description(drafted: Any) -> None:
    table = "| Name | Type |\n|---|---|\n| `prompt` | string |\n"
    facts = drafted("fox.md", f"# Fox\n\n`POST https://api.acme.example/v1/fox`\n\nDraws foxes.\n\n{table}")
    assert facts["/description"]["value"] == "Draws foxes."
    assert facts["/description"]["status"] == "certain"


def test_html_table_is_read(drafted: Any) -> None:
    rows = "".join(
        f"<tr><td><code>{name}</code></td><td>{kind}</td><td>{needed}</td><td>{text}</td></tr>"
        for name, kind, needed, text in [
            ("prompt", "string", "Yes", "What<br>to draw"),
            ("base64", "boolean", "No", "As <b>text</b>"),
        ]
    )
    table = (
        f"<table><tr><th>Parameter</th><th>Type</th><th>Required</th><th>Description</th></tr>{rows}</table>"
    )
    facts = drafted("fox.htm", HTML.format(parameters=table))
    assert certain(facts, "/parameters/") == {
        "prompt/type": "string",
        "prompt/required": True,
        "prompt/description": "What to draw",
        "base64/type": "boolean",
        "base64/description": "As text",
    }


def test_copied_text_needs_no_package_and_html_says_which(
    project: Path, run: Any, fox: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inscriptis", None)
    (project / "fox.txt").write_text(page(fox, "labelled"), encoding="utf-8")
    (project / "fox.html").write_text(HTML.format(parameters=""), encoding="utf-8")
    assert run(draft, "fox.txt", "--stdout").code == 1
    ran = run(draft, "fox.html")
    assert (ran.code, ran.err) == (
        2,
        "error: fox.html: reading HTML and Markdown needs the package inscriptis\n"
        "hint: run: pip install 'speccast[pages]'\n",
    )


@pytest.mark.parametrize(
    "text",
    ["<html>", "<!doctype html><body><table><tr><td>", "<html>" + "<div>" * 5000, "<html>&#0;&#xD800;<p>"],
)
def test_broken_html_is_text(text: str) -> None:
    read_document_text(text.encode(), Path("page.html"))


def test_html_is_recognized_without_its_ending() -> None:
    text = html.escape("a < b")
    source = read_document_text(f"<!-- saved -->\n<!DOCTYPE html><p>{text}</p>".encode(), Path("page.txt"))
    assert source.text.strip() == "a < b"


HOSTILE = {
    "attributes": "<p " + " ".join(f"a{index}=1" for index in range(40_000)) + ">x</p>",
    "entities": "&lt;" * 100_000,
    "script": "<script>" + "if (a < b) {} </p>" * 50_000 + "</script>",
    "spans": "<table><tr><td colspan=99999999>a</td><td rowspan=99999999>b</td></tr></table>",
    "style": "<p style='margin-top: 99999999em; padding: 99999999em; white-space: pre'>a</p>",
    "numbers": "<ol start=99999999999999999999><li>a</ol>",
}


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_html_behind_a_page_changes_nothing(content: str) -> None:
    whole = DOCUMENTS["labelled.html"](SPEC)
    start = time.process_time()
    text = read_document_text(whole.replace("</body>", HOSTILE[content] + "</body>").encode(), Path("a.html"))
    found = read_page(text, PATHS)
    assert time.process_time() - start < 4
    plain = read_page(read_document_text(whole.encode(), Path("a.html")), PATHS)
    assert {pointer: fact.value for pointer, fact in found.facts.values.items()} == {
        pointer: fact.value for pointer, fact in plain.facts.values.items()
    }


def test_entities_of_a_document_name_no_files() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    text = read_document_text(f"{bomb}<html><p>Fox &b; &f;</p></html>".encode(), Path("a.html")).text
    assert "root:" not in text and "aaaaa" not in text.replace('"aaaaaaaaaa"', "")


@pytest.mark.parametrize(
    "text", ["", "<!-- a -->", "<html><head></head></html>", "<html><frameset></frameset></html>"]
)
def test_html_without_a_body_is_not_a_page(text: str) -> None:
    assert not read_page(read_document_text(text.encode(), Path("a.html")), PATHS).is_page


def test_html_that_is_nested_too_deeply_is_a_remark() -> None:
    text = "<html><body>" + "<div>" * 3000 + "<h1>Fox</h1>"
    source = read_document_text(text.encode(), Path("a.html"))
    assert source.remarks == ("only a part of the page was read: it is nested too deeply, or too long",)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_of_documents(name: str, encoding: str, line_end: str) -> None:
    data = DOCUMENTS[name](SPEC).replace("\n", line_end).encode(encoding)
    found = read_page(read_document_text(data, Path(name)), PATHS)
    assert found.facts.values["parameters", "seed", "description"].value == "Größe of the seed"


def test_escaped_markup_of_a_document_is_its_text() -> None:
    text = DOCUMENTS["labelled.html"]({**SPEC, "description": 'Draws <b>"foxes"</b> &amp; more'})
    found = read_page(read_document_text(text.encode(), Path("a.html")), PATHS)
    assert found.facts.values["description",].value == 'Draws <b>"foxes"</b> &amp; more'
