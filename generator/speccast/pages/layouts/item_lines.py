"""One item a line: name, requirement with type, description, and each value.

size
optionalinteger
Width and height of the picture
512
Range: 64 - 1024style
optionalstring
Kind of picture
"photo"
"photo"
"drawing"
+8 more
"""

from __future__ import annotations

import re
from typing import Final

from speccast.pages.layouts.layout import LINE_TYPE, Layout

LAYOUT: Final = Layout(
    name="itemized",
    header=re.compile(rf"(?<=[\w])[ \t]*\n(?P<requirement>required|optional)\n?(?P<type>{LINE_TYPE})"),
)
