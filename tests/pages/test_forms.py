"""Samples that send a form: files, and texts whose types the page documents."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cli import draft
from speccast.pages.apis import ApiPaths
from speccast.pages.documents import read_document_text
from speccast.pages.facts import ABSENT
from speccast.pages.reader import read_page
from speccast.pages.text import PageText

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.pages.facts import Facts

PATHS = ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
TABLE = """
| Name | Type | Required | Description |
|---|---|---|---|
| image | file | yes | Image to edit, at most 10 MB |
| prompt | string | yes | What to draw |
| seed | integer | no | Seed |
| upscale | boolean | no | Whether to upscale |

Returns: Image
"""
CURL = """curl -X POST https://api.acme.example/v1/fox \\
  -H "x-api-key: $KEY" \\
  -F image=@fox.png \\
  -F "prompt=a red fox" \\
  -F seed=7 --form 'upscale=true'
"""
POSTMAN = """curl --location --request POST 'https://api.acme.example/v1/fox' \\
--form 'image=@"/path/a fox.png"' \\
--form 'prompt="a red fox"' --form 'seed="7"' --form-string 'upscale=true'
"""
FORM_DATA = """const url = "https://api.acme.example/v1/fox";
const form = new FormData();
form.append('image', fs.createReadStream("fox.png"));
form.append("prompt", "a red fox");
// form.append("mask", file);
form.append('seed', 7);
form.set("upscale", String(true));
await axios.post(url, form, { headers: form.getHeaders() });
"""
BROWSER = """const url = 'https://api.acme.example/v1/fox';
const body = new FormData()
body.append("image", input.files[0], "fox.png")
body.append("prompt", `a red fox`)
body.append("seed", "7")
body.append("upscale", "true")
"""
PYTHON = """url = "https://api.acme.example/v1/fox"
data = {"prompt": "a red fox", "seed": 7, "upscale": True}
response = requests.post(url, files={"image": open("fox.png", "rb")}, data=data)
"""
PYTHON_LIST = """url = "https://api.acme.example/v1/fox"
payload = {'prompt': 'a red fox', 'seed': '7', 'upscale': 'true'}
files = [
    ('image', ('fox.png', open('/path/fox.png', 'rb'), 'image/png'))
]
response = requests.request("POST", url, data=payload, files=files)
"""
PYTHON_PARTS = """url = "https://api.acme.example/v1/fox"
files = {"image": image, "prompt": (None, "a red fox"), "seed": (None, "7"), "upscale": (None, "true")}
requests.post(url, files=files)
"""
ENCODER = """url = "https://api.acme.example/v1/fox"
form = MultipartEncoder(fields={
    "image": ("fox.png", open("fox.png", "rb"), "image/png"), "prompt": "a red fox", "seed": "7", "upscale": "true",
})
"""
SAMPLES = {
    "curl": CURL,
    "postman": POSTMAN,
    "FormData": FORM_DATA,
    "browser": BROWSER,
    "python": PYTHON,
    "list": PYTHON_LIST,
    "parts": PYTHON_PARTS,
    "encoder": ENCODER,
}
EXAMPLE = {"prompt": "a red fox", "seed": 7, "upscale": True}


def read(text: str, paths: ApiPaths = PATHS) -> Facts:
    return read_page(PageText("page.txt", text), paths).facts


def example(facts: Facts) -> dict[str, Any]:
    return {str(pointer[1]): fact.value for pointer, fact in facts.values.items() if pointer[0] == "example"}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_of_a_form_is_read(name: str) -> None:
    facts = read(f"Fox\nEdits foxes.\n{SAMPLES[name]}{TABLE}")
    assert facts.values["body",].value == "multipart"
    assert facts.values["body",].is_certain
    assert facts.values["parameters", "image", "type"].value == "file"
    assert facts.values["parameters", "image", "type"].is_certain
    assert example(facts) == EXAMPLE
    left = [pointer for pointer in facts.doubts() if pointer not in (("returns",), ("example", "upscale"))]
    assert left == []


@pytest.mark.parametrize("kind", ["page.md", "page.html"])
def test_form_in_a_document(kind: str) -> None:
    if kind.endswith("md"):
        text = f"# Fox\n\nEdits foxes.\n\n```bash\n{CURL}```\n\n```js\n{FORM_DATA}```\n\n```python\n{PYTHON}```\n{TABLE}"
    else:
        rows = TABLE.strip().split("\n\n")[0].split("\n")
        cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in [rows[0], *rows[2:]]]
        table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
        code = CURL.replace('"', "&quot;")
        text = f"<!doctype html><h1>Fox</h1><p>Edits foxes.</p><pre><code>{code}</code></pre><table>{table}</table><p>Returns: Image</p>"
    facts = read_page(read_document_text(text.encode(), PurePath(kind)), PATHS).facts
    assert facts.values["body",].is_certain
    assert example(facts) == EXAMPLE
    assert not facts.remarks


def test_samples_of_a_form_agree_where_only_the_types_differ() -> None:
    facts = read(f"Fox\nEdits foxes.\n{CURL}\n{BROWSER}\n{PYTHON}{TABLE}")
    assert facts.remarks == []
    assert set(facts.doubts()) == {("returns",)}
    differs = read(f"Fox\nEdits foxes.\n{CURL.replace('seed=7', 'seed=8')}\n{PYTHON}{TABLE}")
    assert not differs.values["example", "seed"].is_certain


def test_texts_without_documented_types_are_doubtful() -> None:
    facts = read(f"Fox\nEdits foxes.\n{CURL}")
    assert facts.values["parameters", "image", "type"].value == "file"
    assert facts.values["parameters", "prompt", "type"].is_certain
    assert facts.values["parameters", "seed", "type"].readings == ("integer", "number")
    assert facts.values["parameters", "upscale", "type"].readings == ("boolean",)
    assert (facts.values["example", "seed"].value, facts.values["example", "seed"].readings) == ("7", (7,))


def test_fields_of_the_same_name_are_a_list() -> None:
    facts = read(
        'curl https://api.acme.example/v1/fox -F images=@a.png -F images=@b.png -F "masks[]=@c.png" -F tags=a -F tags=b\n'
    )
    for name in ("images", "masks[]"):
        assert facts.values["parameters", name, "type"].value == "array"
        assert facts.values["parameters", name, "items", "type"].value == "file"
    assert example(facts) == {"tags": ["a", "b"]}


def test_samples_with_different_bodies_are_doubtful() -> None:
    json = (
        'url = "https://api.acme.example/v1/fox"\nresponse = requests.post(url, json={"prompt": "a fox"})\n'
    )
    facts = read(f"Fox\nEdits foxes.\n{json}\n{CURL}{TABLE}")
    assert not facts.values["body",].is_certain
    assert "different bodies" in facts.values["body",].reason


def test_file_without_a_form_is_doubtful() -> None:
    json = (
        'url = "https://api.acme.example/v1/fox"\nresponse = requests.post(url, json={"prompt": "a fox"})\n'
    )
    facts = read(f"Fox\nEdits foxes.\n{json}{TABLE}")
    assert ("body",) not in facts.values
    assert facts.values["parameters", "image", "type"].readings == ("string",)
    named = read(f"Fox\nEdits foxes.\n{json}\nContent-Type: multipart/form-data\n{TABLE}")
    assert (named.values["body",].value, named.values["body",].is_certain) == ("multipart", False)


def test_file_that_the_page_calls_a_string_is_doubtful() -> None:
    facts = read(f"Fox\nEdits foxes.\n{CURL}{TABLE.replace('| file |', '| string |')}")
    kind = facts.values["parameters", "image", "type"]
    assert (kind.value, kind.readings) == ("file", ("string",))
    binary = read(f"Fox\nEdits foxes.\n{CURL}{TABLE.replace('| file |', '| string (binary) |')}")
    assert binary.values["parameters", "image", "type"].is_certain
    assert ("parameters", "image", "format") not in binary.values


def test_body_of_the_api_is_not_repeated() -> None:
    paths = ApiPaths("https://api.acme.example", "/v1/{slug}", body="multipart")
    assert ("body",) not in read(f"Fox\nEdits foxes.\n{CURL}{TABLE}", paths).values
    json = (
        'url = "https://api.acme.example/v1/fox"\nresponse = requests.post(url, json={"prompt": "a fox"})\n'
    )
    assert read(f"Fox\n{json}", paths).values["body",].value == "json"


FILLED = """const url = "https://api.acme.example/v1/fox"; const reqBody = {"prompt": "a fox", "seed": 7};
const formData = new FormData(); for (const key in reqBody) { formData.append(key, reqBody[key]); }
"""


def test_object_that_is_copied_to_a_form_may_be_json() -> None:
    facts = read(FILLED)
    assert (facts.values["body",].value, facts.values["body",].readings) == (ABSENT, ("multipart",))
    assert facts.values["example", "seed"].value == 7
    assert ("body",) not in read(
        FILLED, ApiPaths("https://api.acme.example", "/v1/{slug}", body="multipart")
    ).values
    encoded = read(FILLED + "formData.append('mask', await toB64('https://acme.example/a.png'));")
    assert encoded.values["body",].value == "multipart"
    assert encoded.values["parameters", "mask", "type"].value == "string"
    assert not encoded.values["example", "mask"].is_certain


def test_form_without_files() -> None:
    facts = read(
        "curl https://api.acme.example/v1/fox --data-urlencode 'prompt=a fox' --data-urlencode seed=7\n"
    )
    assert facts.values["body",].value == "form"
    assert example(facts)["prompt"] == "a fox"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("name", SAMPLES)
def test_form_that_breaks_off_has_no_wrong_values(name: str, share: float) -> None:
    sample = SAMPLES[name]
    facts = read(f"Fox\nEdits foxes.\n{sample[: int(len(sample) * share)]}")
    for key, value in example(facts).items():
        fact = facts.values["example", key]
        if fact.is_certain:
            assert str(value).lower() == str(EXAMPLE[key]).lower(), (key, value)


def test_draft_of_a_form_generates(project: Path, run: Any) -> None:
    (project / "fox.md").write_text(f"# Fox\n\nEdits foxes.\n\n```bash\n{CURL}```\n{TABLE}", encoding="utf-8")
    done = run(draft.command, "fox.md")
    assert done.code == 1
    text = (project / "specs/acme/fox.yaml").read_text(encoding="utf-8")
    assert "body: multipart\n" in text
    assert "    type: file\n" in text
    assert "    max_size: 10485760\n" in text
