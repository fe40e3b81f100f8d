"""Writes docs/spec-format.md, the reference of the spec format, from the JSON Schemas of the format.

.venv/bin/python tools/scripts/spec_format.py [FILE]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "generator" / "speccast" / "specs" / "schema"
REFERENCE = ROOT / "docs" / "spec-format.md"

Schema: TypeAlias = Mapping[str, Any]

INTRODUCTION = """\
<!-- Made by tools/scripts/spec_format.py from generator/speccast/specs/schema/; do not edit. -->
# The spec format

A folder with an `api.yaml` is an API, and its name is the folder's. Every other `.yaml` or `.yml` file in this folder or in
folders inside is a model, named after its slug. Files are YAML 1.2, so `no`, `16:9` and `2024-01-01` are text. Keys that are not listed here are errors.

This page comes from the two JSON Schemas, [`api.schema.json`]({schemas}/api.schema.json) and
[`model.schema.json`]({schemas}/model.schema.json), which are the only definition of the format; editors with a YAML language
server use them to complete and check specs. `speccast init` writes commented files, and [reading-a-page.md](reading-a-page.md)
explains how to fill them in.

The smallest API:

```yaml
speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 0.1.0
sync:
  path: /v1/{{slug}}
```

The smallest model, `fox-1.yaml`:

```yaml
speccast: 1
slug: fox-1
title: Fox 1
surfaces: [sync]
returns: [image/jpeg]
parameters: {{}}
```
"""

ANSWERS = """\
## Answers

`answers` shows what the API answers, as its page does, with placeholders for what differs from call to call:

```yaml
answers:
  submit:
    status: 202
    body: { request_id: "{id}", status: "{state}", status_url: "{status_url}", response_url: "{result_url}" }
  result:
    body: { request_id: "{id}", status: "{state}", images: [{ url: "{output}", width: 1024 }] }
  error:
    body: { error: { message: "{message}", type: invalid_request } }
```

The client reads a value where its placeholder is: `images[].url` is the output, `error.message` the text of an error. If there is
nothing, the error quotes the place. The emulator sends the sample with values in it. Texts without placeholders, numbers and lists are
sent as they are; the client does not expect them.

- A placeholder that is the whole text is the value itself, such as a number; within another text it is formatted. `{{` and `}}` are
  braces.
- An item of a list that contains `{output}`, `{base64}` or `{text}` is repeated for each output. Elsewhere the placeholder is the only
  output, or a list of them.
- A member whose placeholder has no value at that time is left out; in a list it is null.
- `when` chooses among several answers of an operation. Its keys are parameters (`when: { base64: true }`) or placeholders
  (`when: { "{state}": DONE }`). The answer without `when` comes last.
- `media: "*/*"` instead of `body`: the answer is the bytes of the output.
- `failed` is the answer for a job that failed, `error` that for a refused request. A status has the answer `status`, also if the
  job is done; a result has the answer `result` as soon as the job is done, before that `status`. If both have one path, it has the
  answers of a result.
- If `status` has no `{state}`, HTTP status 200 means that the job is done and 202 that it waits. If `result` has none, every success
  means that it is done.
- The answers of a model replace those of its API, operation by operation.

| placeholder | value |
|---|---|
| `{id}`, `{state}` | id of the job or of a blocking call, and the state of the job as listed in `async.states` |
| `{status_url}`, `{result_url}`, `{cancel_url}` | addresses of the job |
| `{output}` | address of a file, or the JSON that the model returns |
| `{base64}`, `{text}` | file as base64, text that the model wrote |
| `{media_type}`, `{seed}`, `{slug}` | of the output; the seed that was used; of the model |
| `{cost}`, `{remaining_credits}` | numbers |
| `{inference_time}`, `{queue_time}`, `{total_time}` | seconds |
| `{now}`, `{unix}` | time as text (RFC 3339), and in seconds since 1970 |
| `{message}` | why a job failed or a request is refused |
| `{status}`, `{title}`, `{parameter}` | of an error: HTTP status, its title, and the first invalid parameter or null |

An API without `answers`, and an operation that is missing, has these:

```yaml
answers:
  sync: { media: "*/*" }
  submit: { body: { request_id: "{id}", status: "{state}", status_url: "{status_url}", response_url: "{result_url}" } }
  status: { body: { request_id: "{id}", status: "{state}" } }
  result: { body: { request_id: "{id}", status: "{state}", output: "{output}" } }
  cancel: { body: { request_id: "{id}", status: "{state}" } }
  failed: { body: { request_id: "{id}", status: "{state}", error: "{message}" } }
  error: { body: { error: "{message}" } }
```
"""

MODEL = "A model"
PARAMETER = "A parameter"
API = "`api.yaml`"
ANSWER = "An answer"

PARAMETER_NOTES = """\
Numbers have the same meaning as in JSON everywhere: `2.0` is an integer, `multipleOf` is exact on the decimal text, NaN and
infinities are refused. A boolean is not a number. Null is refused unless the type allows it, as are names that are not listed, at
every depth.

If the caller omits a parameter that is **required and has a default**, the client sends the default. An **optional** parameter is
not sent, and the server uses its own default.

In a form (`body: multipart` or `form`), texts are sent as they are, numbers, booleans and objects as their JSON text, and a list as one field
of the same name for each item. Null is refused, and an empty list is not sent. A file is a parameter or an item of a list, in a multipart body. Forms are
flat: `wrap` does not apply to them.

Where the page names several types, such as "a string or an array of blocks", write `anyOf` instead of `type`:

```yaml
content:
  required: true
  description: The message, as text or as a list of blocks.
  anyOf:
    - { type: string, minLength: 1 }
    - type: array
      items:
        anyOf:
          - { type: object, properties: { type: { type: string, enum: [text] }, text: { type: string } } }
          - { type: object, properties: { type: { type: string, enum: [image] }, url: { type: string } } }
```

The branches have different types, and an integer counts as a number. Only objects can occur several times: their *tag* distinguishes
them, the member that has a single `enum` text in each of them, here `type`. It is always required. `required`, `default`, `applies_when` and `name` are
written beside `anyOf`, limits in the branches. Null is allowed if it is in one of the branches. An error names what is wrong with the branch that has the type and tag of the value.
"""


UPLOADS = """\
## Uploads

Where an API takes files before a request, `upload` shows that request and its answer, with placeholders:

```yaml
upload:
  url: https://upload.acme.example/files
  encoding: multipart
  body: { content: "{file}" }
  answer: { status: 201, body: { id: "{id}", urls: { get: "{url}" } } }
```

Or in two requests, where the answer says where the file is sent:

```yaml
upload:
  url: /storage/initiate
  body: { file_name: "{name}", content_type: "{media_type}" }
  answer: { body: { upload_url: "{put_url}", file_url: "{url}" } }
```

The client uploads a file if it is larger than `above`, or if its parameter takes addresses only, and sends `{url}` in its place. It
uploads a file once: the same content gets the address of the first upload for half of `retention`. The key is sent to the origin
of `url` only because the spec names it, and never to `{put_url}` or `{post_url}`. An upload is not billed, so it is repeated after
failures that may be temporary. Uploaded files may be readable for everybody who knows their address.

| placeholder | value |
|---|---|
| `{data_uri}`, `{base64}` | in `body`: the content as text |
| `{file}` | in `body`: the file as a part of a form |
| `{name}`, `{extension}`, `{media_type}`, `{size}` | of the file: its name, the extension without a dot, its type, its bytes as a number |
| `{url}` | in `answer`: what requests contain instead of the file |
| `{put_url}` | in `answer`: where the file is sent by PUT, with its type and without the key |
| `{post_url}`, `{fields}` | in `answer`: where the file is sent as `file` in a form, without the key, and the fields before it: an object, or its JSON as text |
| `{id}`, `{now}`, `{unix}` | in `answer`, for the emulator: id of the file, and the time |
"""


def spec_format(api: Schema, model: Schema) -> str:
    """Return the reference as Markdown."""
    parameter = model["$defs"]["parameter"]
    schemas = "../" + SCHEMAS.relative_to(ROOT).as_posix()
    sections = [
        INTRODUCTION.format(schemas=schemas),
        _section(MODEL, model, model),
        _section(PARAMETER, parameter, model),
        PARAMETER_NOTES,
        _section(API, api, api),
        ANSWERS,
        _section(ANSWER, api["$defs"]["answer"], api),
        UPLOADS,
    ]
    return "\n".join(sections)


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    api, model = (
        json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")) for name in ("api", "model")
    )
    target.write_text(spec_format(api, model), encoding="utf-8", newline="\n")


def _section(title: str, schema: Schema, root: Schema) -> str:
    lines = [f"## {title}", "", schema["description"], "", "| key | value | meaning |", "|---|---|---|"]
    lines += [
        f"| `{key}`{' (required)' if is_required else ''} | {_value(member, root)} | {_meaning(member, root)} |"
        for key, member, is_required in _members(schema, root)
    ]
    if "anyOf" in schema:
        either = " or ".join(f"`{name}`" for choice in schema["anyOf"] for name in choice["required"])
        lines += ["", f"At least one of {either} is required."]
    return "\n".join([*lines, ""])


def _members(schema: Schema, root: Schema, prefix: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Yield every key with its schema and whether it is required; members of a member as `outer.inner`."""
    for name, value in schema.get("properties", {}).items():
        member = _resolve(value, root)
        key = prefix + name
        yield key, value, name in {**schema, **schema.get("else", {})}.get("required", ())
        for inner, path in ((member, f"{key}."), (_resolve(member.get("items", {}), root), f"{key}[].")):
            if inner is not root["$defs"].get("parameter"):
                yield from _members(inner, root, path)


def _value(schema: Schema, root: Schema) -> str:
    """Return the allowed values of a key in words."""
    schema = _resolve(schema, root)
    kind: Any = schema.get("type")
    if schema is root["$defs"].get("parameter"):
        words = f"[a parameter]({_anchor(PARAMETER)})"
    elif "const" in schema:
        words = f"`{json.dumps(schema['const'])}`"
    elif "enum" in schema:
        words = " or ".join(f"`{value}`" for value in schema["enum"])
    elif schema is root["$defs"].get("answers_of_operation"):
        most = schema["anyOf"][1]["maxItems"]
        words = f"[an answer]({_anchor(ANSWER)}), or a list of up to {most}"
    elif "anyOf" in schema:
        words = "text, or a list of two"
    elif kind == "array":
        items = _resolve(schema.get("items", {}), root)
        is_described = items is root["$defs"].get("parameter") or "properties" not in items
        words = f"list of {_value(items, root)}" if items and is_described else "list"
    elif kind == "object":
        inner = schema.get("additionalProperties")
        words = f"mapping to {_value(inner, root)}" if inner else "mapping"
    elif isinstance(kind, list):
        scalar = "text" if kind == ["string", "object"] else "any scalar"
        words = f"{scalar}, or a mapping" if "object" in kind else scalar
    else:
        words = {
            "string": "text",
            "integer": "integer",
            "number": "number",
            "boolean": "`true` or `false`",
        }.get(kind, "anything")
    return ", ".join([words, *_limits(schema)])


def _limits(schema: Schema) -> Iterator[str]:
    if "pattern" in schema:
        yield "`" + schema["pattern"].replace("|", "\\|") + "`"
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        yield f"at least {schema['minimum']}"
    if "exclusiveMinimum" in schema:
        yield f"over {schema['exclusiveMinimum']}"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']} characters"
    if schema.get("minLength") or schema.get("minItems") == 1 or schema.get("minProperties"):
        yield "not empty"
    if schema.get("uniqueItems"):
        yield "distinct"


def _meaning(schema: Schema, root: Schema) -> str:
    text: str = schema.get("description") or _resolve(schema, root).get("description", "")
    return text.replace("|", "\\|")


def _resolve(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    return schema if reference is None else root["$defs"][reference.rpartition("/")[2]]


def _anchor(title: str) -> str:
    return "#" + title.lower().replace(" ", "-")


if __name__ == "__main__":
    main()
