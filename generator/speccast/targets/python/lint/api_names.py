"""Names in `api.yaml`: package, client, exceptions, and those of another SDK under `drop_in`.

A109 api-names-meet

    The package exports the synchronous and asynchronous clients, the exceptions, the drop-in names, and names of
    every generated package (`Job`, `Result`, `OMIT`, `ApiError`, …). These names must be different from each other
    and from Python's builtins, such as `TimeoutError`.

    Bad::

        # api.yaml
        errors:
          - { status: 504, title: Timeout, exception: TimeoutError }

    Good::

        # api.yaml
        errors:
          - { status: 504, title: Timeout, exception: GatewayTimeoutError }

A110 package-name-taken

    A package cannot be named after a keyword of Python, a device of Windows, or a file or folder of the output, such as
    `tests`. If it is named after a module of the standard library of any supported version, or a package that the client
    uses, it hides that module. The same holds for Speccast and other packages that build, install and test the client. A
    command of such a name would replace theirs.

    Bad::

        # api.yaml
        package: json

    Good::

        # api.yaml
        package: json_client
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Final

from speccast.lint.rule import ApiContext, Location, RuleViolation, Severity, Violations, api_rule
from speccast.portable_names import name_problem
from speccast.targets.python.names import BUILTINS, STANDARD_LIBRARY, is_legal_package

if TYPE_CHECKING:
    from collections.abc import Iterator


RESERVED_EXPORTS: Final = frozenset({
    # what every package exports
    "APIConnectionError", "APIStatusError", "APITimeoutError", "ApiError", "AsyncBatch", "AsyncByteStream", "AsyncJob", "AsyncJobResult", "AsyncOutput", "AsyncResult",
    "Batch", "BatchOptions", "BatchProgress", "ByteStream", "ClientStatusError", "ConfigurationError", "InvalidResponseError", "Job", "JobError", "JobFailedError", "JobResult",
    "JobTimeoutError", "ModelEntry", "OMIT", "Omit", "Output", "OutputError", "Parameter", "ParameterError", "ParameterWarning", "Record",
    "RecordError", "Result", "RowResult", "ServerStatusError", "Timeout", "Violation", "read_record",
    # its modules
    "batch", "cli", "client", "drop_in", "errors", "models",
    # what the modules of client, errors and drop-in names import
    "API", "Any", "Api", "AsyncAttributes", "AsyncClient", "Attributes", "ClassVar", "DropInClient", "FormerModel", "MODELS", "Mapping",
    "STATUS_ERRORS", "SyncClient", "TYPE_CHECKING", "annotations", "default_client", "import_module",
})  # fmt: skip
"""Names that an API cannot use, because every generated package has them."""

DEPENDENCIES: Final = frozenset({
    "click", "httpx2", "pydantic", "rich",
    # dependencies of these
    "annotated_types", "anyio", "certifi", "h11", "h2", "hpack", "httpcore2", "hyperframe", "idna", "markdown_it", "mdurl",
    "pydantic_core", "pygments", "sniffio", "socksio", "truststore", "typing_extensions", "typing_inspection",
})  # fmt: skip
"""Packages that a generated client needs."""

_TOOLS: Final = frozenset({"hatchling", "pip", "pytest", "setuptools", "speccast", "uv"})
"""Packages that generate, build, install and test a client. Most have a command of the same name."""

_OPTIONAL: Final = frozenset({"ipython", "numpy", "pillow"})
"""Packages that a client uses if they are installed."""

_INTERPRETERS: Final = re.compile(r"(python|pip)w?[0-9]*")

BESIDE_PACKAGE: Final = frozenset({"conftest", "docs", "tests"})
"""Modules and folders that the output has beside the package."""

_DISTRIBUTIONS: Final = frozenset({"markdown_it_py"})
"""Dependencies whose distribution has another name than the package."""

_ROLES: Final = ("run", "run_sync", "submit", "client", "error", "failed", "timeout")


@api_rule("A109", Severity.ERROR, "an exported name that is used twice", needed=True)
def api_names_meet(context: ApiContext) -> Violations:
    first: dict[str, tuple[Location, str]] = {}
    for name, place, what in _names(context):
        hint = f"give the {what.removeprefix('the ')} another name"
        if name in RESERVED_EXPORTS:
            yield RuleViolation(place, f"`{name}` is a name in every generated package", hint)
        elif keyword.iskeyword(name):
            yield RuleViolation(place, f"`{name}` is a keyword of Python", hint)
        elif name in BUILTINS:
            yield RuleViolation(place, f"`{name}` would hide a builtin of Python", hint)
        other, other_what = first.setdefault(name, (place, what))
        if other_what != what:
            yield RuleViolation(
                place,
                f"`{name}` is already {other_what}, so it cannot be {what}",
                hint,
                related=((other, f"{other_what} is here"),),
            )


@api_rule("A110", Severity.ERROR, "a name of a package or distribution that is taken", needed=True)
def package_name_taken(context: ApiContext) -> Violations:
    package, distribution, command = (context.spec[key] for key in ("package", "distribution", "command"))
    if why := _reason_against_package(package):
        hint = f"choose another name, such as `package: {package}_client`"
        yield RuleViolation(context.value("package"), f"`{package}` {why}", hint)
    normal = re.sub(r"[-_.]+", "_", distribution).lower()
    if normal in DEPENDENCIES | _TOOLS | _OPTIONAL | _DISTRIBUTIONS:
        yield RuleViolation(
            context.value("distribution"),
            f"`{distribution}` is a dependency of the client, or generates or tests it",
            f"choose another name, such as `distribution: {distribution}-client`",
        )
    if why := _reason_against_command(command):
        hint = f"choose another name, such as `command: {command}-client`"
        yield RuleViolation(context.value("command"), f"`{command}` {why}", hint)


def _reason_against_package(name: str) -> str:
    if not is_legal_package(name):
        return "is a keyword of Python"
    if name in STANDARD_LIBRARY:
        return "is a module of Python's standard library"
    if name in DEPENDENCIES | _OPTIONAL:
        return "is a dependency of the client"
    if name in _TOOLS:
        return "is a package that generates or tests the client"
    if name in BESIDE_PACKAGE:
        return "is a name that the output has beside the package"
    return "is the name of a device on Windows" if name_problem(name) else ""


def _reason_against_command(name: str) -> str:
    if name_problem(name):
        return "is the name of a device on Windows"
    is_tool = name in _TOOLS or _INTERPRETERS.fullmatch(name) is not None
    return "is a command that generates, installs or runs the client" if is_tool else ""


def _names(context: ApiContext) -> Iterator[tuple[str, Location, str]]:
    """Yield every name that the package exports, its position, and its meaning."""
    client = context.value("client")
    yield context.spec["client"], client, "the client"
    yield f"Async{context.spec['client']}", client, "the asynchronous client"
    for index, error in enumerate(context.spec.get("errors", [])):
        if "exception" in error:
            yield error["exception"], context.value("errors", index, "exception"), "the exception"
    for role, name in context.spec.get("drop_in", {}).items():
        if role in _ROLES:
            yield str(name), context.value("drop_in", role), f"the drop-in {role}"
