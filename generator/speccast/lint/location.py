"""Locations in a spec: a document, a pointer, and whether the key or the value is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.specs.document import Document


@dataclass(frozen=True, slots=True)
class Location:
    """A value of a document or, with `on_key`, its key."""

    document: Document
    pointer: Pointer
    on_key: bool = False
