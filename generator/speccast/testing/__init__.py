"""An emulator for test suites: started in the process of the tests, with failures on demand.

    with emulator(package="acme_client", progress="polls:1") as api:
        client = Acme(api.key, base_url=api.url)
        api.fault("status=503;times=1")
        ...

For pytest there is the fixture `speccast_emulator` (`speccast.testing.plugin`). Importing this package costs
nothing; what it needs (the extra `serve`) is imported when an emulator starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.testing._emulator import Emulator, Request, emulator

__all__ = ["Emulator", "Request", "emulator"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}._emulator"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
