"""Try mutants in one run of pytest: the emulator serves a mutant, the client and its generated tests have the real spec.

One process per API, since two clients have test modules of the same name:

    python -m tools.mutation.trial PROJECT EVERY

PROJECT is the folder of a generated client; every EVERYth mutant of each of its models is tried. Tests are collected
once. For each mutant the emulator's specs are replaced, and the tests of its model run until one fails, those of the
mutated parameter or answer first. Prints a line of JSON per mutant.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from _pytest.runner import runtestprotocol

from speccast.emulator.app import app_of
from speccast.emulator.faults import parse_fault
from speccast.emulator.settings import EmulatorSettings, parse_progress
from speccast.emulator.state import EmulatorState
from speccast.specs.bundle import Bundle, read_bundle
from speccast.targets.python.names import parameter_name
from speccast.testing.server import KEY
from tools.mutation.answers import answer_mutants
from tools.mutation.mutants import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Outcome:
    """The test that failed for a mutant of a model or file, or None if the mutant survived."""

    subject: str
    change: str
    killed_by: str | None


class Server:
    """An emulator in a thread, whose specs can be replaced. It has what the generated tests use of `Emulator`."""

    key = KEY

    def __init__(self, bundle: Bundle, progress: str) -> None:
        self._settings = EmulatorSettings(progress=parse_progress(progress))
        self._state: EmulatorState | None = None
        self.serve(bundle)
        config = uvicorn.Config(
            self._app, port=0, interface="asgi3", log_level="error", lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.005)
        [listener] = self._server.servers[0].sockets
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        await self._current(scope, receive, send)

    def serve(self, bundle: Bundle) -> None:
        uploads = None if self._state is None else self._state.service.uploads
        self._state = EmulatorState(bundle, self._settings)
        if uploads is not None:
            # The client keeps the addresses of files that it uploaded.
            self._state.service.uploads = uploads
        self._current = app_of(self._state)

    def fault(self, fault: str) -> None:
        assert self._state is not None
        self._state.faults.arm([parse_fault(fault)])

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class Trial:
    """The pytest plugin: replaces the emulator of the generated tests, and the loop over all tests."""

    def __init__(self, bundle: Bundle, every: int) -> None:
        self._bundle = bundle
        self._every = every
        self._server: Server | None = None
        self._passed: set[pytest.Item] = set()

    def pytest_plugin_registered(self, plugin: object) -> None:
        if hasattr(plugin, "api") and hasattr(plugin, "emulator"):
            plugin.emulator = self._emulator

    @contextmanager
    def _emulator(self, _: str, progress: str) -> Iterator[Server]:
        self._server = Server(self._bundle, progress)
        yield self._server
        self._server.stop()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        package = self._bundle.api["package"]
        modules = {entry.slug: entry.module for entry in import_module(f"{package}._index").MODELS.values()}
        for slug, model in self._bundle.models.items():
            items = [item for item in session.items if item.path.name == f"test_{modules[slug]}.py"]
            session._setupstate.teardown_exact(items[0])
            # The first request starts the emulator, which can then be given a mutant.
            self._require_success(items[0], items[1])
            of_answers = list(answer_mutants(self._bundle, slug))
            for subject, mutants in ((slug, list(mutants_of(model))), (f"{slug}, answers", of_answers)):
                for mutant in mutants[:: self._every]:
                    outcome = Outcome(subject, mutant.change, self._killer(items, mutant))
                    print(json.dumps(asdict(outcome)), flush=True)
        return True

    def _killer(self, items: Sequence[pytest.Item], mutant: Mutant) -> str | None:
        """Run the tests until one fails, and return its name."""
        self._serve({**self._bundle.models, mutant.slug: mutant.model})
        ordered = sorted(items, key=lambda item: _order(item, mutant, self._bundle))
        for item in ordered:
            # Naming another test of the module as the next one keeps the fixtures that they share.
            following = ordered[0] if item is not ordered[0] else ordered[1]
            if has_failed(item, following):
                self._require_success(item, following)
                return item.name
        return None

    def _require_success(self, item: pytest.Item, following: pytest.Item) -> None:
        """Raise an error if a test fails without a mutant, since it would kill every mutant."""
        if item not in self._passed:
            self._serve(self._bundle.models)
            if has_failed(item, following):
                raise RuntimeError(f"{item.name} fails without a mutant")
            self._passed.add(item)

    def _serve(self, models: Mapping[str, Mapping[str, Any]]) -> None:
        if self._server is not None:
            self._server.serve(Bundle(self._bundle.api, models))


def has_failed(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test, and return whether it failed. Fixtures that the following test uses are kept."""
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _order(item: pytest.Item, mutant: Mutant, bundle: Bundle) -> int:
    """Return the position of a test: tests of the mutated parameter are the most likely to fail."""
    call = getattr(item, "callspec", None)
    if not mutant.parameter:
        return 0 if item.name == "test_answers" else 1 if call is None else 2
    if call is None:
        return 2
    spec = bundle.models[mutant.slug]["parameters"].get(mutant.parameter, {})
    return 0 if call.id.startswith(f"{parameter_name(spec.get('name', mutant.parameter))}-") else 1


def main(project: Path, every: int) -> int:
    [specs] = project.glob("*/_specs.json")
    sys.path.insert(0, str(project))
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"]
    return pytest.main(
        [*options, f"--rootdir={project}", str(project / "tests")], plugins=[Trial(read_bundle(specs), every)]
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), int(sys.argv[2])))
