"""The check of the parameters of fox-1.5 by itself, without a request."""

from __future__ import annotations

from typing import Any

import pytest
from acme_client._runtime.check import Prepared, check_body
from acme_client._runtime.errors import ParameterError
from acme_client.models.fox_1_5 import PARAMETERS


def fox(**values: Any) -> dict[str, Any]:
    """Return the body that is sent, without what the smallest body has."""
    body = check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a", **values})
    assert body.pop("prompt") == "a" or "prompt" in values
    if "sampler" not in values:
        assert body.pop("sampler") == "euler"
    return body


def wrong(**values: Any) -> dict[str, str]:
    """Return what is wrong, by place."""
    with pytest.raises(ParameterError) as caught:
        check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a", **values})
    return {violation.parameter: violation.message for violation in caught.value.violations}
