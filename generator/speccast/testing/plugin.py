"""The pytest plugin: the fixture `speccast_emulator`, and `pytest --pyargs acme_client`.

The fixture is an emulator that is reset before each test, although its scope is the session: fixtures of modules and
sessions, such as a client, can use it. It serves the specs that the marker names, else those of the ini option
`speccast_package` or `speccast_specs`, else those of the project:

    @pytest.mark.speccast("acme_client", progress="polls:1")

The marker takes the arguments of `speccast.testing.emulator`. One server is started per distinct marker, with the first
test that needs it, and kept for the session. The report of a failing test shows the requests and their responses.

A generated package named on the command line is collected as tests (`speccast.testing.collection`).

Every run of pytest imports this module, so it imports only what is cheap.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from copy import copy
from importlib.util import find_spec
from inspect import signature
from typing import TYPE_CHECKING, Any
from zipimport import zipimporter

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from speccast.testing import Emulator


FIXTURE = "speccast_emulator"

LINES = 20
"""Requests that the report of a failing test shows."""


class Servers:
    """The emulators of a session, one per distinct marker. `emulator` is that of the current test."""

    def __init__(self, config: pytest.Config) -> None:
        self._stack = ExitStack()
        self._config = config
        self._started: dict[str, Emulator] = {}
        self._is_default_started = False
        self.emulator: Emulator | None = None

    def close(self) -> None:
        self._stack.close()

    def is_started_for(self, marker: pytest.Mark | None) -> bool:
        """Return whether a test with a marker can use an emulator that was started before."""
        return self.emulator is not None and (marker is not None or self._is_default_started)

    def prepare(self, item: pytest.Item) -> None:
        """Set `emulator` to that of a test, in its initial state. It stays one object, which fixtures can keep."""
        marker = item.get_closest_marker("speccast")
        started = self._get(marker)
        self._is_default_started |= marker is None
        started.reset()
        if self.emulator is None:
            self.emulator = copy(started)
        else:
            vars(self.emulator).update(vars(started))

    def _get(self, marker: pytest.Mark | None) -> Emulator:
        """Return the emulator for a marker. If it cannot be started, fail the test with the reason alone."""
        from speccast.emulator.failures import FaultError
        from speccast.errors import SpeccastError
        from speccast.testing import emulator

        args, options = (marker.args, marker.kwargs) if marker is not None else ((), {})
        try:
            accepted = signature(emulator)
            try:  # apart, so that a TypeError from elsewhere is not reported as an unknown setting
                accepted.bind(*args, **options)
            except TypeError as error:
                hint = f"it takes {', '.join(accepted.parameters)}"
                raise SpeccastError(f"the marker speccast {error}", hint=hint) from error
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


_SERVERS = pytest.StashKey[Servers]()


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
    if config.option.pyargs:
        config.args[:] = map(_path_of_zipped_package, config.args)
    config.stash[_SERVERS] = Servers(config)
    config.addinivalue_line(
        "markers",
        "speccast(source=None, **settings): the specs and settings of the fixture speccast_emulator.",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_SERVERS].close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Prepare the emulator before all fixtures, so that those of modules and sessions already use it."""
    servers = item.config.stash[_SERVERS]
    # A test may also request the fixture while it runs. One that does not must not fail because there are no specs.
    if _uses_emulator(item) or servers.is_started_for(item.get_closest_marker("speccast")):
        servers.prepare(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests to the emulator and its responses to the report of a failing test."""
    report = yield
    emulator = item.config.stash[_SERVERS].emulator
    if report.failed and _uses_emulator(item) and emulator is not None:
        requests = "\n".join(emulator.lines()[-LINES:])
        report.sections.append(("Requests to the emulator", requests or "none"))
    return report


@pytest.fixture(scope="session")
def speccast_emulator(request: pytest.FixtureRequest) -> Emulator:
    """Return an emulator of the API, reset before each test: `.url`, `.key`, `.fault()`, `.advance()`, `.journal()`, …"""
    emulator = request.config.stash[_SERVERS].emulator
    if emulator is None:
        pytest.fail(f"request {FIXTURE} as an argument of the test or of a fixture", pytrace=False)
    return emulator


def _path_of_zipped_package(argument: str) -> str:
    """Return the folder into which a package in a zip archive is unpacked, because pytest collects files; else the argument."""
    from speccast.errors import SpeccastError
    from speccast.packages import find_package

    if not all(part.isidentifier() for part in argument.split(".")):
        return argument
    try:
        with suppress(ImportError):
            found = find_spec(argument.partition(".")[0])
            if found is not None and isinstance(found.loader, zipimporter):
                return str(find_package(argument) or argument)
    except SpeccastError as error:
        raise pytest.UsageError(error.message) from error
    return argument


def _uses_emulator(item: pytest.Item) -> bool:
    return FIXTURE in getattr(item, "fixturenames", ())
