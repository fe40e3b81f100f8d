"""Names in Python and on the command line, made from the names of a spec.

Pure functions: the same text gives the same name everywhere, so that the linter, the templates and the docs
cannot disagree. Nothing here resolves a clash by itself; two names that meet are a finding, and `name:` in the
spec settles it (see `speccast.targets.python.lint.model_names` and `parameter_names`).
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import lru_cache

CALL_OPTIONS = frozenset({"timeout", "max_retries", "validate", "extra_headers", "extra_body"})
"""Keywords of every generated method that are not parameters of a model."""

RESERVED_PARAMETERS = CALL_OPTIONS | {"self", "cls", "CallOptions"}
"""Names that a parameter of a generated method cannot have."""

CLIENT_MEMBERS = frozenset({
    "base_url", "close", "is_closed", "is_set_up_like", "job", "run", "run_sync", "submit_async", "with_options",
})  # fmt: skip
"""Public members of every client. The attribute of a model cannot have these names."""

RESERVED_FLAGS = frozenset({
    "help", "version", "output", "json", "submit", "async", "dry-run", "wait", "timeout", "interval", "quiet", "debug",
    "no-validate", "base-url", "params-file", "param",
})  # fmt: skip
"""Long options of every generated command, without the dashes."""

RESERVED_COMMANDS = frozenset({"job", "models", "completion", "help"})
"""Commands of every generated command line that are not models."""

RESERVED_CLASSES = frozenset({
    "Any", "AsyncJob", "AsyncModel", "CallOptions", "ClassVar", "Final", "Job", "Literal", "Mapping",
    "NotRequired", "Omit", "Parameter", "Params", "Result", "Sequence", "SyncModel", "Timeout", "TypedDict",
    "load_params",
})  # fmt: skip
"""Names that the modules of models import. The class of a model cannot have these names."""

_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_SPACES = re.compile(" +")


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


@lru_cache(maxsize=4096)  # the models of an API call many parameters the same
def parameter_name(wire: str, name: str | None = None) -> str:
    """Return the keyword of a parameter: its `name`, else the wire name, changed to a valid name if necessary.

    `class` → `class_`, `timeout` → `timeout_`, `top k` → `top_k`, `2x` → `p_2x`, `_x` → `p_x`.
    """
    normal = unicodedata.normalize("NFKC", wire if name is None else name)
    # `\w` also matches characters that are not allowed in identifiers.
    text = "".join(character if f"a{character}".isidentifier() else " " for character in normal)
    text = _SPACES.sub("_", text)
    if not text.isidentifier() or text.startswith("_"):
        text = f"p_{text.lstrip('_')}"
    return f"{text}_" if keyword.iskeyword(text) or text in RESERVED_PARAMETERS else text


@lru_cache(maxsize=4096)
def flag(wire: str, name: str | None = None) -> str:
    """Return the option of a parameter: `guidance_scale` → `--guidance-scale`, or `--param-NAME` if that is reserved."""
    text = parameter_name(wire, name).strip("_").replace("_", "-") or "param"
    # --no-NAME sets a boolean to false.
    names = {text, text.removeprefix("no-"), f"no-{text}"}
    return f"--param-{text}" if names & RESERVED_FLAGS else f"--{text}"


def member_class_name(owner: str, wire: str) -> str:
    """Return the class of a nested object: owner `MusicGen` and `voice settings` → `MusicGenVoiceSettings`.

    The items of an array have no wire name, so their class is `MusicGenItem`.
    """
    parts = re.split(r"[\W_]+", unicodedata.normalize("NFKC", wire or "item"))
    # Python normalizes some capital letters in identifiers.
    name = owner + unicodedata.normalize("NFKC", "".join(part[:1].upper() + part[1:] for part in parts))
    if not name.isidentifier() or name in (owner, f"{owner}Params"):
        return f"{name}Member" if name.isidentifier() else f"{owner}Member"
    return name


def is_legal_package(name: str) -> bool:
    """Return whether a package of this name can be imported."""
    return name.isidentifier() and not keyword.iskeyword(name)
