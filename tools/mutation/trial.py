"""Tries mutants in one run of pytest: the emulator has a mutant, the client and its generated tests have the real spec.

Run in a process of its own for each API, since two clients have tests of the same name:

    python -m tools.mutation.trial PROJECT EVERY

PROJECT is the folder of a generated client; every EVERYth mutant of each of its models is tried. Tests are collected once. For each
mutant the emulator's specs are exchanged, and the tests of its model are run until one fails: those of the mutant's
parameter first, those that start processes last. Prints a line of JSON for each mutant.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from _pytest.runner import runtestprotocol

from speccast.emulator.app import create_app
from speccast.emulator.settings import Settings, parse_progress
from speccast.specs.bundle import Bundle, read_bundle
from speccast.specs.names import parameter_name
from tools.mutation.mutants import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the test that noticed it, or None where none did."""

    slug: str
    change: str
    noticed_by: str | None


class Server:
    """An emulator on a thread, whose specs can be exchanged."""

    def __init__(self, progress: str) -> None:
        self._settings = Settings(progress=parse_progress(progress))
        config = uvicorn.Config(
            self._app, port=0, interface="asgi3", log_level="error", lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._current: Any = None

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        await self._current(scope, receive, send)

    def show(self, bundle: Bundle) -> None:
        self._current = create_app(bundle, settings=self._settings)

    def start(self) -> str:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.005)
        [listener] = self._server.servers[0].sockets
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class Trial:
    """The plugin: takes the place of the emulators that the generated tests start, and of the loop over all tests."""

    def __init__(self, bundle: Bundle, every: int) -> None:
        self._bundle = bundle
        self._every = every
        self._servers: dict[str, Server] = {}
        self._shown = bundle

    def pytest_plugin_registered(self, plugin: object) -> None:
        if hasattr(plugin, "slow_base_url") and hasattr(plugin, "serve"):
            plugin.serve = self._serve

    def _serve(self, *options: str) -> Iterator[str]:
        assert options[0] == "--progress", options
        server = self._servers[options[1]] = Server(options[1])
        server.show(self._shown)
        yield server.start()
        server.stop()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        package = self._bundle.api["package"]
        modules = {entry.slug: entry.module for entry in import_module(f"{package}._index").MODELS.values()}
        for slug, model in self._bundle.models.items():
            items = [item for item in session.items if item.path.name == f"test_{modules[slug]}.py"]
            session._setupstate.teardown_exact(items[0])
            # If a test failed anyway, every mutant would be noticed. Where only some are tried, that is left to others.
            unchanged = self._noticed(Mutant(slug, "", "", model), items) if self._every == 1 else None
            if unchanged is not None:
                raise RuntimeError(f"{unchanged} fails as everything is")
            for mutant in list(mutants_of(model))[:: self._every]:
                outcome = Outcome(slug, mutant.change, self._noticed(mutant, items))
                print(json.dumps(asdict(outcome)), flush=True)
        return True

    def _noticed(self, mutant: Mutant, items: Sequence[pytest.Item]) -> str | None:
        self._show(Bundle(self._bundle.api, {**self._bundle.models, mutant.slug: mutant.model}))
        ordered = sorted(items, key=lambda item: _distance(item, mutant, self._bundle))
        for item in ordered:
            # With another test of the module next, what they share is kept.
            following = ordered[0] if item is not ordered[0] else ordered[1]
            reports = runtestprotocol(item, log=False, nextitem=following)
            if any(report.failed for report in reports):
                return item.name
        return None

    def _show(self, bundle: Bundle) -> None:
        self._shown = bundle
        for server in self._servers.values():
            server.show(bundle)


def _distance(item: pytest.Item, mutant: Mutant, bundle: Bundle) -> int:
    """How late a test is run: it is less likely to notice the mutant, or it takes long."""
    case = getattr(item, "callspec", None)
    if case is None:
        return 3 if "command" in item.name else 2
    if item.name.startswith("test_is_refused_before_it_is_sent"):
        return 4
    spec = bundle.models[mutant.slug]["parameters"].get(mutant.parameter, {})
    return 0 if case.id.startswith(f"{parameter_name(mutant.parameter, spec.get('name'))}-") else 1


def main(project: Path, every: int) -> int:
    [specs] = project.glob("*/_specs.json")
    sys.path.insert(0, str(project))
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"]
    return pytest.main(
        [*options, f"--rootdir={project}", str(project / "tests")], plugins=[Trial(read_bundle(specs), every)]
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), int(sys.argv[2])))
