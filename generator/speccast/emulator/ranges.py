"""Files as storage sends them: whole, or the range of bytes that a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request


def file_response(request: Request, content: bytes, media_type: str, tag: str) -> Response:
    """Return a file, or a range of it. `tag` identifies its content. Several ranges in one request get the whole file.

    A client that has the content already (`If-None-Match`) gets a response without it.
    """
    headers = {"accept-ranges": "bytes", "etag": f'"{tag}"'}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {headers["etag"], "*"}:
        return Response(status_code=304, headers=headers)
    found = re.fullmatch(r"bytes=\s*([0-9]{0,15})-([0-9]{0,15})\s*", request.headers.get("range", ""))
    if (
        found is None
        or found[0].strip() == "bytes=-"
        or request.headers.get("if-range", headers["etag"]) != headers["etag"]
    ):
        return Response(content, headers=headers, media_type=media_type)
    size = len(content)
    first, last = found[1], found[2]
    if first and last and int(last) < int(first):  # not a range
        return Response(content, headers=headers, media_type=media_type)
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    headers["content-range"] = f"bytes {start}-{end}/{size}"
    return Response(content[start : end + 1], 206, headers, media_type)
