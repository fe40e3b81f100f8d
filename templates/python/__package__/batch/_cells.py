"""Texts that become values: cells of tables, arguments of the command line, and paths of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

# speccast: if files
from .._core.media import kinds, read_form, sniff

# speccast: end
from .._runtime.typed_texts import UnreadableError, value_of

if TYPE_CHECKING:
    from .._core.parameter import Parameter

__all__ = ["Cell", "Reader"]


class Cell(str):
    """A text without a type: its parameter determines the type."""

    __slots__ = ()


class Reader:
    """Reads the values of one model's rows. A text that cannot be converted is kept, and the check reports it."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._parameters = {
            name: parameter for parameter in parameters for name in (parameter.name, parameter.wire)
        }

    def read(self, values: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
        """Return the values by name.

        Paths of inputs are relative to the folder of the file. Without a folder, only cells can be paths.
        """
        return {
            name: self._read_value(self._parameters.get(name), value, folder)
            for name, value in values.items()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._parameters

    def python_names(self, names: Iterable[str]) -> set[str]:
        """Return the Python names of parameters, given Python or API names. Unknown names are returned unchanged."""
        return {self._parameters[name].name if name in self._parameters else name for name in names}

    def _read_value(self, parameter: Parameter | None, given: object, folder: Path | None) -> object:
        is_cell = isinstance(given, Cell)
        value = str(given) if is_cell else given
        if parameter is None:
            return value
        if is_cell:
            value = _parse_cell(parameter, str(given))
        # speccast: if files
        if is_cell or folder is not None:
            return _replace_paths(parameter, value, folder or Path())
        # speccast: end
        return value


def _parse_cell(parameter: Parameter, text: str) -> object:
    """Return the value that a text denotes. For an array parameter, a single item becomes an array."""
    value: object = text
    with suppress(UnreadableError):  # the check reports the text
        value = value_of(parameter, text)
    if parameter.type == "array" and not isinstance(value, list | None):
        return [text if parameter.items is None else _parse_cell(parameter.items, text)]
    return value


# speccast: if files
def _replace_paths(parameter: Parameter, value: object, folder: Path) -> object:
    """Replace texts that name files with paths."""
    forms = parameter.branches or (parameter,)
    if isinstance(value, list):
        items = next((form.items for form in forms if form.items is not None), None)
        members = cast("list[object]", value)
        return members if items is None else [_replace_paths(items, item, folder) for item in members]
    media = next((form for form in forms if form.is_media), None)
    if media is None or not isinstance(value, str) or not value or value in (media.default, *media.choices):
        return value
    content = read_form(value)
    # Short file names can be base64, so the bytes must be content of the kind.
    is_base64 = content.form == "base64" and sniff(content.start) and {*kinds(content.start)} & {*media.media}
    if content.form in ("url", "data_uri") or is_base64:
        return value
    return (folder / Path(value).expanduser()).absolute()


# speccast: end
