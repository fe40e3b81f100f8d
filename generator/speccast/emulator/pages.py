"""The page that people see: the list of models.

All text from specs is escaped here.
"""

from __future__ import annotations

import json
import shlex
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from speccast.core.auth import Authorization
from speccast.emulator.formats import JSON, format_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.auth import Auth
    from speccast.emulator.contract import Contract
    from speccast.emulator.routes import Kind, Routes

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}

CALLS = {"sync": "One blocking call", "submit": "A job: submit, then poll the address in the answer"}

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


def index(
    contract: Contract,
    models: Mapping[str, Mapping[str, Any]],
    routes: Routes,
    origin: str,
) -> HTMLResponse:
    """Every model of the API with the commands that call it."""
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    content = [
        f"<p>An emulator of the API, made from its specs. It serves {count}. "
        f"Nothing is sent on, nothing is billed.</p>"
    ]
    for slug, model in models.items():
        content.append(f"<h2>{escape(slug)}</h2>\n<p>{escape(model['title'])}</p>")
        for kind, path in routes.of_model(slug).items():
            command = _command(contract.auth, origin + path, model, kind)
            content.append(f"<p>{CALLS[kind]}:</p>\n<pre>{escape(command)}</pre>")
    title = escape(f"{contract.title} (emulator)")
    return HTMLResponse(PAGE.format(title=title, content="\n".join(content)), headers=HEADERS)


def _command(auth: Auth | None, url: str, model: Mapping[str, Any], kind: Kind) -> str:
    authorization = auth.show("KEY") if auth is not None else Authorization()
    query = "&".join(f"{name}={value}" for name, value in authorization.query.items())
    words = ["curl", f"{url}?{query}" if query else url]
    for name, value in authorization.headers.items():
        words += ["-H", f"{name}: {value}"]
    body = json.dumps(_body(model), ensure_ascii=False)
    words += ["-H", "Content-Type: application/json", "-d", body]
    made = format_of(model["returns"][0])
    if kind == "sync" and made is not JSON:
        words += ["-o", f"output.{made.extension}"]
    return shlex.join(words)


def _body(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """The page's own example, with something for each parameter that must be there besides."""
    required = {name: spec for name, spec in model["parameters"].items() if spec.get("required", False)}
    return {**{name: _sample(spec) for name, spec in required.items()}, **model.get("example", {})}


def _sample(spec: Mapping[str, Any]) -> Any:
    if "default" in spec:
        return spec["default"]
    for known in ("examples", "enum"):
        if known in spec:
            return spec[known][0]
    kind = spec["type"] if isinstance(spec["type"], str) else spec["type"][0]
    plain = {"string": "…", "integer": 1, "number": 1, "boolean": False, "array": [], "object": {}}
    return spec.get("minimum", plain.get(kind))
