"""How tests run pytest: without what plugins of other distributions need a third of its time for."""

from __future__ import annotations

_PLUGINS = ("anyio", "hypothesispytest", "schemathesis", "timeout", "typeguard", "xdist", "xdist.looponfail")

PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"-pno:{name}" for name in _PLUGINS))
"""Arguments of Python."""
