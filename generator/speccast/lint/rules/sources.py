"""Sources and dates: the page that a spec is based on, its age, and the end of a model.

M207 source-missing

    Without a source, a spec cannot be verified. Give the document or address, and the date on which it was read.

    Bad::

        source: { url: https://docs.acme.example/flux }

    Good::

        source: { url: https://docs.acme.example/flux, date: "2026-11-20" }

M208 source-old

    Pages change. With `--today DATE`, sources that were read more than a year before that date are reported.
    Without the option, the result of a build does not depend on the date.

    Bad::

        source: { document: flux.html, date: "2020-01-31" }

    Good::

        source: { document: flux.html, date: "2026-11-20" }

M209 day-impossible

    The date does not exist, for example because month and day are swapped.

    Bad::

        source: { document: flux.html, date: "2026-11-31" }

    Good::

        source: { document: flux.html, date: "2026-11-30" }

D106 deprecated-without-replacement

    Users of a deprecated model need another one. `replaced_by` is the model that the page recommends.

    Bad::

        deprecated: { since: "2026-11-20" }

    Good::

        deprecated: { since: "2026-11-20", replaced_by: flux-2 }
"""

from __future__ import annotations

from datetime import date
from typing import Final

from speccast.lint.rule import ModelContext, RuleViolation, Severity, Violations, model_rule

_YEAR: Final = 366


@model_rule("M207", Severity.INFO, "a spec without its source or the date of the source", default=False)
def source_missing(context: ModelContext) -> Violations:
    source = context.spec.get("source")
    if source is None:
        yield RuleViolation(
            context.value("slug"),
            "the spec has no `source`",
            "add the document or address of the page, and the date",
        )
    elif "url" not in source and "document" not in source:
        yield RuleViolation(context.key("source"), "the source has neither `url` nor `document`", "add one")
    elif "date" not in source:
        message = "the source has no `date`"
        yield RuleViolation(
            context.key("source"), message, 'add the date on which it was read: `date: "2026-01-31"`'
        )


@model_rule("M208", Severity.WARNING, "a source that was read more than a year before --today")
def source_old(context: ModelContext) -> Violations:
    today = context.api.today
    read = _day(context.spec.get("source", {}).get("date"))
    if today is not None and read is not None and (today - read).days > _YEAR:
        yield RuleViolation(
            context.value("source", "date"),
            f"the source was read {(today - read).days} days before {today}",
            "read the page again, update the spec and its date",
        )


@model_rule("M209", Severity.WARNING, "an invalid date")
def day_impossible(context: ModelContext) -> Violations:
    days = (
        ("source", "date", context.spec.get("source", {}).get("date")),
        ("deprecated", "since", context.spec.get("deprecated", {}).get("since")),
    )
    for section, key, written in days:
        if written is not None and _day(written) is None:
            yield RuleViolation(
                context.value(section, key), f"{written} is not a valid date", "correct the date"
            )


@model_rule("D106", Severity.INFO, "a deprecated model without a replacement")
def deprecated_without_replacement(context: ModelContext) -> Violations:
    deprecated = context.spec.get("deprecated")
    if deprecated is not None and "replaced_by" not in deprecated:
        message = "the model is deprecated, but has no `replaced_by`"
        yield RuleViolation(
            context.key("deprecated"), message, "add `replaced_by` with the slug of the model to use instead"
        )


def _day(written: str | None) -> date | None:
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError:
        return None
