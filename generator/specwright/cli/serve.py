"""`specwright serve`: an emulator of the API, from the specs alone, for tests and for trying things out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specwright.errors import SpecwrightError

if TYPE_CHECKING:
    from specwright.spec.bundle import Bundle


@click.command(
    epilog="Examples: specwright serve --port 8000; specwright serve --package acme_client; specwright serve _specs.json"
)
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("--api", metavar="NAME", help="Which API of the project, where there is more than one.")
@click.option("--package", metavar="PACKAGE", help="Serve the specs that an installed client carries.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--progress",
    metavar="HOW",
    default="polls:2",
    show_default=True,
    help="When jobs are done: immediate, or polls:N.",
)
@click.option(
    "--key", metavar="KEY", help="Accept this key only; without it any key that is not empty will do."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Where the seeds start that requests leave out."
)
def command(
    *,
    source: Path | None,
    api: str | None,
    package: str | None,
    host: str,
    port: int,
    progress: str,
    key: str | None,
    seed: int,
) -> int:
    """Serve an emulator of the API on loopback.

    It answers as the specs say: keys, routes, every limit of every parameter, images of the size that was asked for,
    jobs from submit to result. SOURCE is a folder of specs or a _specs.json; without it the project's specs are served.
    Prints one line when it is ready, and ends with Ctrl-C.
    """
    if sum(given is not None for given in (source, package)) > 1:
        raise click.UsageError("--package and a source both say what to serve; give one of them")
    bundle = _bundle(source, api, package)
    try:
        from specwright.emulator.server import serve
        from specwright.emulator.settings import Settings, parse_progress
    except ModuleNotFoundError as error:
        raise SpecwrightError(
            f"the emulator needs {error.name}, which is not installed", hint='pip install "specwright[serve]"'
        ) from None
    serve(bundle, Settings(key=key, progress=parse_progress(progress), seed=seed), host, port)
    return 0


def _bundle(source: Path | None, api: str | None, package: str | None) -> Bundle:
    from specwright.spec.bundle import read_bundle

    if package is not None:
        return read_bundle(_specs_of(package))
    if source is not None and not source.is_dir():
        return read_bundle(source)
    return _project_bundle(source, api)


def _specs_of(package: str) -> Path:
    from importlib.util import find_spec

    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        found = None
    if found is None or not found.submodule_search_locations:
        raise SpecwrightError(f"there is no package {package!r}", hint="install it in this environment")
    return Path(found.submodule_search_locations[0]) / "_specs.json"


def _project_bundle(source: Path | None, api: str | None) -> Bundle:
    """The specs of a project as a bundle. Ends the command with 1 where they have errors, which are printed."""
    from specwright.cli.findings import print_findings
    from specwright.config import find_project
    from specwright.generation import read_specs
    from specwright.spec.bundle import Bundle

    project = find_project(Path.cwd())
    specs = read_specs(project if source is None else replace(project, specs=source.resolve()))
    if print_findings(specs.findings):
        raise click.exceptions.Exit(1)
    apis = {found.id: found for found in specs.apis}
    if api is None and len(apis) > 1:
        raise SpecwrightError(
            f"there are several APIs: {', '.join(apis)}", hint="specwright serve --api NAME"
        )
    chosen = api if api is not None else next(iter(apis))
    if chosen not in apis:
        raise SpecwrightError(f"there is no API {chosen!r}", hint=f"there are: {', '.join(apis)}")
    content = json.loads(apis[chosen].bundle)
    return Bundle(content["api"], {model["slug"]: model for model in content["models"]})
