"""Parameters of owl, as datamodel-code-generator makes them."""

from __future__ import annotations

from pydantic import MISSING

from acme_client._runtime.params import Params


class OwlParams(Params):
    prompt: str | MISSING = MISSING
