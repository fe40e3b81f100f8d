"""Which calls pass the type check with a generated client."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from speccast.core.api import Api

_FILE: Final = "calls.py"
_CONFIG: Final = "mypy.ini"
_ONLY_CLIENT: Final = """\
[mypy]
follow_imports = silent
[mypy-httpx2.*,PIL.*,numpy.*,pydantic.*,pydantic_core.*,click.*,rich.*,IPython.*,annotated_types.*]
follow_imports = skip
ignore_missing_imports = true
"""
"""What a client depends on takes most of the time, and says nothing about the types of parameters."""
_TIMEOUT_S: Final = 600
_ERROR: Final = re.compile(rf"{re.escape(_FILE)}:(\d+):(?:\d+:)? error:")


def type_errors(folder: Path, api: Api, snippets: Sequence[str], cache: Path) -> frozenset[int]:
    """Return the numbers of the snippets that mypy refuses with the client in a folder.

    Clients of the same generator have most of their files in common, so `cache` is a folder for all of them.

    Raises:
        SpeccastError: mypy is not installed, or does not finish.
    """
    if not snippets:
        return frozenset()
    lines = ["import os", "from pathlib import Path", f"from {api.package} import {api.client}"]
    owners: dict[int, int] = {}
    for number, snippet in enumerate(snippets):
        lines.append(f"def call_{number}(client: {api.client}) -> None:")
        for line in snippet.splitlines():
            lines.append(f"    {line}")
            owners[len(lines)] = number
    (folder / _FILE).write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / _CONFIG).write_text(_ONLY_CLIENT, encoding="utf-8")
    options = [
        "--no-error-summary",
        "--hide-error-context",
        f"--config-file={_CONFIG}",
        f"--cache-dir={cache}",
    ]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mypy", *options, _FILE],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpeccastError(f"mypy did not finish in {_TIMEOUT_S} s") from None
    if done.returncode not in (0, 1):
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it was killed"]
        raise SpeccastError(f"mypy cannot check the calls: {reason[0]}", hint='pip install "speccast[prove]"')
    found = (int(match[1]) for match in map(_ERROR.match, done.stdout.splitlines()) if match)
    return frozenset(owners[line] for line in found if line in owners)
