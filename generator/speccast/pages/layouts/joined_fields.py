"""Everything touches. Only the description ends with its line.

sizeoptionalintegerWidth and height of the picture
512Range: 64 - 1024styleoptionalstringKind of picture
"photo""photo""drawing""oil"+7 moreseedoptionalintegerSeed
-1
"""

from __future__ import annotations

import re
from typing import Final

from speccast.pages.layouts.layout import GLUED_TYPE, Layout

LAYOUT: Final = Layout(
    name="squashed",
    header=re.compile(rf"(?<=[\w])(?P<requirement>required|optional)(?P<type>{GLUED_TYPE})"),
    glues_names=True,
)
