"""The program of a user, which the tests start and kill: ADDRESS URL ROWS OUT RESULTS OPTIONS."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import ray
from segmind_client import Segmind
from segmind_client.batch.ray import run


def main() -> None:
    """Run the rows, and write the result of each."""
    address, url, rows, out, results, options = sys.argv[1:]
    ray.init(address=address, log_to_driver=False)
    given: dict[str, Any] = json.loads(options)

    def connect(_shard: int) -> Segmind:
        return Segmind("key", base_url=url, timeout=2.0)

    dataset = run(ray.data.read_json(rows), out=out, connect=connect, **given)
    with Path(results).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(result) + "\n" for result in dataset.iter_rows())


if __name__ == "__main__":
    main()
