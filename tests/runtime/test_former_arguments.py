"""Former names of parameters are accepted with a warning."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from acme_client import ParameterError
from acme_support.server import Reply


@pytest.fixture(autouse=True)
def _scripted(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))


@pytest.mark.parametrize("options", [{}, {"validate": False}])
def test_a_former_name_is_sent_under_the_current_one(acme: Any, server: Any, options: dict[str, Any]) -> None:
    with pytest.warns(DeprecationWarning, match=r"^fox-1\.5: size is deprecated, use width$") as caught:
        acme.run(acme.client(**options).fox_1_5.generate(prompt="a fox", size=64))

    assert acme.is_async or [warning.filename for warning in caught] == [__file__]
    assert server.requests[-1].json["width"] == 64
    assert "size" not in server.requests[-1].json


def test_both_names_are_an_error(acme: Any, server: Any) -> None:
    with pytest.raises(ParameterError, match="size=64: is the former name of width, which is passed as well"):
        acme.run(acme.client().fox_1_5.generate(prompt="a fox", size=64, width=64))

    assert not server.requests


def test_the_value_is_checked_as_that_of_the_parameter(acme: Any) -> None:
    with (
        pytest.warns(DeprecationWarning),
        pytest.raises(ParameterError, match="width=8: ") as caught,
    ):
        acme.run(acme.client().fox_1_5.generate(prompt="a fox", size=8))

    assert [violation.parameter for violation in caught.value.violations] == ["width"]


def test_the_current_name_has_no_warning(acme: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        acme.run(acme.client().fox_1_5.generate(prompt="a fox", width=64))
