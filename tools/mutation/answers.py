"""The mutants of a model's answers: a sample of the spec with one member renamed, moved, dropped or changed.

Only samples that a test can reach are mutated: those for the media type that the example of the page asks for, and for
the conditions on parameters.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from speccast.core.answers import Answers, choose, placeholders_in
from speccast.core.omit import OMIT
from speccast.emulator.output_request import OutputReader
from speccast.specs.build import build_bundle
from tools.mutation.mutants import Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.core.answers import Answer, Operation
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.specs.bundle import Bundle

SWAPPED = {
    "status_url": "result_url",
    "result_url": "status_url",
    "cancel_url": "status_url",
    "id": "slug",
    "state": "slug",
    "slug": "id",
    "message": "slug",
    "seed": "unix",
    "text": "slug",
}
"""The placeholder that a mutant has instead of another one."""


def answer_mutants(bundle: Bundle, slug: str) -> Iterator[Mutant]:
    """Yield every mutant of the answers to requests for a model."""
    api = build_bundle(bundle)
    model = next(model for model in api.models if model.slug == slug)
    answers = api.answers_of(model)
    for operation in _operations(api, model):
        samples: tuple[Answer, ...] = getattr(answers, operation)
        reachable = list(_reachable(api, model, answers, operation))
        for index, sample in enumerate(samples):
            if not any(sample is each for each in reachable):
                continue
            for change, mutated in _changes(sample, operation):
                written = [_write(each) for each in samples]
                written[index] = mutated
                own = {**bundle.models[slug].get("answers", {}), operation: written}
                yield Mutant(
                    slug, "", f"{operation} {index + 1}: {change}", {**bundle.models[slug], "answers": own}
                )


def _operations(api: Api, model: Model) -> Iterator[Operation]:
    if model.is_sync and api.sync is not None:
        yield "sync"
    if model.is_async and api.jobs is not None:
        yield from ("submit", "status", "result")
        if any(state.phase == "failed" for state in api.jobs.states):
            yield "failed"
        if api.jobs.cancel is not None:
            yield "cancel"
    yield "error"


def _reachable(api: Api, model: Model, answers: Answers, operation: Operation) -> Iterator[Answer]:
    """Yield the samples that the tests are answered with."""
    defaults = {each.wire: each.default for each in model.parameters if each.default is not OMIT}
    requests: list[dict[str, Any]] = [{**defaults, **(model.example or {})}]
    wires = {each.wire for each in model.parameters}
    requests += [
        {**requests[0], **{name: values[0] for name, values in answer.when if name in wires}}
        for answer in answers.sync
    ]
    states = [state.name for state in api.jobs.states] if api.jobs is not None else [""]
    status = api.error_for("invalid_parameters").status
    for request in requests if operation == "sync" else requests[:1]:
        output = OutputReader(model, answers).read(request, lambda: 0)
        samples: Sequence[Answer] = getattr(output.answers, operation)
        for state in states:
            values = {"state": state, "media_type": output.format.media_type, "status": status}
            chosen = choose(samples, values)
            # `for_parameters` makes copies without the conditions that hold.
            yield from (
                each
                for each in getattr(answers, operation)
                if each.body is chosen.body and each.media == chosen.media
            )


def _write(answer: Answer) -> dict[str, Any]:
    """Return an answer as a spec writes it."""
    written: dict[str, Any] = {
        "when": {name: list(values) for name, values in answer.when},
        "status": answer.status,
        "headers": dict(answer.headers),
        "media": answer.media,
    }
    written = {name: value for name, value in written.items() if value}
    return written if answer.body is OMIT else {**written, "body": copy.deepcopy(answer.body)}


def _changes(sample: Answer, operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    written = _write(sample)
    if operation != "error":  # whose status is that of the error
        yield "another status", {**written, "status": 207}
    for name in sample.headers:
        rest = {other: text for other, text in sample.headers.items() if other != name}
        yield f"header {name} dropped", {**written, "headers": rest}
    if sample.body is OMIT:
        return
    yield "in a list", {**written, "body": [sample.body]}
    for change, body in _mutate(sample.body, ""):
        yield change, {**written, "body": body}


def _mutate(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield JSON data with one change, at any depth."""
    if isinstance(value, dict):
        yield from _mutate_members(value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for change, mutated in _mutate(item, f"{path}[{index}]"):
                yield change, [*value[:index], mutated, *value[index + 1 :]]
        if value:
            yield f"{path} with another item", [*value, None]
    elif isinstance(value, str) and (found := list(placeholders_in(value))):
        name = found[0][1]
        if name in SWAPPED:
            yield f"{path} {SWAPPED[name]} for {name}", value.replace(f"{{{name}}}", f"{{{SWAPPED[name]}}}")
        yield f"{path} null", None
    elif value is not None:
        yield f"{path} null", None


def _mutate_members(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    names = list(value)
    yield f"{path or 'body'} with another member", {**value, "another": 1}
    for name in names:
        place = f"{path}.{name}".removeprefix(".")
        rest = {other: value[other] for other in names if other != name}
        yield f"{place} dropped", rest
        yield (
            f"{place} renamed",
            {f"{name}_" if other == name else other: member for other, member in value.items()},
        )
        yield (
            f"{place} moved into an object",
            {other: {name: member} if other == name else member for other, member in value.items()},
        )
        if name != names[-1]:
            yield f"{place} moved to the end", {**rest, name: value[name]}
        for change, mutated in _mutate(value[name], place):
            yield change, {**value, name: mutated}
