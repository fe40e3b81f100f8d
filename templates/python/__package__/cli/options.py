"""The options of a model's command: flag, placeholder, help text and completion of each parameter."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from .._core.omit import OMIT
from .terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._core.parameter import Json, Parameter

RESERVED_FLAGS = frozenset({
    "--help", "--version", "--output", "--json", "--quiet", "--submit", "--async", "--wait", "--timeout", "--interval",
    "--dry-run", "--no-validate", "--params-file", "--param", "--base-url", "--debug", "--cost", "--max-cost",
    "--embed",
})  # fmt: skip
"""Options with the same meaning in every command. A parameter with such a name gets the flag `--param-NAME`."""

_LONGEST_PLACEHOLDER = 40
_PLACEHOLDERS = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "NUMBER",
    "boolean": "BOOLEAN",
    "file": "PATH",
}


def destination(parameter: Parameter) -> str:
    """Return the name under which click stores the option's value; none of our options has this prefix."""
    return f"p_{parameter.name}"


def parameter_options(parameters: Sequence[Parameter]) -> list[click.Option]:
    """Return one option per parameter, in the order of the page."""
    flags = {parameter.wire: parameter.flag for parameter in parameters}
    taken = {*RESERVED_FLAGS, *flags.values()}
    options: list[click.Option] = []
    for parameter in parameters:
        if parameter.type == "boolean":
            declaration = f"{parameter.flag}{_negative(parameter.flag, taken)}"
            # With the default None an omitted flag differs from an explicit false.
            option = click.Option(
                [declaration, destination(parameter)],
                is_flag=True,
                default=None,
                help=help_text(parameter, flags),
            )
        else:
            option = click.Option(
                [parameter.flag, destination(parameter)],
                type=str,
                metavar=placeholder(parameter),
                multiple="array" in _kinds(parameter),
                help=help_text(parameter, flags),
                shell_complete=_completer(parameter),
            )
        options.append(option)
    return options


def placeholder(parameter: Parameter) -> str:
    """Return the placeholder in `--help`: the known values, else TEXT, INTEGER, NUMBER, or JSON for objects and nested arrays."""
    return "|".join(dict.fromkeys(_placeholders(parameter)))


def _placeholders(parameter: Parameter) -> list[str]:
    """Return the placeholders of everything that a value, or one of its items, can be."""
    # speccast: if unions
    if parameter.branches:
        return [text for branch in parameter.branches for text in _placeholders(branch)]
    # speccast: end
    if parameter.type == "array" and parameter.items is not None:
        return _placeholders(parameter.items)
    return [_placeholder(parameter)]


def _placeholder(parameter: Parameter) -> str:
    # speccast: if files
    if parameter.media and parameter.type != "file":
        return "PATH|URL" if "url" in parameter.forms else "PATH"
    # speccast: end
    texts = [shell_text(value) for value in parameter.choices]
    if not texts or parameter.type in {"array", "object"}:
        return _PLACEHOLDERS.get(parameter.type, "JSON")
    shown: list[str] = []
    for text in texts:
        if shown and sum(len(each) + 1 for each in [*shown, text]) > _LONGEST_PLACEHOLDER:
            break
        shown.append(text)
    is_all = len(shown) == len(texts) and not parameter.open
    return f"[{'|'.join(shown if is_all else [*shown, '…'])}]"


def help_text(parameter: Parameter, flags: Mapping[str, str]) -> str:
    """Return the description, and all limits in brackets; `flags` maps wire names to flags."""
    facts = ["required"] if parameter.required and parameter.default is OMIT else []
    facts += _limits(parameter)
    if parameter.type == "array":
        facts.append(_mark_repeated(parameter))
        if parameter.items is not None:
            facts += [f"each {fact}" for fact in _limits(parameter.items)]
    elif "object" in _kinds(parameter):
        facts.append("JSON, or @FILE with it")
    elif "array" in _kinds(parameter):
        facts.append(_mark_repeated(parameter))
    if parameter.nullable:
        facts.append("null allowed, by --params-file" if parameter.type == "boolean" else "null allowed")
    if parameter.default is not OMIT:
        facts.append(f"default: {shell_text(parameter.default)}")
    for wire, values in parameter.applies_when:
        facts.append(
            f"only with {flags.get(wire, wire)} {' or '.join(shell_text(value) for value in values)}"
        )
    brackets = f"[{'; '.join(facts)}]" if facts else ""
    return "  ".join(text for text in (one_line(parameter.description), brackets) if text)


def _mark_repeated(parameter: Parameter) -> str:
    return f"may be repeated; or a JSON array{'' if takes_files(parameter) else ', or @FILE with one'}"


def shell_text(value: Json) -> str:
    """Return a value as typed in a shell."""
    return (
        shlex.quote(one_line(value))
        if isinstance(value, str)
        else one_line(json.dumps(value, ensure_ascii=False))
    )


def _limits(parameter: Parameter) -> list[str]:
    """Return the limits of a value: range, choices, members."""
    limits = [parameter.range] if parameter.range else []
    if parameter.choices:
        known = ", ".join(shell_text(value) for value in parameter.choices)
        if not placeholder(parameter).endswith("…]"):
            pass  # The placeholder lists all values.
        elif not parameter.open:
            limits.append(f"one of: {known}")
        elif parameter.hidden_values:
            limits.append(f"known: {known} and {parameter.hidden_values} more")
        else:
            limits.append(f"known: {known}, or another value")
    # speccast: if unions
    if parameter.branches:
        limits.append(" or ".join(_branch(parameter, branch) for branch in parameter.branches))
    # speccast: end
    if parameter.properties:
        limits.append(f"members: {', '.join(_member(member) for member in parameter.properties)}")
    return limits


# speccast: if unions
def _branch(union: Parameter, branch: Parameter) -> str:
    """Return what a branch of a union is: `text (1 to 20 characters)`, `object with type image (members: …)`."""
    tag = branch.tag_value(union.tag)
    words = "text" if branch.type == "string" else str(branch.type)
    if tag is not None:
        words += f" with {one_line(union.tag)} {shell_text(tag)}"
    facts = _facts(branch)
    return f"{words} ({'; '.join(facts)})" if facts else words


# speccast: end
def _facts(parameter: Parameter) -> list[str]:
    """Return the limits of a value that is not shown with a placeholder, and those of its items."""
    facts = _limits(parameter)
    if parameter.choices and not placeholder(parameter).endswith("…]"):
        facts.insert(0, placeholder(parameter))
    if parameter.items is not None:
        items = parameter.items
        facts += [f"each {fact}" for fact in ([] if items.branches else [items.type]) + _facts(items)]
    return facts


def _member(member: Parameter) -> str:
    facts = [
        *([] if member.branches else [member.type]),
        *(["required"] if member.required else []),
        *_facts(member),
    ]
    if member.default is not OMIT:
        facts.append(f"default: {shell_text(member.default)}")
    facts += [
        f"only with {one_line(wire)} {' or '.join(map(shell_text, values))}"
        for wire, values in member.applies_when
    ]
    text = f"{one_line(member.wire)} ({'; '.join(facts)})"
    return f"{text}: {one_line(member.description)}" if member.description else text


def _kinds(parameter: Parameter) -> set[str]:
    """Return the types that a value can have."""
    return {form.type for form in parameter.branches or (parameter,)}


def takes_files(parameter: Parameter) -> bool:
    """Return whether a value, or an item of it, can be a file."""
    places = (form.items or form for form in parameter.branches or (parameter,))
    return any(each.is_media for place in places for each in place.branches or (place,))


def _negative(flag: str, taken: set[str]) -> str:
    """Return the negative half of a boolean's declaration, or an empty text if all its names are taken."""
    name = flag.removeprefix("--")
    for candidate in (f"--no-{name}", f"--param-no-{name}"):
        if candidate not in taken:
            taken.add(candidate)
            return f"/{candidate}"
    return ""


def _completer(
    parameter: Parameter,
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Suggests the known values of a parameter, files, and files after `@` where JSON may be in a file."""
    forms = parameter.branches or (parameter,)
    choices = [
        value
        for form in forms
        for value in form.choices or (form.items.choices if form.items is not None else ())
    ]
    texts = [value if isinstance(value, str) else json.dumps(value) for value in choices]
    words = [text for text in texts if text and text.isprintable()]
    is_file = takes_files(parameter)

    def complete(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[CompletionItem]:
        if is_file:
            before = "@" if incomplete.startswith("@") else ""
            names = _files(incomplete.removeprefix("@"))
            return [CompletionItem(f"{before}{name}") for name in names]
        if incomplete.startswith("@") and _kinds(parameter) & {"array", "object"}:
            return [CompletionItem(f"@{name}") for name in _files(incomplete[1:])]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]

    return complete


def _files(incomplete: str) -> list[str]:
    """Return the files and folders whose path begins so; folders end with a slash."""
    folder, _, start = incomplete.rpartition("/")
    prefix = incomplete.removesuffix(start)
    try:
        entries = sorted(Path(folder or ("/" if prefix else ".")).expanduser().iterdir())
    except (OSError, RuntimeError, ValueError):
        return []
    names = [f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries]
    shown = [
        name for name in names if name.startswith(start) and name.startswith(".") <= start.startswith(".")
    ]
    return [f"{prefix}{name}" for name in shown if name.isprintable()]
