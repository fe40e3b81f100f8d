"""A version of an API that runs: its emulator, its generated client, and what is to be done with the client."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from speccast.diff.playback import PlaybackOutcome, PlaybackSession, World
from speccast.errors import SpeccastError
from speccast.generation.rendering import RenderJob, perform
from speccast.specs.bundle import SPECS, specs_json
from speccast.targets.registry import built_in_templates
from speccast.testing.server import KEY, Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import ExitStack

    from speccast.core.api import Api
    from speccast.diff.playback import PlaybackCase

TIMEOUT_S: Final = 1800
"""Seconds for all cases of a client together."""
HINT: Final = 'pip install "speccast[prove]"'


@dataclass(slots=True)
class Running:
    """A running version."""

    api: Api
    emulator: Emulator
    world: World
    """The hosts of the API, with the emulator behind them."""
    folder: Path
    """The folder with the generated client."""
    cases: list[PlaybackCase] = field(default_factory=list["PlaybackCase"])
    outcomes: list[PlaybackOutcome] = field(default_factory=list[PlaybackOutcome])

    def add(self, case: PlaybackCase) -> int:
        """Plan a case, and return its number."""
        self.cases.append(case)
        return len(self.cases) - 1

    def play(self) -> None:
        """Do what is planned, and keep the outcomes. The environment variables of the API are not set meanwhile.

        Raises:
            SpeccastError: the client cannot be imported or run.
        """
        planned = self.cases[len(self.outcomes) :]
        if not planned:
            return
        own = {self.api.env_api_key, self.api.env_base_url, self.api.env_log}
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "speccast.diff.playback"],
                input=pickle.dumps(PlaybackSession(self.api.package, self.api.client, KEY, planned)),
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if name not in own},
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SpeccastError(
                f"the client {self.api.package} {self.api.version} did not finish in {TIMEOUT_S} s"
            ) from None
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it was killed"]
            raise SpeccastError(
                f"the client {self.api.package} {self.api.version} cannot be run: {reason[0]}", hint=HINT
            )
        self.outcomes += [PlaybackOutcome(error, frozenset(seen)) for error, seen in json.loads(done.stdout)]


def start(
    api: Api,
    slugs: Collection[str],
    stack: ExitStack,
    *,
    answering: Callable[[Any], None] | None = None,
    has_client: bool = True,
) -> Running:
    """Start the emulator of a version, and generate its client with some models. `answering` changes the bundle of the emulator.

    Raises:
        SpeccastError: a package is missing, or the client cannot be generated.
    """
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="speccast-diff-")))
    specs = folder / SPECS
    bundle = json.loads(specs_json(api))
    if answering is not None:
        answering(bundle)
    specs.write_text(json.dumps(bundle), encoding="utf-8")
    hosts = _hosts(api)
    names = {urlsplit(f"//{host}").hostname or host for host in hosts}
    running = stack.enter_context(emulator(specs, hosts=names))
    if has_client:
        try:
            _generate(api, slugs, folder)
        except SpeccastError as error:
            raise SpeccastError(
                f"the client {api.package} {api.version} cannot be generated: {error}",
                hint="run speccast lint",
            ) from error
    return Running(api, running, World(dict.fromkeys(hosts, running.url), _paths(api)), folder / "client")


def _hosts(api: Api) -> set[str]:
    parts = (api.sync, api.jobs, api.upload)
    return {_host(api, None if part is None else part.base_url) for part in (None, *parts)}


def _host(api: Api, base_url: str | None) -> str:
    return urlsplit(base_url or api.base_url).netloc


def _paths(api: Api) -> dict[str, frozenset[str]]:
    """Return the hosts that serve the path of each call."""
    found: dict[str, set[str]] = defaultdict(set)
    for model in api.models:
        if api.sync is not None and model.is_sync:
            path = (model.sync_path or api.sync.path).replace("{slug}", model.slug)
            found[path].add(_host(api, api.sync.base_url))
        if api.jobs is not None and model.is_async:
            path = (model.submit_path or api.jobs.submit).replace("{slug}", model.slug)
            found[path].add(_host(api, api.jobs.base_url))
    return {path: frozenset(hosts) for path, hosts in found.items()}


def _generate(api: Api, slugs: Collection[str], folder: Path) -> None:
    models = tuple(model for model in api.models if model.slug in slugs)
    rendered = folder / "rendered"
    rendered.mkdir()
    job = RenderJob(
        replace(api, models=models), models, ("python",), built_in_templates(), rendered, shared=True
    )
    for file in perform(job):
        place = folder / "client" / file.record.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(Path(file.place).read_bytes())
