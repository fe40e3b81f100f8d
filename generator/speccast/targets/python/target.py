"""The target python: a typed client, synchronous and asynchronous, with a command line and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.samples.examples import content_types
from speccast.targets.python import declarations, documentation, package
from speccast.targets.python.example import example_request
from speccast.targets.python.filters import FILTERS
from speccast.targets.python.formatter import LINE_LENGTH, RULES, RuffFormatter
from speccast.targets.python.names import names_of_model, names_of_parameter, python_model
from speccast.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.cache import Entries
    from speccast.core.model import Model
    from speccast.targets.python.filters import CheckedSource


def _batch_variables(models: Sequence[Model], entries: Entries) -> Mapping[str, object]:
    """`params_source` returns the parameter models of a model; the first call generates those of all."""
    sources: dict[str, CheckedSource] = {}

    def params_source(model: Model) -> CheckedSource:
        """Return the source of the parameter models of a model, for the filter of the same name."""
        if not sources:
            from speccast.targets.python.params import params_sources

            sources.update(params_sources(models, entries))
        return sources[model.slug]

    return {"params_source": params_source}


def _prepare(models: Sequence[Model], entries: Entries) -> None:
    from speccast.targets.python.params import prepare

    prepare(models, entries)


TARGET = Target(
    "python",
    variables={
        "LINE_LENGTH": LINE_LENGTH,
        "RULES": RULES,
        "answer_rows": documentation.answer_rows,
        "client_documentation": package.client_documentation,
        "content_types": content_types,
        "error_class_documentation": package.error_class_documentation,
        "error_documentation": package.error_documentation,
        "error_names": package.error_names,
        "example_request": example_request,
        "exported_classes": package.exported_classes,
        "exported_names": package.exported_names,
        "exports": package.exports,
        "first_model": package.first_model,
        "former_models": package.former_models,
        "license_expression": package.license_expression,
        "member_classes": declarations.member_classes,
        "package_documentation": package.package_documentation,
        "runtime_errors": package.runtime_errors,
        "succeeded_states": package.succeeded_states,
        "has_byte_stream": declarations.has_byte_stream,
        "model_classes": declarations.model_classes,
        "notes": documentation.notes,
        "reference_rows": documentation.reference_rows,
        "has_reason": package.has_reason,
        "needs_model_of_job": package.needs_model_of_job,
        "state_place": package.state_place,
        "media_note": documentation.media_note,
        "upload_note": documentation.upload_note,
        "unfinished_states": package.unfinished_states,
    },
    batch_variables=_batch_variables,
    prepare=_prepare,
    filters=FILTERS,
    file_name=lambda model: python_model(model).module,
    resolve_names=python_model,
    names_of_model=names_of_model,
    names_of_parameter=names_of_parameter,
    has_changelog=True,
    formatter=RuffFormatter(),
    features={
        "auth_places": package.has_auth_places,
        "cancel": package.has_cancel,
        "canceled": package.has_canceled_state,
        "cost": package.tells_cost,
        "durations": package.has_durations,
        "events": package.has_events,
        "files": package.has_files,
        "job_models": package.needs_model_of_job,
        "remaining_credits": package.tells_remaining_credits,
        "renamed": package.has_renamed,
        "renamed_models": package.has_renamed_models,
        "surface_hosts": package.has_surface_hosts,
        "unions": package.has_unions,
        "uploads": package.has_uploads,
    },
)
