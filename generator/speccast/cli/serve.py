"""`speccast serve`: emulate the API from its specs, for tests and experiments."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.cli.crash_recovery import find_recovered_project
from speccast.cli.project import start_folder
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.emulator.tls import Authority
    from speccast.specs.bundle import Bundle


@click.command(
    epilog="Examples: speccast serve --port 8000; speccast serve --package acme_client; speccast serve _specs.json"
)
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("--api", metavar="NAME", help="API to serve, if the project has more than one.")
@click.option("--package", metavar="PACKAGE", help="Serve the specs of an installed client.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 selects a free one.",
)
@click.option(
    "--progress",
    metavar="HOW",
    default="polls:2",
    show_default=True,
    help="When jobs finish: immediate, polls:N or time:SECONDS.",
)
@click.option("--key", metavar="KEY", help="Accept only this key. Default: any non-empty key.")
@click.option("--seed", type=int, default=0, show_default=True, help="First seed for requests without one.")
@click.option(
    "--fault",
    "faults",
    metavar="FAULT",
    multiple=True,
    help='Inject a fault, such as "status=503;times=2".',
)
@click.option(
    "--rate", metavar="N/TIME", help="Limit the rate of requests, such as 5/60s; above it, respond with 429."
)
@click.option(
    "--credits", "amount", metavar="N", help="Credits of the account; requests that cost more are refused."
)
@click.option(
    "--max-jobs", default=100_000, show_default=True, type=click.IntRange(1), help="Number of jobs to keep."
)
@click.option(
    "--journal",
    default=1000,
    show_default=True,
    type=click.IntRange(0),
    help="Number of requests to keep in the journal.",
)
@click.option(
    "--event-delay",
    metavar="SECONDS",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0, 60),
    help="Time between two events of a streamed response.",
)
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="Also accept this host name, besides localhost.",
)
@click.option(
    "--allow-origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    help="Also let web pages of this origin call the API, besides those of localhost; * is every origin.",
)
@click.option(
    "--tls", is_flag=True, help="Serve HTTPS with a certificate authority that is created for this run."
)
@click.option(
    "--url", metavar="URL", help="Hand out addresses with this origin, such as https://api.example.com."
)
@click.option(
    "--inputs",
    metavar="DIR|deny",
    help="Take addresses in requests as the files with these names in a folder, or refuse addresses.",
)
@click.option("--lenient", is_flag=True, help="Convert values of other types, and ignore unknown names.")
@click.option("--verbose", is_flag=True, help="Print a line on stderr for each request.")
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
    faults: tuple[str, ...],
    rate: str | None,
    amount: str | None,
    max_jobs: int,
    journal: int,
    event_delay: float,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    tls: bool,
    url: str | None,
    inputs: str | None,
    lenient: bool,
    verbose: bool,
) -> int:
    """Serve an emulator of the API on loopback.

    The emulator implements what the specs define: keys, routes, the limits of all parameters, images of the requested size, jobs from submit to
    result, and injected faults. SOURCE is a folder of specs, the folder of a generated package or a _specs.json; by
    default, the specs of the project are served. Prints one line when it is ready. To stop it, press Ctrl-C.
    """
    if sum(given is not None for given in (source, package)) > 1:
        raise click.UsageError("--package cannot be combined with SOURCE")
    bundle = _bundle(source, api, package)
    try:
        from speccast.emulator.failures import FaultError
        from speccast.emulator.faults import parse_fault
        from speccast.emulator.rates import parse_rate
        from speccast.emulator.server import serve
        from speccast.emulator.settings import (
            EmulatorSettings,
            parse_credits,
            parse_inputs,
            parse_origin,
            parse_progress,
            parse_url,
        )
    except ModuleNotFoundError as error:
        raise SpeccastError(
            f"the emulator needs {error.name}, which is not installed", hint='pip install "speccast[serve]"'
        ) from None
    try:
        armed = tuple(parse_fault(fault) for fault in faults)
    except FaultError as error:
        raise SpeccastError(f"--fault: {error}", hint="docs/emulator.md lists the faults") from error
    settings = EmulatorSettings(
        key=key,
        progress=parse_progress(progress),
        seed=seed,
        credits=None if amount is None else parse_credits(amount),
        rate=None if rate is None else parse_rate(rate),
        faults=armed,
        is_lenient=lenient,
        hosts=frozenset(hosts),
        origins=tuple(parse_origin(origin) for origin in origins),
        inputs=None if inputs is None else parse_inputs(inputs),
        url=None if url is None else parse_url(url),
        max_jobs=max_jobs,
        journal=journal,
        event_delay=event_delay,
        log=_log if verbose else None,
    )
    with ExitStack() as stack:
        authority = stack.enter_context(_authority({host, *settings.all_hosts})) if tls else None
        serve(bundle, settings, host, port, authority=authority)
    return 0


@contextmanager
def _authority(hosts: set[str]) -> Iterator[Authority]:
    """Make a certificate authority for localhost and other hosts, and tell how to trust it."""
    from speccast.emulator.tls import make_authority

    with make_authority(hosts) as (authority, path):
        click.echo(
            f"To trust this emulator until it stops: SSL_CERT_FILE={path} (Python, OpenSSL), "
            f"NODE_EXTRA_CA_CERTS={path} (Node.js), REQUESTS_CA_BUNDLE={path} (requests), curl --cacert {path}",
            err=True,
        )
        yield authority


def _log(line: str) -> None:
    click.echo(printable(line), err=True)


def _bundle(source: Path | None, api: str | None, package: str | None) -> Bundle:
    from speccast.emulator.source import choose_bundle, package_bundle, specs_of
    from speccast.specs.bundle import SPECS, read_bundle

    if package is not None:
        return package_bundle(package)
    if source is not None:
        find_recovered_project(source)  # the source may be output of the project
        if (source / SPECS).is_file():
            return read_bundle(source / SPECS)
        if not source.is_dir():
            return read_bundle(source)
    from speccast.cli.findings_report import print_findings
    from speccast.config import find_project

    specs = specs_of(start_folder(), source)
    if print_findings(
        specs.findings, find_project(start_folder()).root, warns=False, consequence="nothing is served"
    ):
        raise click.exceptions.Exit(1)
    return choose_bundle(specs, api)
