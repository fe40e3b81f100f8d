"""Responses: the error statuses and headers in `api.yaml`.

A104 status-repeated

    Each HTTP status must be listed once, since the client handles it in one way.

    Bad::

        # api.yaml
        errors:
          - { status: 406, title: Insufficient Credits }
          - { status: 406, title: Unsupported Content Type }

    Good::

        # api.yaml
        errors:
          - { status: 406, title: Insufficient Credits, note: Also for an unsupported content type. }

A105 exception-repeated

    Each `exception` becomes a class, so its name must be unique. Statuses without one are raised as the general
    error of their class, 4xx or 5xx.

    Bad::

        # api.yaml
        errors:
          - { status: 401, title: Unauthorized, exception: AccessError }
          - { status: 403, title: Forbidden, exception: AccessError }

    Good::

        # api.yaml
        errors:
          - { status: 401, title: Unauthorized, exception: AuthenticationError }
          - { status: 403, title: Forbidden, exception: PermissionDeniedError }

A106 header-repeated

    Each header and each meaning must be listed once, since the metadata of a response has one value for each
    meaning.

    Bad::

        # api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }
          - { name: x-price, meaning: cost, type: number }

    Good::

        # api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }
          - { name: x-price, meaning: price, type: number }

A111 error-status-missing

    The client has a class for each status in the spec, and a general one for all others. Nearly every API returns
    400, 401, 404, 429 and 500, even if its page does not say so.

    Bad::

        # api.yaml
        auth: { in: header, name: x-api-key }
        errors:
          - { status: 400, title: Bad Request }
          - { status: 404, title: Not Found }

    Good::

        # api.yaml
        auth: { in: header, name: x-api-key }
        errors:
          - { status: 400, title: Bad Request }
          - { status: 401, title: Unauthorized }
          - { status: 404, title: Not Found }
          - { status: 429, title: Too Many Requests }
          - { status: 500, title: Server Error }

A113 occasion-repeated

    An occasion belongs to one status: the emulator, the generated tests and the OpenAPI document use that status for it.

    Bad::

        # api.yaml
        errors:
          - { status: 400, title: Bad Request, occasions: [invalid_parameters] }
          - { status: 422, title: Invalid, occasions: [invalid_parameters] }

    Good::

        # api.yaml
        errors:
          - { status: 400, title: Bad Request, occasions: [invalid_body] }
          - { status: 422, title: Invalid, occasions: [invalid_parameters] }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from speccast.lint.rule import ApiContext, Location, RuleViolation, Severity, Violations, api_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_USUAL: Final = (400, 401, 404, 429, 500)


@api_rule("A104", Severity.ERROR, "an HTTP status that is listed twice under errors", needed=True)
def status_repeated(context: ApiContext) -> Violations:
    return _check_repeated(
        context, "errors", "status", "merge the entries, and add a `note` on the other meaning"
    )


@api_rule("A105", Severity.ERROR, "an exception that is listed twice under errors", needed=True)
def exception_repeated(context: ApiContext) -> Violations:
    return _check_repeated(
        context, "errors", "exception", "use a different class for each status, or omit one"
    )


@api_rule("A106", Severity.ERROR, "a header or meaning that is listed twice", needed=True)
def header_repeated(context: ApiContext) -> Violations:
    yield from _check_repeated(context, "headers", "name", "remove one of the two")
    yield from _check_repeated(context, "headers", "meaning", "give one of them another meaning")


def _check_repeated(context: ApiContext, section: str, key: str, hint: str) -> Violations:
    """Yield the entries of a section whose value of a key is already that of another entry."""
    spec: Mapping[str, Any] = {**context.spec}
    entries: Sequence[Mapping[str, Any]] = spec.get(section, ())
    first: dict[object, int] = {}
    for index, entry in enumerate(entries):
        if key not in entry:
            continue
        before = first.setdefault(entry[key], index)
        if before != index:
            yield RuleViolation(
                context.value(section, index, key),
                f"the {key} {entry[key]} is listed twice under `{section}`",
                hint,
                related=((context.value(section, before, key), "the first one is here"),),
            )


@api_rule("A113", Severity.ERROR, "an occasion on two statuses", needed=True)
def occasion_repeated(context: ApiContext) -> Violations:
    first: dict[str, tuple[int, Location]] = {}
    for index, error in enumerate(context.spec.get("errors", [])):
        places: dict[str, Location] = {}
        for name in error.get("messages", {}):
            places[name] = context.key("errors", index, "messages", name)
        for number, occasion in enumerate(error.get("occasions", [])):
            places[occasion] = context.value("errors", index, "occasions", number)
        for name, place in places.items():
            before, related = first.setdefault(name, (index, place))
            if before != index:
                yield RuleViolation(
                    place,
                    f"the occasion {name} is on two statuses",
                    "remove it from one of them",
                    related=((related, "the first one is here"),),
                )


@api_rule("A111", Severity.INFO, "a usual error status that is not listed")
def error_status_missing(context: ApiContext) -> Violations:
    listed = {error["status"] for error in context.spec.get("errors", [])}
    missing = [
        status for status in _USUAL if status not in listed and (status != 401 or "auth" in context.spec)
    ]
    if missing:
        words = ", ".join(map(str, missing))
        place = context.key("errors") if "errors" in context.spec else context.key("title")
        yield RuleViolation(
            place, f"no error has the status {words}", "add them from the page or from observed responses"
        )
