"""Runs the Python of one document, block after block in one namespace. A process of its own, fed with lines of JSON."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from typing import Any


def main() -> None:
    answers = sys.stdout
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line in sys.stdin:
        block = json.loads(line)
        # The empty lines make line numbers of a traceback those of the document.
        code = "\n" * (block["line"] - 1) + block["text"]
        output, error = io.StringIO(), ""
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(code, block["document"], "exec"), namespace)
            except Exception:
                error = traceback.format_exc()
        print(json.dumps({"output": output.getvalue(), "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    main()
