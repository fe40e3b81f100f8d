"""Texts that become values: cells of tables, arguments of the command line, and paths of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .._core.media import kinds, read_form, sniff
from .._runtime.typed_texts import UnreadableError, value_of

if TYPE_CHECKING:
    from .._core.parameter import Parameter

__all__ = ["Cell", "Reader"]


class Cell(str):
    """A text without a type: its parameter says what it means."""

    __slots__ = ()


class Reader:
    """Reads the values of one model's rows. What a text cannot mean stays a text, which the check then reports."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._parameters = {
            name: parameter for parameter in parameters for name in (parameter.name, parameter.wire)
        }

    def read(self, values: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
        """The values by name.

        Paths of inputs are relative to the folder of the file; without a folder only those in cells are paths.
        """
        return {
            name: self._value(self._parameters.get(name), value, folder) for name, value in values.items()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._parameters

    def python_names(self, names: Iterable[str]) -> set[str]:
        """The names in Python of parameters that a row names in either way; unknown names stay."""
        return {self._parameters[name].name if name in self._parameters else name for name in names}

    def _value(self, parameter: Parameter | None, given: object, folder: Path | None) -> object:
        is_cell = isinstance(given, Cell)
        value = str(given) if is_cell else given
        if parameter is None:
            return value
        if is_cell:
            value = _typed(parameter, str(given))
        if is_cell or folder is not None:
            return _with_paths(parameter, value, folder or Path())
        return value


def _typed(parameter: Parameter, text: str) -> object:
    """The value that a text means; an item of an array is an array."""
    value: object = text
    with suppress(UnreadableError):  # the check reports the text
        value = value_of(parameter, text)
    if parameter.type == "array" and not isinstance(value, list | None):
        return [text if parameter.items is None else _typed(parameter.items, text)]
    return value


def _with_paths(parameter: Parameter, value: object, folder: Path) -> object:
    """The value with paths in place of texts that name files."""
    forms = parameter.branches or (parameter,)
    if isinstance(value, list):
        items = next((form.items for form in forms if form.items is not None), None)
        members = cast("list[object]", value)
        return members if items is None else [_with_paths(items, item, folder) for item in members]
    media = next((form for form in forms if form.is_media), None)
    if media is None or not isinstance(value, str) or not value or value in (media.default, *media.choices):
        return value
    content = read_form(value)
    # Short file names can be base64, so the bytes must be content of the kind.
    is_base64 = content.form == "base64" and sniff(content.start) and {*kinds(content.start)} & {*media.media}
    if content.form in ("url", "data_uri") or is_base64:
        return value
    return (folder / Path(value).expanduser()).absolute()
