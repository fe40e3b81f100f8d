"""The case table of a model: requests at every limit of its parameters and one step beyond, with the expected outcome.

The table is computed from the specs that a generated package carries, so no file repeats a limit. The expected outcome
comes from the purpose of a case (`at-minimum`, `below-minimum`). A case is omitted if another limit of the same
parameter contradicts the expected outcome, or if the search for a value that matches a pattern would take too long.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from speccast.core.check import member_mismatches
from speccast.core.encoding import ENCODINGS, EncodeError
from speccast.core.uploads import Upload
from speccast.core.values import is_equal
from speccast.emulator.source import read_source
from speccast.errors import SpeccastError
from speccast.samples.examples import example_refusal, with_example
from speccast.samples.media import MediaSample
from speccast.samples.probes import UNKNOWN_NAME, probes
from speccast.samples.size import expand
from speccast.samples.values import is_valid, minimal_object
from speccast.specs.build import build_bundle, build_model
from speccast.specs.bundle import Bundle
from speccast.targets.python.names import python_model
from speccast.testing.media import make_media

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from speccast.core.encoding import Encoding
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter
    from speccast.core.places import EventPlaces

Expected: TypeAlias = Literal["accepted", "streamed", "refused", "refused-by-client", "completed", "skipped"]

NO_REQUEST: Final = "no valid request is known: add an `example` to the spec"


@dataclass(frozen=True, slots=True)
class Case:
    """One request to a model, and the outcome that client and API must agree on.

    Attributes:
        slug: the model.
        surface: how the request is sent: `sync` for one blocking call, `async` for a job.
        id: the parameter's name in Python and what is tried: `steps-at-minimum`, `prompt-missing`.
        expected: `accepted`, `refused`, or `completed`: a required parameter with a default is missing, which the
            client adds and the API refuses. `streamed`: the request asks for events, so only `stream` sends it, without
            the `parameters` that ask. `refused-by-client`: what the client refuses has a valid text in a form, such as
            1 for "1", or no request can show it, such as a file for an API that takes addresses only. `skipped`, with a
            `reason`, if what the case is for cannot be shown.
        request: the arguments by wire name, with long values as expressions (`speccast.samples.size`).
        names: the names in Python, by wire name.
        parameters: the paths that an error of the client names; empty if the request is accepted.
        status: what the API answers if it refuses the request.
    """

    slug: str
    surface: Literal["sync", "async"]
    id: str
    expected: Expected
    request: Mapping[str, Any] = field(hash=False)
    names: Mapping[str, str] = field(hash=False, repr=False)
    parameters: tuple[str, ...] = ()
    status: int = 400
    reason: str = ""

    @property
    def arguments(self) -> dict[str, Json]:
        """The arguments by wire name."""
        return {wire: expand(value, make_media) for wire, value in self.request.items()}

    @property
    def keywords(self) -> dict[str, Json]:
        """The arguments by name in Python."""
        return {self.names.get(wire, wire): value for wire, value in self.arguments.items()}

    def __str__(self) -> str:
        return self.id


def cases(source: str | Path, slug: str) -> tuple[Case, ...]:
    """Return the case table of a model, the smallest valid request first.

    Args:
        source: the name of a generated client's package, its folder, a `_specs.json`, or a folder of specs. It is read
            once per process.
        slug: the model.

    Returns:
        The cases. Only a skipped one, if no valid request is known: a required parameter has a pattern, and neither a
        default nor an example.

    Raises:
        SpeccastError: the specs cannot be read, or have no such model.
    """
    bundle = bundle_of(source)
    if slug not in bundle.models:
        raise SpeccastError(f"unknown model {slug!r}", hint=f"known: {', '.join(bundle.models)}")
    model: Any = bundle.models[slug]
    api = build_bundle(Bundle(bundle.api, {}))
    built = build_model(model, slug)
    surface = api.sync if built.is_sync else api.jobs
    body = built.body or (surface.body if surface is not None else "json")
    status = api.error_for("invalid_parameters").status
    table = case_table(built, status, body, has_uploads=api.upload is not None)
    events = api.event_places(built)
    return table if events is None else tuple(_stream(case, built, events) for case in table)


def _stream(case: Case, model: Model, events: EventPlaces) -> Case:
    """Return a case as it is for a model whose responses can be streamed."""
    defaults = {each.wire: each.default for each in model.parameters}
    values = {**defaults, **case.request}
    is_asking = all(
        any(is_equal(values[wire], each) for each in accepted) for wire, accepted in events.asks.items()
    )
    if case.expected != "accepted" or case.surface != "sync" or not is_asking:
        return case
    return replace(case, expected="streamed", parameters=tuple(case.names[wire] for wire in events.asks))


@lru_cache(maxsize=1)  # each test module of a package asks for one of its models
def bundle_of(source: str | Path) -> Bundle:
    """Return the specs of a package or folder."""
    return read_source(source)


def case_table(
    model: Model, status: int = 400, body: str = "json", *, has_uploads: bool = False
) -> tuple[Case, ...]:
    """Return the cases of a model; `status` is what the API sends for invalid parameters, `body` the encoding.

    An API that `has_uploads` takes files for parameters that are addresses.
    """
    model = python_model(model)  # the case names what the errors of a generated client name
    shown = with_example(model)
    minimal = minimal_object(shown.parameters)
    names = {parameter.wire: parameter.name for parameter in model.parameters}
    surface, *others = model.surfaces
    if minimal is None:
        return (Case(model.slug, surface, "minimal", "skipped", {}, names, reason=NO_REQUEST),)
    table: dict[tuple[bool, str], Case] = {}
    rows = _rows(shown, minimal, ENCODINGS[body], has_uploads=has_uploads)
    for id_, expected, arguments, parameters in rows:
        case = Case(model.slug, surface, id_, expected, arguments, names, parameters, status)
        # The first of several cases that send the same. What the client completes is a separate case.
        table.setdefault((expected == "completed", repr(arguments)), case)
    first, *rest = table.values()
    if (reason := example_refusal(model)) is not None:
        rest.insert(
            0, Case(model.slug, surface, "example", "skipped", model.example or {}, names, reason=reason)
        )
    # All surfaces take the same parameters, so that one request shows that another surface works.
    return (first, *(replace(first, surface=other, id=f"minimal-{other}") for other in others), *rest)


_Row: TypeAlias = "tuple[str, Expected, dict[str, Any], tuple[str, ...]]"


def _rows(model: Model, minimal: dict[str, Json], encoding: Encoding, *, has_uploads: bool) -> Iterator[_Row]:
    yield "minimal", "accepted", minimal, ()
    if model.example is not None and example_refusal(model) is None:
        yield "example", "accepted", {**_files(minimal), **model.example}, ()
    invalid = dict(minimal)
    invalid_parameters: list[str] = []
    for parameter in model.parameters:
        rows = list(_parameter_rows(parameter, minimal, has_uploads=has_uploads))
        if encoding.is_form:
            rows = [row for row in map(partial(_in_form, model, encoding), rows) if row is not None]
        yield from rows
        refused = [row for row in rows if row[1] == "refused" and parameter.wire in row[2]]
        if refused:
            _, _, arguments, names = refused[0]
            invalid[parameter.wire] = arguments[parameter.wire]
            invalid_parameters += names
    yield "unknown-name", "refused", {**minimal, UNKNOWN_NAME: 1}, (UNKNOWN_NAME,)
    yield "all-invalid", "refused", {**invalid, UNKNOWN_NAME: 1}, (*invalid_parameters, UNKNOWN_NAME)


def _in_form(model: Model, encoding: Encoding, row: _Row) -> _Row | None:
    """Return a row as it is in a form, or None if a form cannot show it: an empty list has no field."""
    id_, expected, arguments, parameters = row
    if expected == "refused-by-client":
        return row  # not encoded, because its file may have gigabytes
    try:
        content_type, body = encoding.encode(
            {wire: expand(value, _part) for wire, value in arguments.items()}
        )
    except EncodeError:
        return None if expected == "accepted" else (id_, "refused-by-client", arguments, parameters)
    else:
        from speccast.emulator.bodies import decode_form  # needs the packages of the emulator

        content = body if isinstance(body, bytes) else b"".join(body)
        read = decode_form(content, content_type, model.parameters)
        values = {wire: _describe(value) for wire, value in read.items()}
        is_valid_text = not any(member_mismatches(model.parameters, values))
    if expected == "refused" and is_valid_text:
        return id_, "refused-by-client", arguments, parameters
    return row if expected != "accepted" or is_valid_text else None


def _describe(value: Any) -> Any:
    """Return what a form contains, with files as such."""
    from speccast.emulator.bodies import FileDescription  # needs the packages of the emulator

    if isinstance(value, list):
        return [_describe(item) for item in value]
    if isinstance(value, FileDescription):
        return Upload(
            value["filename"], value["media_type"], memoryview(value.content).tobytes(), value["size"]
        )
    return value


def _part(media: MediaSample) -> Upload | str:
    """Return what a client sends in a form."""
    return media.upload() if media.sent == "file" else media.text()


def _files(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are files or lists of files."""
    return {
        wire: value
        for wire, value in arguments.items()
        if isinstance(value, MediaSample)
        or (isinstance(value, list) and value and isinstance(value[0], MediaSample))
    }


def _parameter_rows(parameter: Parameter, minimal: dict[str, Json], *, has_uploads: bool) -> Iterator[_Row]:
    expected: Expected
    if parameter.required:
        rest = {wire: value for wire, value in minimal.items() if wire != parameter.wire}
        expected = "refused" if parameter.must_be_given else "completed"
        yield f"{parameter.name}-missing", expected, rest, (parameter.name,)
    for probe in probes(parameter):
        if not probe.is_completed and is_valid(parameter, probe.value) is not probe.is_accepted:
            continue  # another limit of the parameter decides the other way, or a pattern takes too long
        expected = "accepted" if probe.is_accepted else "refused"
        if probe.is_completed:
            expected = "completed"
        if probe.is_for_client or (probe.needs_upload and not has_uploads):
            expected = "refused-by-client"
        paths = () if expected == "accepted" else (parameter.name + probe.path,)
        yield f"{parameter.name}-{probe.label}", expected, {**minimal, parameter.wire: probe.value}, paths
