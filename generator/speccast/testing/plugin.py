"""The pytest plugin: the fixture `speccast_emulator`, an emulator that is as new for every test.

What it serves is, in this order, what the marker says, the ini option `speccast_package` or `speccast_specs`, or the
project's specs:

    @pytest.mark.speccast("acme_client", progress="polls:1")

The marker takes what `speccast.testing.emulator` takes. One server is started for each distinct marker, with the first test that
asks for it, and kept for the session. Every run of pytest imports this module, so it imports nothing that costs time.
"""

from __future__ import annotations

from contextlib import ExitStack
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.testing import Emulator


class Servers:
    """The emulators of a session, by what they serve and how."""

    def __init__(self, stack: ExitStack, config: pytest.Config) -> None:
        self._stack = stack
        self._config = config
        self._started: dict[str, Emulator] = {}

    def get(self, marker: pytest.Mark | None) -> Emulator:
        """The emulator that a marker asks for. Where there can be none, the test fails with the reason alone."""
        from speccast.emulator.faults import FaultError
        from speccast.errors import SpeccastError
        from speccast.testing import emulator

        args, options = (marker.args, marker.kwargs) if marker is not None else ((), {})
        try:
            _check(signature(emulator), args, options)
            if not args and "source" not in options:
                args = (self._source(),)
            key = repr((args, sorted(options.items())))
            if key not in self._started:
                started = emulator(*args, **{"start": self._config.rootpath, **options})
                self._started[key] = self._stack.enter_context(started)
            return self._started[key]
        except SpeccastError as error:
            reason = f"{error.message}\nhint: {error.hint}" if error.hint else error.message
        except FaultError as error:
            reason = str(error)
        pytest.fail(f"speccast_emulator: {reason}", pytrace=False)

    def _source(self) -> Any:
        from speccast.errors import SpeccastError

        package = self._config.getini("speccast_package")
        specs = self._config.getini("speccast_specs")
        if package and specs:
            raise SpeccastError(
                "speccast_package and speccast_specs both say what to serve", hint="give one of them"
            )
        return package or (self._config.rootpath / specs if specs else None)


def _check(known: Signature, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
    """Raises SpeccastError for settings that are none; a TypeError from elsewhere is no mistake in a marker."""
    from speccast.errors import SpeccastError

    try:
        known.bind(*args, **options)
    except TypeError as error:
        raise SpeccastError(
            f"the marker speccast {error}", hint=f"it takes {', '.join(known.parameters)}"
        ) from error


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("speccast_specs", "Folder of specs, or a _specs.json, that speccast_emulator serves.")
    parser.addini("speccast_package", "Package of a client whose specs speccast_emulator serves.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "speccast(source=None, **settings): what the fixture speccast_emulator serves to this test, and how.",
    )


@pytest.fixture(scope="session")
def _speccast_servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack, request.config)


@pytest.fixture
def speccast_emulator(request: pytest.FixtureRequest, _speccast_servers: Servers) -> Emulator:
    """An emulator of the API, reset for this test: `.url`, `.key`, `.fault()`, `.advance()`, `.journal()` and more."""
    found = _speccast_servers.get(request.node.get_closest_marker("speccast"))
    found.reset()
    return found
