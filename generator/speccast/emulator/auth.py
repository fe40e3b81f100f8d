"""Whether a request carries a key that is accepted. This decides about access: it fails closed."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Auth


def refusal(
    auth: Auth, accepted: str | None, values: Mapping[str, str]
) -> Literal["missing_key", "invalid_key"] | None:
    """Why a request is refused, or None. `values` are its headers or its query, wherever the API has the key.

    `accepted` is the only key that passes; None lets any pass that is not empty.
    """
    sent = values.get(auth.name, "").strip()
    if not sent:
        return "missing_key"
    if auth.scheme is not None:
        scheme, _, sent = sent.partition(" ")
        sent = sent.strip()
        if scheme.lower() != auth.scheme.lower() or not sent:
            return "invalid_key"
    if accepted is not None and not hmac.compare_digest(sent.encode(), accepted.encode()):
        return "invalid_key"
    return None
