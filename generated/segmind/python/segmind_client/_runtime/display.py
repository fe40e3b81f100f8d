"""How notebooks show outputs (`_repr_mimebundle_`): pictures, sound and films; small ones as data, others as links.

Security boundary: addresses, names and media types come from responses, and become HTML here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from .plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .output import AnyOutput

__all__ = ["mime_bundle"]

_MOST_BYTES = 8 * 1024 * 1024
"""Bytes of all outputs that are shown as data: a notebook keeps them."""
_MOST_OUTPUTS = 16
_OF_NOTEBOOKS = frozenset({"image/gif", "image/jpeg", "image/png"})
"""Types that notebooks show without HTML."""
_OVER_HTTPS = r"https://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+)(?::443)?/"
"""Addresses at a name, without a user, a password or an unusual port."""
_PRIVATE_NAMES = (".arpa", ".home", ".internal", ".lan", ".local", ".localhost", ".onion", ".test")
_SHOWN_TYPES = r"(image|audio|video)/[a-z0-9][a-z0-9.+-]{0,40}"


def mime_bundle(outputs: Sequence[AnyOutput], origin: str) -> dict[str, str]:
    """Return the outputs by media type, for a notebook; empty if there is nothing to show but JSON.

    `origin` is that of the API.
    """
    shown = [output for output in outputs if output.kind not in ("text", "json")]
    if not shown:
        texts = [(output.content or b"")[:_MOST_BYTES] for output in outputs if output.kind == "text"]
        text = "\n".join(each.decode(errors="replace") for each in texts[:_MOST_OUTPUTS])
        return {"text/plain": clean(text)} if texts else {}
    first = shown[0]
    if len(outputs) == 1 and first.content_type in _OF_NOTEBOOKS and 0 < (first.size or 0) <= _MOST_BYTES:
        return {first.content_type: b64encode(first.content or b"").decode()}
    left, parts = _MOST_BYTES, list[str]()
    for output in shown[:_MOST_OUTPUTS]:
        is_data = output.content is not None and len(output.content) <= left
        left -= len(output.content or b"") if is_data else 0
        parts.append(f"<div>{_html(output, origin, is_data=is_data)}</div>")
    if len(shown) > _MOST_OUTPUTS:
        parts.append(f"<div>and {len(shown) - _MOST_OUTPUTS} more</div>")
    return {"text/html": "".join(parts)}


def _html(output: AnyOutput, origin: str, *, is_data: bool) -> str:
    from html import escape  # Only notebooks need it, and it is slow to import.

    name = escape(output.name)
    if output.url is not None:
        url = escape(output.url)
        if not re.match(r"https?://", output.url):
            return f"{name}: {url}"
        link = f'<a href="{url}" target="_blank" rel="noopener noreferrer">{name}</a>'
        return _element(output.kind, url, name) + link if _may_be_loaded(output.url, origin) else link
    if is_data and output.content and re.fullmatch(_SHOWN_TYPES, output.content_type):
        data = f"data:{output.content_type};base64,{b64encode(output.content).decode()}"
        return _element(output.kind, data, name)
    return f"{name}: {escape(output.content_type or 'unknown type')}, {output.size} bytes"


def _element(kind: str, source: str, name: str) -> str:
    """Return the element that shows a picture, a sound or a film; empty for other kinds."""
    if kind == "image":
        return f'<img src="{source}" alt="{name}" referrerpolicy="no-referrer" style="max-width: 100%">'
    if kind in ("audio", "video"):
        return f'<{kind} src="{source}" controls preload="none" style="max-width: 100%"></{kind}>'
    return ""


def _may_be_loaded(url: str, origin: str) -> bool:
    """Security: whether the browser may load an address without a click: from the API, or over https from a public name."""
    if origin and url.startswith(f"{origin}/"):
        return True
    found = re.match(_OVER_HTTPS, url)
    return found is not None and not found[1].endswith(_PRIVATE_NAMES)
