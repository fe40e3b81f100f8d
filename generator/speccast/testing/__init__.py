"""Tests against an emulator: an emulator in the process of the tests, and a table of test cases for each model.

    with emulator("acme_client", progress="polls:1") as api:
        client = Acme(api.key, base_url=api.url)
        api.fault("status=503;times=1")
        ...

    @pytest.mark.parametrize("case", cases("acme_client", "fox-1.0"), ids=str)
    def test_limits(client, case):
        check_case(client, case)

The pytest plugin (`speccast.testing.plugin`) adds the fixture `speccast_emulator`, and `pytest --pyargs acme_client`.
Importing this package is cheap: what a function needs (an emulator needs the extra `serve`) is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.emulator.journal import RecordedRequest
    from speccast.testing.agreement import check_case
    from speccast.testing.samples import check_answers
    from speccast.testing.server import Emulator, emulator
    from speccast.testing.table import Case, cases

__all__ = ["Case", "Emulator", "RecordedRequest", "cases", "check_answers", "check_case", "emulator"]

_MODULES = {
    "Case": "testing.table",
    "RecordedRequest": "emulator.journal",
    "cases": "testing.table",
    "check_answers": "testing.samples",
    "check_case": "testing.agreement",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"speccast.{_MODULES.get(name, 'testing.server')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
