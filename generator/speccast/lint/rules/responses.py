"""Answers: the error statuses and headers that an `api.yaml` lists.

A104 status-repeated

    An HTTP status stands in the list once, since a client has one way to treat it.

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

    Each status that names an `exception` gets a class of its own, so the names must differ. Statuses without one are
    raised as the general error of their hundred.

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

    A header stands in the list once, and no two headers have the same meaning: the metadata of an answer has one value
    under each.

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

    A client has a class for each status that the spec lists, and a general one for all others. Nearly every API answers
    400, 401, 404, 429 and 500 sooner or later, whether its page says so or not.

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

from speccast.findings import Severity
from speccast.lint.rule import ApiRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.lint.context import ApiContext
    from speccast.lint.place import Place

_USUAL: Final = (400, 401, 404, 429, 500)


def status_repeated(context: ApiContext) -> Iterator[Violation]:
    return _repeated(context, "errors", "status", "make them one entry, with a `note` on the other meaning")


def exception_repeated(context: ApiContext) -> Iterator[Violation]:
    return _repeated(context, "errors", "exception", "name each class after its own status, or leave one out")


def header_repeated(context: ApiContext) -> Iterator[Violation]:
    yield from _repeated(context, "headers", "name", "remove one of the two")
    yield from _repeated(context, "headers", "meaning", "give one of them another meaning")


def _repeated(context: ApiContext, section: str, key: str, hint: str) -> Iterator[Violation]:
    """Entries of a section that have the same value under a key as one before them."""
    spec: Mapping[str, Any] = {**context.spec}
    entries: Sequence[Mapping[str, Any]] = spec.get(section, ())
    first: dict[object, int] = {}
    for index, entry in enumerate(entries):
        if key not in entry:
            continue
        before = first.setdefault(entry[key], index)
        if before != index:
            yield Violation(
                context.value(section, index, key),
                f"the {key} {entry[key]} stands twice under `{section}`",
                hint,
                related=((context.value(section, before, key), "the first one is here"),),
            )


def occasion_repeated(context: ApiContext) -> Iterator[Violation]:
    first: dict[str, tuple[int, Place]] = {}
    for index, error in enumerate(context.spec.get("errors", [])):
        places: dict[str, Place] = {}
        for name in error.get("messages", {}):
            places[name] = context.key("errors", index, "messages", name)
        for number, occasion in enumerate(error.get("occasions", [])):
            places[occasion] = context.value("errors", index, "occasions", number)
        for name, place in places.items():
            before, related = first.setdefault(name, (index, place))
            if before != index:
                yield Violation(
                    place,
                    f"the occasion {name} is on two statuses",
                    "remove it from one of them",
                    related=((related, "the first one is here"),),
                )


def error_status_missing(context: ApiContext) -> Iterator[Violation]:
    listed = {error["status"] for error in context.spec.get("errors", [])}
    wanted = [
        status for status in _USUAL if status not in listed and (status != 401 or "auth" in context.spec)
    ]
    if wanted:
        words = ", ".join(map(str, wanted))
        place = context.key("errors") if "errors" in context.spec else context.key("title")
        yield Violation(
            place, f"no error has the status {words}", "look for them on the page, or observe them"
        )


RULES: Final = (
    ApiRule(
        code="A104",
        name="status-repeated",
        severity=Severity.ERROR,
        summary="an HTTP status that stands twice under errors",
        needed=True,
        check=status_repeated,
    ),
    ApiRule(
        code="A105",
        name="exception-repeated",
        severity=Severity.ERROR,
        summary="an exception that stands twice under errors",
        needed=True,
        check=exception_repeated,
    ),
    ApiRule(
        code="A106",
        name="header-repeated",
        severity=Severity.ERROR,
        summary="a header, or the meaning of one, that stands twice",
        needed=True,
        check=header_repeated,
    ),
    ApiRule(
        code="A111",
        name="error-status-missing",
        severity=Severity.INFO,
        summary="a status that nearly every API answers and that is not listed",
        check=error_status_missing,
    ),
    ApiRule(
        code="A113",
        name="occasion-repeated",
        severity=Severity.ERROR,
        summary="an occasion on two statuses",
        needed=True,
        check=occasion_repeated,
    ),
)
