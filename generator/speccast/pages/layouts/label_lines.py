"""Paragraphs, and labels before the values.

sizeoptional
integer

Width and height of the picture

Default: 512Range: 64 - 1024
styleoptional
string

Kind of picture

Default: "photo"
Allowed values (13 total):
"photo""drawing""oil"+10 more
"""

from __future__ import annotations

import re
from typing import Final

from speccast.pages.layouts.layout import LINE_TYPE, Layout

LAYOUT: Final = Layout(
    name="labelled",
    header=re.compile(rf"(?<=[\w])[ \t]*(?P<requirement>required|optional)[ \t]*[\n ](?P<type>{LINE_TYPE})"),
    has_paragraphs=True,
)
