"""Runs a model: read the parameters, check them, send the request, wait, save the output."""

from __future__ import annotations

import json
import re
import warnings
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

import click

from .._api import API
from .._core.omit import OMIT
from .._runtime.errors import ApiError, InvalidResponseError, ParameterError, ParameterWarning
from .._runtime.media import bare, is_media
from .._runtime.options import CallOptions
from .._runtime.resources import build_call
from .._runtime.stream import ByteStream
from .._runtime.typed_texts import UnreadableError
from .._runtime.wording import format_value

# speccast: if cost
from .budget import check_price

# speccast: end
from .connection import KEY_VARIABLE, connect
from .errors import INTERRUPTED, ParameterProblems
from .options import destination, takes_files
from .output import check_output, deliver
from .progress import Progress
from .terminal import json_text, one_line, print_message, print_result

# speccast: if events
from .texts import build_stream, is_streamed, without_asking, write_stream

# speccast: end
from .values import StandardInput, collect, read_assignments, read_object
from .waiting import resume_command, wait_and_save

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._core.parameter import Parameter
    from .._core.uploads import MultipartBody
    from .._runtime.calls import Call
    from .._runtime.errors import Violation
    from .._runtime.index import ModelEntry
    from .._runtime.jobs import Job
    from .._runtime.resources import SyncModel
    from .._runtime.results import Result
    from .settings import CommandSettings

_WARNINGS = (ParameterWarning, DeprecationWarning)
"""About arguments; they are printed once, when the arguments are checked."""


def run(
    attribute: str,
    entry: ModelEntry,
    model: type[SyncModel],
    given: Mapping[str, object],
    settings: CommandSettings,
) -> None:
    """Run the model. `given` are the arguments of its flags, by destination.

    Raises click.UsageError with all invalid parameters, before anything is sent, and the client's errors.
    """
    job = _is_job(entry, settings)
    if not (settings.dry_run or settings.submit):
        check_output(settings.output, as_json=settings.as_json, embed=settings.embed, returns=model.returns)
    values, problems, extra = _read(model, given, settings)
    options = CallOptions(
        timeout=OMIT if settings.timeout is None or job else settings.timeout,
        validate=False if settings.no_validate else OMIT,
        extra_body=extra or None,
    )
    call = check_request(model, values, problems, options, settings, given=given, job=job)
    if settings.dry_run:
        show_request(call, settings)
        return
    # speccast: if cost
    check_price(model.price, settings)
    # speccast: end
    send_request(attribute, model, values, options, settings, job=job)


def send_request(
    attribute: str,
    model: type[SyncModel],
    values: Mapping[str, Any],
    options: CallOptions,
    settings: CommandSettings,
    *,
    job: bool,
    stem: str | None = None,
) -> None:
    """Send a request that was checked, and save the output, by default under a name that begins with `stem`."""
    # speccast: if events
    streamed = is_streamed(model, values, settings, job=job)
    # speccast: end
    with connect(settings) as client, warnings.catch_warnings():
        for category in _WARNINGS:
            warnings.simplefilter("ignore", category)
        name = _method(model, job=job)
        # speccast: if events
        if model.events is not None and not job:
            name = "stream" if streamed else "generate"
        # speccast: end
        method = getattr(getattr(client, attribute), name)
        names = {parameter.name for parameter in model.parameters}
        # Only without a check there are other names.
        unknown = {name: value for name, value in values.items() if name not in names}
        options = options._replace(extra_body={**unknown, **(options.extra_body or {})})
        known = {name: value for name, value in values.items() if name in names}
        # speccast: if events
        known = without_asking(model, known) if streamed else known
        # speccast: end
        send = partial(method, **known, **options._asdict())
        # speccast: if events
        if streamed:
            write_stream(model.slug, send, settings)
            return
        # speccast: end
        if job:
            _run_job(model.slug, send, settings, stem)
        else:
            _run_call(model.slug, send, settings, stem)


def _method(model: type[SyncModel], *, job: bool) -> str:
    """Return the name of the method that runs the model."""
    if job:
        return "submit"
    return "stream" if is_media(bare(model.returns[0])) else "generate"


def _is_job(entry: ModelEntry, settings: CommandSettings) -> bool:
    """Return whether to run the model as a job. Raises click.UsageError if it has no jobs."""
    sync, job = "sync" in entry.surfaces, "async" in entry.surfaces
    wants_job = settings.submit or settings.as_job
    if wants_job and not job:
        raise click.UsageError(
            f"{entry.command} has no jobs: remove {'--submit' if settings.submit else '--async'}."
        )
    return wants_job or not sync


def _read(
    model: type[SyncModel], given: Mapping[str, object], settings: CommandSettings
) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Return the parameters by their names in Python, problems by flag, and unchecked parameters."""
    stdin = StandardInput()
    values: dict[str, Any] = {}
    try:
        if settings.params_file is not None:
            names = {parameter.wire: parameter.name for parameter in model.parameters}
            in_file: dict[str, Any] = read_object(settings.params_file, "--params-file", stdin)
            # speccast: if files
            from .values import with_paths

            in_file = with_paths(model.parameters, in_file)
            # speccast: end
            values = {names.get(wire, wire): value for wire, value in in_file.items()}
    except UnreadableError as error:
        raise click.UsageError(f"--params-file {settings.params_file}: {error}.") from None
    try:
        extra = read_assignments(settings.extra)
    except UnreadableError as error:
        raise click.UsageError(f"--param {error}.") from None
    flags, problems = collect(model.parameters, given, stdin)
    return {**values, **flags}, problems, extra


def check_request(
    model: type[SyncModel],
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    options: CallOptions,
    settings: CommandSettings,
    *,
    given: Mapping[str, object],
    job: bool,
) -> Call:
    """Return the call as it would be sent, without a key. `given` are the arguments of flags. Raises ParameterProblems."""
    from .._runtime.settings import configure

    keyless = configure(API, {}, api_key="unused", base_url=settings.base_url)
    call: Call | None = None
    violations: tuple[Violation, ...] = ()
    with warnings.catch_warnings(record=True) as caught:
        for category in _WARNINGS:
            warnings.simplefilter("always", category)
        try:
            # speccast: if events
            if is_streamed(model, values, settings, job=job):
                asked = without_asking(model, values)
                call, _ = build_stream(model, keyless.for_call(options), asked, options)
            # speccast: end
            call = call or build_call(model, keyless.for_call(options), values, options, job=job)
        except ParameterError as error:
            violations = error.violations
    if call is None or problems:
        lines = _lines(model.parameters, problems, violations, given)
        raise ParameterProblems(model.slug, lines, click.get_current_context())
    for warning in caught:
        if issubclass(warning.category, _WARNINGS):
            print_message(f"Warning: {one_line(str(warning.message))}")
    if deprecated := getattr(model, "deprecated", ""):
        print_message(f"Warning: {one_line(deprecated)}")
    return call


def _lines(
    parameters: tuple[Parameter, ...],
    problems: Mapping[str, str],
    violations: tuple[Violation, ...],
    given: Mapping[str, object],
) -> list[str]:
    """Return one line per problem, in the order of the parameters and with their flags."""
    flags = {parameter.name: parameter.flag for parameter in parameters}
    # speccast: if files
    files = {each.name: given.get(destination(each)) for each in parameters if takes_files(each)}
    # speccast: end
    lines = [(flag, f"{flag}: {message}") for flag, message in problems.items()]
    for violation in violations:
        name = re.split(r"[.\[]", violation.parameter, maxsplit=1)[0]
        inside = violation.parameter.removeprefix(name)
        flag = flags.get(name, name)
        if flag not in problems:
            value = violation.value
            # speccast: if files
            value = typed(files.get(name), inside) or value
            # speccast: end
            subject = f"{flag}{inside} {value}" if value else f"{flag}{inside}"
            message = violation.message
            # speccast: if files
            way = _as_text(violation.limit) if "." in inside else f"its path to {flag}"
            message = re.sub(r"pass Path\(.*\)$", f"pass {way}", message)
            # speccast: end
            lines.append((flag, f"{subject}: {message}"))
    order = [*flags.values()]
    return [
        line for _, line in sorted(lines, key=lambda item: order.index(item[0]) if item[0] in order else -1)
    ]


# speccast: if files
def _as_text(limit: str) -> str:
    """Return how JSON contains a file, by the words about what its parameter takes."""
    forms = {"base64": "base64", "data URI": "a data URI"}
    ways = [way for form, way in forms.items() if form in limit]
    return " or ".join(ways) or "its address"


def typed(words: object, inside: str) -> str:
    """Return what was typed for a file, or for an item of a list of files; empty if it is not one argument."""
    if isinstance(words, str) and not inside:
        return format_value(words)
    listed = [str(word) for word in cast("tuple[object, ...]", words)] if isinstance(words, tuple) else []
    index = re.fullmatch(r"\[(\d+)\]", inside)
    if index is None or any(word.startswith(("[", "{")) for word in listed):
        return ""
    return format_value(listed[int(index[1])]) if int(index[1]) < len(listed) else ""


# speccast: end
def show_request(call: Call, settings: CommandSettings) -> None:
    """Print the request with a placeholder for the key."""
    url, headers, body = _describe(call)
    if settings.as_json:
        print_result(json_text({"method": "POST", "url": url, "headers": headers, "body": body}))
    else:
        print_result(request_text(call))


def request_text(call: Call) -> str:
    """Return the request in lines, with a placeholder for the key."""
    url, headers, body = _describe(call)
    return "\n".join(
        [f"POST {url}", *(f"{name}: {value}" for name, value in headers.items()), "", json_text(body)]
    )


def _describe(call: Call) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Return the URL, the headers and the body of a request."""
    url, headers = call.url, {"content-type": call.content_type}
    headers.update((name.lower(), value) for name, value in API.request_headers.items())
    auth = API.auth
    # speccast: if auth_places
    auth = auth.preferring(call.auth_place) if auth is not None else None
    # speccast: end
    if auth is not None:
        authorization = auth.show(f"<{KEY_VARIABLE}>")
        headers.update((name.lower(), value) for name, value in authorization.headers.items())
        query = "&".join(f"{name}={value}" for name, value in authorization.query.items())
        url += f"?{query}" if query else ""
    return url, headers, _body(call)


def _body(call: Call) -> dict[str, Any]:
    """Return the parameters in the body."""
    body: Any = call.body
    # speccast: if files
    from .._core.uploads import JsonBody  # few models take files

    if isinstance(body, JsonBody):
        body = body.describe()
    elif not call.content_type.endswith("json"):
        return _fields(body)
    # speccast: end
    members: dict[str, Any] = json.loads(body)
    return members


# speccast: if files
def _fields(body: bytes | MultipartBody) -> dict[str, Any]:
    """Return the fields of a form; of a file, its name, type and size."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True) if isinstance(body, bytes) else body.fields
    fields: dict[str, Any] = {}
    for name, value in pairs:
        shown = value if isinstance(value, str) else repr(value)
        fields[name] = shown if name not in fields else [*_join(fields[name]), shown]
    return fields


def _join(value: Any) -> list[Any]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


# speccast: end
def _run_call(
    slug: str, send: Callable[[], Result | ByteStream], settings: CommandSettings, stem: str | None
) -> None:
    """Make the call and deliver its output, which is not kept in memory if it is a stream."""
    with ExitStack() as streams:
        try:
            with Progress(slug, quiet=settings.quiet):
                result = send()
                if isinstance(result, ByteStream):
                    streams.callback(result.close)
                    result = cast("Result | None", result.send()) or result
            _deliver_call(slug, result, settings, stem)
        except KeyboardInterrupt:
            print_message("\nInterrupted. The request may have been processed and billed.")
            raise click.exceptions.Exit(INTERRUPTED) from None


def _deliver_call(
    slug: str, result: Result | ByteStream, settings: CommandSettings, stem: str | None
) -> None:
    report: dict[str, Any] = {
        "model": slug,
        "request_id": result.request_id,
        "content_type": result.content_type,
        "metadata": result.metadata,
    }
    if not isinstance(result, ByteStream) and result.content_type == "application/json" and not result.images:
        with suppress(InvalidResponseError):
            report["response"] = result.json()
    mark = result.request_id or result.metadata.get("seed")
    name = slug.replace("/", "-")
    stem = stem or (f"{name}-{mark}" if mark is not None else name)
    try:
        deliver(result, settings, subject=f"output of {slug}", stem=stem, report=report)
    except ApiError as error:
        if "response" in report:
            # The response is paid for and cannot be fetched again.
            error.add_note(f"The response was:\n{json_text(report['response'])}")
        raise


def _run_job(slug: str, send: Callable[[], Job], settings: CommandSettings, stem: str | None) -> None:
    try:
        with Progress(slug, quiet=settings.quiet):
            job = send()
    except KeyboardInterrupt:
        print_message("\nInterrupted. The job may have been submitted and billed.")
        raise click.exceptions.Exit(INTERRUPTED) from None
    if settings.submit:
        print_result(json_text(job.submit_response) if settings.as_json else one_line(job.request_id))
        print_message(
            f"Submitted. To wait for the job and save its output:\n  {resume_command(job, settings)}"
        )
        return
    wait_and_save(job, settings, stem=stem or f"{slug.replace('/', '-')}-{job.request_id}")
