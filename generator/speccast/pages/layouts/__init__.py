"""Layouts of pages, one module each. A page can mix them, parameter by parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.pages.layouts import item_lines, joined_fields, label_lines

if TYPE_CHECKING:
    from speccast.pages.layouts.layout import Layout

LAYOUTS: Final[tuple[Layout, ...]] = (label_lines.LAYOUT, item_lines.LAYOUT, joined_fields.LAYOUT)
