"""`make bench`, or `python -m tools.bench [TOPIC…] [--models 5,50,500,2000] [--runs N]`."""

from __future__ import annotations

import argparse
import platform
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from os import cpu_count

TOPICS = ("generation", "client", "lint", "serving")
"""What can be measured, each a module of this package: its `report(counts, runs)` measures and prints.

`counts` are the numbers of synthetic models to measure with, `runs` is how often each thing is done for a median.
"""


def main() -> None:
    """Measure the topics that were asked for, or all, and print what came of it."""
    there = [topic for topic in TOPICS if find_spec(f"tools.bench.{topic}")]
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "topics", metavar="TOPIC", nargs="*", help=f"one of {', '.join(there)}; all if left out"
    )
    parser.add_argument(
        "--models", type=_counts, default=(5, 50, 500, 2000), help="numbers of models (5,50,500,2000)"
    )
    parser.add_argument("--runs", type=_positive, default=3, help="runs of which the median is taken (3)")
    options = parser.parse_args()
    for topic in options.topics:
        if topic not in there:
            parser.error(f"there is no topic {topic!r}; there are: {', '.join(there)}")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {cpu_count()} cores, {platform.python_implementation()} ", end="")
    print(f"{platform.python_version()}, {platform.system()} {platform.machine()}", flush=True)
    for topic in options.topics or there:
        import_module(f"tools.bench.{topic}").report(options.models, options.runs)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    main()
