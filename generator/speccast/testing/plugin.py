"""The pytest plugin: the fixture `speccast_emulator`, and `pytest --pyargs acme_client`.

The fixture is an emulator that is reset for each test. It serves the specs that the marker names, else those of the ini
option `speccast_package` or `speccast_specs`, else those of the project:

    @pytest.mark.speccast("acme_client", progress="polls:1")

The marker takes the arguments of `speccast.testing.emulator`. One server is started per distinct marker, with the first
test that needs it, and kept for the session.

A generated package named on the command line is collected as tests (`speccast.testing.collection`).

Every run of pytest imports this module, so it imports only what is cheap.
"""

from __future__ import annotations

from contextlib import ExitStack
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from speccast.testing import Emulator


class Servers:
    """The emulators of a session, one per distinct marker."""

    def __init__(self, stack: ExitStack, config: pytest.Config) -> None:
        self._stack = stack
        self._config = config
        self._started: dict[str, Emulator] = {}

    def get(self, marker: pytest.Mark | None) -> Emulator:
        """Return the emulator for a marker. If it cannot be started, fail the test with the reason alone."""
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
            raise SpeccastError("speccast_package and speccast_specs are both set", hint="remove one of them")
        return package or (self._config.rootpath / specs if specs else None)


def _check(accepted: Signature, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
    """Raise SpeccastError for unknown settings, so that a TypeError from elsewhere is not reported as one."""
    from speccast.errors import SpeccastError

    try:
        accepted.bind(*args, **options)
    except TypeError as error:
        raise SpeccastError(
            f"the marker speccast {error}", hint=f"it takes {', '.join(accepted.parameters)}"
        ) from error


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("speccast_specs", "Folder of specs, or a _specs.json, for speccast_emulator to serve.")
    parser.addini("speccast_package", "Package of a client whose specs speccast_emulator serves.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the specs of a package whose folder is named on the command line, also by `--pyargs`."""
    if file_path.name != "_specs.json" or not parent.session.isinitpath(file_path.parent):
        return None
    from speccast.testing.collection import SpecsFile

    return SpecsFile.from_parent(parent, path=file_path)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "speccast(source=None, **settings): the specs and settings of the fixture speccast_emulator.",
    )


@pytest.fixture(scope="session")
def _speccast_servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack, request.config)


@pytest.fixture
def speccast_emulator(request: pytest.FixtureRequest, _speccast_servers: Servers) -> Emulator:
    """Return an emulator of the API, reset for this test: `.url`, `.key`, `.fault()`, `.advance()`, `.journal()`, …"""
    api = _speccast_servers.get(request.node.get_closest_marker("speccast"))
    api.reset()
    return api
