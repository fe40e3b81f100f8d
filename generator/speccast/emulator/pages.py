"""The page for people: the list of models. All text from specs is escaped here."""

from __future__ import annotations

import json
import shlex
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from speccast.core.auth import Authorization
from speccast.core.encoding import ENCODINGS, MultipartEncoding
from speccast.core.envelope import enclose
from speccast.core.omit import OMIT, Omit
from speccast.emulator.formats import format_of
from speccast.samples.size import expand
from speccast.samples.values import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Api
    from speccast.core.encoding import Encoding
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.emulator.routes import Routes, Surface

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}

FILE = "@FILE"
"""A file in the options of curl."""

CALLS: Mapping[str, str] = {
    "sync": "One blocking call",
    "submit": "A job: submit, then poll the address in the response",
}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
pre {{ background: #f4f4f4; padding: .8rem; overflow-x: auto }}
h2 {{ margin-top: 2.5rem }}
</style>
<h1>{title}</h1>
{content}
</html>
"""


def index(api: Api, routes: Routes, origin: str) -> HTMLResponse:
    """Return a page that lists every model of the API with commands that call it."""
    count = "1 model" if len(api.models) == 1 else f"{len(api.models)} models"
    content = [
        f"<p>An emulator of the API, made from its specs. It serves {count}. "
        "No request is forwarded or billed.</p>"
    ]
    for model in api.models:
        content.append(f"<h2>{escape(model.slug)}</h2>\n<p>{escape(model.title)}</p>")
        for surface, path in routes.of_model(model.slug).items():
            command = _command(api, origin + path, model, surface)
            content.append(f"<p>{CALLS[surface]}:</p>\n<pre>{escape(command)}</pre>")
    title = escape(f"{api.title} (emulator)")
    return HTMLResponse(PAGE.format(title=title, content="\n".join(content)), headers=HEADERS)


def _command(api: Api, url: str, model: Model, surface: Surface) -> str:
    auth = api.auth.preferring(api.auth_place(model)) if api.auth is not None else None
    authorization = auth.show("KEY") if auth is not None else Authorization()
    query = "&".join(f"{name}={value}" for name, value in authorization.query.items())
    words = ["curl", f"{url}?{query}" if query else url]
    for name, value in {**authorization.headers, **api.request_headers}.items():
        words += ["-H", f"{name}: {value}"]
    parameters = _body(model)
    body = enclose(parameters, model.sends, api.wrap_of(model.body, job=surface == "submit"))
    described = api.jobs if surface == "submit" else api.sync
    assert described is not None  # the route exists
    words += _options(body, ENCODINGS[model.body or described.body])
    output = format_of(model.returns[0])
    if surface == "sync" and not output.is_json and _is_file(api, model, parameters):
        words += ["-o", f"output.{output.extension}"]
    return shlex.join(words)


def _options(body: Mapping[str, Any], encoding: Encoding) -> list[str]:
    """Return the options of curl that send a body."""
    if not encoding.is_form:
        return ["-H", f"Content-Type: {encoding.media_type}", "-d", json.dumps(body, ensure_ascii=False)]
    text_option = "--form-string" if isinstance(encoding, MultipartEncoding) else "--data-urlencode"
    words: list[str] = []
    for name, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            option = "-F" if each == FILE else text_option
            text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
            words += [option, f"{name}={text}"]
    return words


def _is_file(api: Api, model: Model, parameters: Mapping[str, Any]) -> bool:
    """Return whether the response to a blocking call is the bytes of the output."""
    defaults = {each.wire: each.default for each in model.parameters if each.default is not OMIT}
    answers = api.answers_of(model).for_parameters({**defaults, **parameters})
    return all(answer.media is not None for answer in answers.sync[:1])


def _body(model: Model) -> Mapping[str, Any]:
    """Return the model's own example, completed with a value for each required parameter that it lacks."""
    required = {each.wire: _sample(each) for each in model.parameters if each.required}
    return {**required, **(model.example or {})}


def _sample(parameter: Parameter) -> Any:
    value = sample(parameter)
    if value == [] and parameter.items is not None:
        return [_sample(parameter.items)]  # a form has no field for an empty list
    return "…" if isinstance(value, Omit) else expand(value, lambda _: FILE)
