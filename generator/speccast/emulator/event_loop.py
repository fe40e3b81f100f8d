"""The event loop of an emulator, whose clock tests cannot stop."""

from __future__ import annotations

import asyncio
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec


class EventLoop(asyncio.SelectorEventLoop):
    """An event loop with the real monotonic clock.

    Libraries such as freezegun replace `time.monotonic` in all modules of the process. With a clock that is stopped,
    no timer of the loop would ever fire, and the emulator would not stop.
    """

    def __init__(self) -> None:
        spec = BuiltinImporter.find_spec("time")
        assert spec is not None and spec.loader is not None
        # A second copy of the built-in module, which nobody else can find and patch.
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self._monotonic = module.monotonic
        super().__init__()

    def time(self) -> float:
        clock: float = self._monotonic()
        return clock
