"""Packages of Speccast that a generated client has as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COPIED: Final[Mapping[str, str]] = {"__package__/_core": "core", "__package__/cli/_shell": "shell"}
"""Folder in the tree of templates to subpackage of `speccast`, whose files are copied byte for byte."""
