"""Fills the answers of the spec: the values of placeholders, what a model makes, and the response."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from speccast.core.answers import OUTPUTS as OUTPUT_PLACEHOLDERS
from speccast.core.answers import placeholders_in
from speccast.core.omit import OMIT
from speccast.emulator.media import make_file
from speccast.emulator.responses import json_response, timestamp
from speccast.emulator.writing import write_text
from speccast.samples.filling import fill, fill_headers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from speccast.core.answers import Answer
    from speccast.emulator.output_request import OutputRequest


def answer_response(
    answer: Answer,
    values: Mapping[str, Any],
    output: OutputRequest | None = None,
    *,
    address: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer of the spec with these values.

    Args:
        answer: the answer.
        values: the values of placeholders, except those of the output.
        output: what the model makes, if it is done. The bytes of the first file are the body if the answer has a media type.
        address: the URL of the folder with the files of the output.
        status: the HTTP status of an answer that has none.
        headers: further headers.
    """
    status = answer.status or status
    all_headers = {**(headers or {}), **fill_headers(answer, values)}
    if answer.body is not OMIT:
        names = {name for _, name, _ in placeholders_in(answer.body)} & {*OUTPUT_PLACEHOLDERS}
        outputs = _outputs(output, names, address) if output is not None else []
        return json_response(fill(answer.body, values, outputs), status, all_headers)
    if answer.media is None or output is None:
        return Response(status_code=status, headers=all_headers)
    return Response(make_file(output), status, all_headers, output.format.media_type)


def request_values(output: OutputRequest, now: float) -> dict[str, Any]:
    """Return the values of placeholders that a request decides, and the time."""
    return {
        "slug": output.slug,
        "seed": output.seed,
        "media_type": output.format.media_type,
        "now": timestamp(now),
        "unix": int(now),
    }


def file_names(output: OutputRequest) -> list[str]:
    """Return the names of the files that a request asks for; none if it asks for JSON."""
    if output.format.is_json:
        return []
    return [f"{number}.{output.format.extension}" for number in range(output.count)]


def _outputs(output: OutputRequest, names: Collection[str], address: str) -> list[dict[str, Any]]:
    """Return the values of the placeholders of each output. JSON is one output, even if the request asks for several."""
    if output.format.is_json and "text" not in names:
        return [_values(output, 0, names, output.echo)]
    files = file_names(output) or [""] * output.count
    return [
        _values(output, number, names, f"{address}/{name}" if name else output.echo)
        for number, name in enumerate(files)
    ]


def _values(output: OutputRequest, number: int, names: Collection[str], value: object) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "output" in names:
        values["output"] = value
    if "base64" in names:
        values["base64"] = base64.b64encode(make_file(output, number)).decode("ascii")
    if "text" in names:
        values["text"] = write_text(output, number)
    return values
