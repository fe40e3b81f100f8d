"""Names in Python and on the command line, made from the names of a spec.

Pure functions: the same text gives the same name everywhere, so linter, templates and docs agree. Nothing here resolves a
clash: two equal names are a finding, and `name:` in the spec resolves it (see `model_names` and `parameter_names` in
`speccast.targets.python.lint`).
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from speccast.core.model import Model
from speccast.specs.identifiers import capitalize, is_allowed, is_identifier, normalize, words
from speccast.specs.identity_cache import cached_by_identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Parameter

CALL_OPTIONS = frozenset({
    "timeout", "total_timeout", "max_retries", "validate", "extra_headers", "extra_body",
})  # fmt: skip
"""Keywords of every generated method that are not parameters of a model."""

RESERVED_PARAMETERS = CALL_OPTIONS | {"self", "cls", "CallOptions"}
"""Names that a parameter of a generated method cannot have."""

CLIENT_MEMBERS = frozenset({
    "base_url", "batch", "close", "is_closed", "has_same_settings", "job", "load", "models", "run", "run_sync",
    "spent", "submit_async", "with_options",
})  # fmt: skip
"""Public members of every client. The attribute of a model cannot have these names."""

RESERVED_FLAGS = frozenset({
    "help", "version", "output", "json", "submit", "async", "dry-run", "wait", "timeout", "interval", "quiet", "debug",
    "no-validate", "base-url", "params-file", "param", "cost", "max-cost", "embed",
})  # fmt: skip
"""Long options of every generated command, without the dashes."""

RESERVED_COMMANDS = frozenset({"again", "batch", "completion", "help", "job", "models", "show"})
"""Commands of every generated command line that are not models."""

RESERVED_CLASSES = frozenset({
    "Any", "AsyncBatch", "AsyncByteStream", "AsyncJob", "AsyncJobResult", "AsyncModel", "AsyncOutput", "AsyncResult", "AsyncTextStream", "Batch", "BatchOptions", "BatchProgress", "CallOptions", "ClassVar", "Final", "Job", "Literal", "Mapping", "NotRequired",
    "EventPlaces", "Omit", "Output", "Parameter", "Params", "Places", "Result", "RowResult", "Sequence", "ServerEvent", "SyncModel", "TextStream", "Timeout", "TypedDict", "load_params",
    "types",
})  # fmt: skip
"""Names that the modules of models import or that the package exports. The class of a model cannot have these names."""

STANDARD_LIBRARY = sys.stdlib_module_names | {
    "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "compression", "crypt", "distutils",
    "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau",
    "telnetlib", "test", "uu", "xdrlib",
}  # fmt: skip
"""Modules of the standard library in Python 3.11 to 3.14, including those that only some of these versions have."""

BUILTINS = frozenset({*dir(builtins), "PythonFinalizationError"})
"""Builtins of Python 3.11 to 3.14."""

_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_SPACES = re.compile(" +")


class PythonModel(Model, kw_only=True):
    """A model with its names in Python, and parameters with theirs."""

    module: str
    class_name: str
    command: str

    @property
    def async_class_name(self) -> str:
        return f"Async{self.class_name}"

    @property
    def params_class_name(self) -> str:
        """Name of the pydantic model of the parameters."""
        return f"{self.class_name}Params"

    @property
    def exported(self) -> tuple[str, ...]:
        """Names of the classes of the model and of its parameters."""
        return (self.class_name, self.async_class_name, self.params_class_name)

    @property
    def former(self) -> FormerNames | None:
        """The names of the model before it was renamed, where they still work."""
        if not self.renamed_from:
            return None
        name, module = class_name(self.renamed_from), module_name(self.renamed_from)
        commands = (self.renamed_from, command_name(self.renamed_from, self.renamed_from))
        return FormerNames(
            module=module,
            commands=tuple(dict.fromkeys(commands)),
            classes=(name, f"Async{name}", f"{name}Params"),
        )

    @property
    def object_classes(self) -> tuple[str, ...]:
        """Names of the classes of its nested objects."""
        return tuple(name for name, _ in nested_objects(self.class_name, self.parameters))


@dataclass(frozen=True, slots=True)
class FormerNames:
    """Former names of a model: its module and attribute, its commands, and its classes as in `PythonModel.exported`."""

    module: str
    commands: tuple[str, ...]
    classes: tuple[str, ...]


def python_model(model: Model) -> PythonModel:
    """Return a model with its names in Python."""
    return model if isinstance(model, PythonModel) else _name_model(model)


@cached_by_identity
def _name_model(model: Model) -> PythonModel:
    values: dict[str, Any] = {field.name: getattr(model, field.name) for field in fields(Model)}
    values["parameters"] = tuple(map(python_parameter, model.parameters))
    name = model.name or model.slug
    command = command_name(model.slug, model.name)
    return PythonModel(module=module_name(name), class_name=class_name(name), command=command, **values)


def reserves(slug: str) -> bool:
    """Return whether a model with a slug needs another name, because a client or Python has its names already."""
    name = class_name(slug)
    return (
        module_name(slug) in CLIENT_MEMBERS
        or command_name(slug, "") in RESERVED_COMMANDS
        or any(
            each in RESERVED_CLASSES or hasattr(builtins, each)
            for each in (name, f"Async{name}", f"{name}Params")
        )
    )


@cached_by_identity
def python_parameter(parameter: Parameter) -> Parameter:
    """Return a parameter with legal names in Python and on the command line, and those within it."""
    return replace(
        parameter,
        name=parameter_name(parameter.name),
        flag=flag(parameter.name),
        renamed_from=parameter_name(parameter.renamed_from) if parameter.renamed_from else "",
        items=None if parameter.items is None else python_parameter(parameter.items),
        properties=tuple(map(python_parameter, parameter.properties)),
        branches=tuple(map(python_parameter, parameter.branches)),
    )


def names_of_model(model: Model) -> frozenset[str]:
    """Return all names under which a model appears in the generated package."""
    named = python_model(model)
    return frozenset({model.slug, named.module, named.command, *named.exported, *named.object_classes})


def names_of_parameter(parameter: Parameter) -> frozenset[str]:
    """Return all names under which a parameter appears in the generated package."""
    named = python_parameter(parameter)
    return frozenset({named.wire, named.name, named.flag})


def module_name(slug: str) -> str:
    """Return the module and client attribute of a model: `sd2.1-txt2img` → `sd2_1_txt2img`, `3d-gen` → `m_3d_gen`."""
    name = _NOT_ALNUM.sub("_", slug.lower())
    if name[:1].isdigit() or name.startswith("_"):
        name = f"m_{name.lstrip('_')}"
    return f"{name}_" if keyword.iskeyword(name) else name


def class_name(slug: str) -> str:
    """Return the class of a model: `sd2.1-txt2img` → `Sd21Txt2img`, `3d-gen` → `M3dGen`, `none` → `NoneModel`."""
    name = "".join(part[:1].upper() + part[1:] for part in _NOT_ALNUM.split(slug.lower()))
    if not name or name[0].isdigit():
        name = f"M{name}"
    return f"{name}Model" if name in RESERVED_CLASSES or keyword.iskeyword(name) else name


def command_name(slug: str, name: str | None = None) -> str:
    """Return the command of a model: its slug, or its `name` with dashes."""
    return slug if name is None else name.replace("_", "-")


def parameter_name(name: str) -> str:
    """Return the keyword of a parameter: its `name`, else the wire name, changed to a valid name if necessary.

    `class` → `class_`, `timeout` → `timeout_`, `top k` → `top_k`, `2x` → `p_2x`, `_x` → `p_x`.
    """
    text = "".join(character if is_allowed(character) else " " for character in normalize(name))
    text = normalize(_SPACES.sub("_", text))
    if not is_identifier(text) or text.startswith("_"):
        text = f"p_{text.lstrip('_')}"
    return f"{text}_" if keyword.iskeyword(text) or text in RESERVED_PARAMETERS else text


def flag(name: str) -> str:
    """Return the option of a parameter: `guidance_scale` → `--guidance-scale`, or `--param-NAME` if that is reserved."""
    text = parameter_name(name).strip("_").replace("_", "-") or "param"
    # --no-NAME sets a boolean to false.
    names = {text, text.removeprefix("no-"), f"no-{text}"}
    return f"--param-{text}" if names & RESERVED_FLAGS else f"--{text}"


def member_class_name(owner: str, wire: str) -> str:
    """Return the class of a nested object: owner `MusicGen` and `voice settings` → `MusicGenVoiceSettings`.

    The items of an array have no wire name, so their class is `MusicGenItem`.
    """
    name = owner + _capitalize_words(wire or "item")
    if not is_identifier(name) or name in (owner, f"{owner}Params"):
        return f"{name}Member" if is_identifier(name) else f"{owner}Member"
    return name


@lru_cache(maxsize=1024)
def _capitalize_words(text: str) -> str:
    # Python normalizes some capital letters in identifiers.
    return normalize("".join(map(capitalize, words(text))))


def forms(name: str, parameter: Parameter) -> Iterator[tuple[str, Parameter]]:
    """Yield what a value can be, each with the class of its objects: the branches of a union, else the parameter itself.

    Union `ChatPart` with the tags `text` and `image_url` → `ChatPartText`, `ChatPartImageUrl`.
    """
    for form in parameter.branches or (parameter,):
        tag = form.tag_value(parameter.tag)
        yield name if tag is None else member_class_name(name, tag), form


def nested_objects(owner: str, members: tuple[Parameter, ...]) -> Iterator[tuple[str, Parameter]]:
    """Yield the objects among parameters, at any depth, with the names of their classes; inner objects first."""
    for member in members:
        if not (member.properties or member.branches or member.items):
            continue
        for name, form in forms(member_class_name(owner, member.wire), member):
            if form.items is not None:
                yield from nested_objects(name, (form.items,))
            if form.properties:
                yield from nested_objects(name, form.properties)
                yield name, form


def is_legal_package(name: str) -> bool:
    """Return whether a package of this name can be imported."""
    return is_identifier(name) and not keyword.iskeyword(name)
