"""Names that an `api.yaml` gives: package, client, exceptions, and those of another SDK under `drop_in`.

A109 api-names-meet

    The package exports the client and its asynchronous twin, the exceptions, the drop-in names, and names that every
    generated package has (`Job`, `Result`, `OMIT`, `ApiError`, …). Two that are the same would hide each other, and so
    would one that Python has itself, such as `TimeoutError`.

    Bad::

        # api.yaml
        errors:
          - { status: 504, title: Timeout, exception: TimeoutError }

    Good::

        # api.yaml
        errors:
          - { status: 504, title: Timeout, exception: GatewayTimeoutError }

A110 package-name-taken

    A package that is called like a word of Python's syntax cannot be imported; one that is called like a module of the
    standard library, or like a package that the client itself needs, hides it.

    Bad::

        # api.yaml
        package: json

    Good::

        # api.yaml
        package: json_client
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.rule import ApiRule, Violation
from speccast.targets.python.names import is_legal_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ApiContext
    from speccast.lint.place import Place

RESERVED_EXPORTS: Final = frozenset({
    # what every package exports
    "APIConnectionError", "APIStatusError", "APITimeoutError", "ApiError", "AsyncJob", "AsyncJobResult",
    "ClientStatusError", "ConfigurationError", "InvalidResponseError", "Job", "JobError", "JobFailedError", "JobResult",
    "JobTimeoutError", "OMIT", "Omit", "OutputError", "Parameter", "ParameterError", "ParameterWarning", "Result",
    "ServerStatusError", "Timeout", "Violation",
    # its modules
    "cli", "client", "drop_in", "errors", "models",
    # what the modules of client, errors and drop-in names import
    "API", "Any", "Api", "AsyncAttributes", "AsyncClient", "Attributes", "ClassVar", "DropInClient", "MODELS", "Mapping",
    "ModelEntry", "STATUS_ERRORS", "SyncClient", "TYPE_CHECKING", "default_client",
})  # fmt: skip
"""Names that an API cannot give, because the generated package has them already."""

DEPENDENCIES: Final = frozenset({"click", "httpx2", "pydantic", "rich"})
"""Packages that a generated client needs."""

_ROLES: Final = ("run", "run_sync", "submit", "client", "error", "failed", "timeout")


def api_names_meet(context: ApiContext) -> Iterator[Violation]:
    first: dict[str, tuple[Place, str]] = {}
    for name, place, what in _names(context):
        hint = f"give the {what.removeprefix('the ')} another name"
        if name in RESERVED_EXPORTS:
            yield Violation(place, f"`{name}` is a name that every generated package has", hint)
        elif keyword.iskeyword(name):
            yield Violation(place, f"`{name}` is a word of Python's syntax", hint)
        elif hasattr(builtins, name):
            yield Violation(place, f"`{name}` would hide what Python calls so", hint)
        other, other_what = first.setdefault(name, (place, what))
        if other_what != what:
            yield Violation(
                place,
                f"`{name}` is {other_what} already, so it cannot be {what}",
                hint,
                related=((other, f"{other_what} is here"),),
            )


def package_name_taken(context: ApiContext) -> Iterator[Violation]:
    package, distribution = context.spec["package"], context.spec["distribution"]
    if not is_legal_package(package):
        why = "is a word of Python's syntax"
    elif package in sys.stdlib_module_names:
        why = "is a module of Python's standard library"
    elif package in DEPENDENCIES:
        why = "is a package that the client itself needs"
    else:
        why = ""
    if why:
        hint = f"choose another name, such as `package: {package}_client`"
        yield Violation(context.value("package"), f"`{package}` {why}", hint)
    if re.sub(r"[-_.]+", "-", distribution).lower() in DEPENDENCIES:
        yield Violation(
            context.value("distribution"),
            f"`{distribution}` is a distribution that the client itself needs",
            f"choose another name, such as `distribution: {distribution}-client`",
        )


def _names(context: ApiContext) -> Iterator[tuple[str, Place, str]]:
    """Every name that the package exports, where it is given, and what it is."""
    client = context.value("client")
    yield context.spec["client"], client, "the client"
    yield f"Async{context.spec['client']}", client, "the asynchronous client"
    for index, error in enumerate(context.spec.get("errors", [])):
        if "exception" in error:
            yield error["exception"], context.value("errors", index, "exception"), "the exception"
    for role, name in context.spec.get("drop_in", {}).items():
        if role in _ROLES:
            yield str(name), context.value("drop_in", role), f"the drop-in {role}"


RULES: Final = (
    ApiRule(
        code="A109",
        target="python",
        name="api-names-meet",
        severity=Severity.ERROR,
        summary="an exported name that two things have",
        needed=True,
        check=api_names_meet,
    ),
    ApiRule(
        code="A110",
        target="python",
        name="package-name-taken",
        severity=Severity.ERROR,
        summary="a package or distribution whose name is taken",
        needed=True,
        check=package_name_taken,
    ),
)
