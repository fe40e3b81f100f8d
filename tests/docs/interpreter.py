"""Runs the Python blocks of one document in one namespace. Reads a block and writes its result per line, as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from typing import Any


def main() -> None:
    results = sys.stdout
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line in sys.stdin:
        block = json.loads(line)
        # The empty lines give a traceback the line numbers of the document.
        code = "\n" * (block["line"] - 1) + block["text"]
        output, error = io.StringIO(), ""
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(code, block["document"], "exec"), namespace)
            except Exception:
                error = traceback.format_exc()
        print(json.dumps({"output": output.getvalue(), "error": error}), file=results, flush=True)


if __name__ == "__main__":
    main()
