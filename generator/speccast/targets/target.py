"""What a target is: a folder of templates, and what its language needs beyond them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from speccast.targets.filters import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from speccast.cache import Entries
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.targets.filters import Code


class Formatter(Protocol):
    """Formats the files of a target, many in one run."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of the files to format; other files stay as the template rendered them."""

    def format_folder(self, folder: Path, packages: tuple[str, ...]) -> None:
        """Format all files below a folder in place. `packages` are the names of the generated packages in it.

        Raises:
            SpeccastError: the formatter cannot run, or a template rendered invalid code. The message names the file.
        """

    def cache_key(self, packages: tuple[str, ...]) -> str:
        """Return a digest of everything that decides how a text is formatted, except the text and its path."""


def _file_name(model: Model) -> str:
    return snake_case(model.name or model.slug)


@dataclass(frozen=True, eq=False)
class Target:
    """An output language. A folder of templates alone is a target with the defaults.

    Attributes:
        name: how `targets` of the configuration, and the folders of templates and output call it.
        templates: the folder of templates that comes with the target, for a target of another distribution.
        variables: what its templates can use beside `api`, `model`, `spec` and the variables of every target.
        batch_variables: the same for variables that are computed for many models at once.
        prepare: computes what models share before processes render them, and stores it in the entries with `share_json`.
        filters: filters beside those of every target. Each returns `Code`, and must be safe for any text.
        file_name: what replaces `__model__` in a path.
        resolve_names: returns a model with the names that its templates need, itself and its parameters.
        names_of_model, names_of_parameter: names under which one appears in the output, for `speccast explain FILE:LINE`.
        formatter: formats what the templates rendered.
        features: what only some APIs have, by name, for the regions of files that are copied (`regions`).
        has_changelog: whether the output is a package with a changelog, which is copied from the folder of the API.
    """

    name: str
    templates: Path | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    batch_variables: Callable[[Sequence[Model], Entries], Mapping[str, object]] = lambda models, entries: {}
    prepare: Callable[[Sequence[Model], Entries], None] = lambda models, entries: None
    filters: Mapping[str, Callable[..., Code]] = field(default_factory=dict)
    file_name: Callable[[Model], str] = _file_name
    resolve_names: Callable[[Model], Model] = lambda model: model
    names_of_model: Callable[[Model], frozenset[str]] = lambda model: frozenset(
        {model.slug, _file_name(model)}
    )
    names_of_parameter: Callable[[Parameter], frozenset[str]] = lambda each: frozenset({each.wire, each.name})
    formatter: Formatter | None = None
    features: Mapping[str, Callable[[Api], bool]] = field(default_factory=dict)
    has_changelog: bool = False
