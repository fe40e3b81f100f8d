"""`make bench`, or `python -m tools.bench [TOPIC…] [--models 5,50,500,2000] [--runs N]`."""

from __future__ import annotations

import argparse
import platform
from datetime import UTC, datetime
from importlib import import_module
from os import cpu_count

TOPICS = ("generation", "client", "diff", "lint", "serving")
"""The topics, each a module of this package with a function `report(counts, runs)`, which measures and prints.

`counts` are the numbers of synthetic models, `runs` is the number of runs per median.
"""


def main() -> None:
    """Measure the given topics, or all of them, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "topics", metavar="TOPIC", nargs="*", help=f"one of {', '.join(TOPICS)}; default: all"
    )
    parser.add_argument(
        "--models", type=_counts, default=(5, 50, 500, 2000), help="numbers of models; default: 5,50,500,2000"
    )
    parser.add_argument("--runs", type=_positive, default=3, help="runs per median; default: 3")
    options = parser.parse_args()
    for topic in options.topics:
        if topic not in TOPICS:
            parser.error(f"unknown topic {topic!r}; topics: {', '.join(TOPICS)}")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {cpu_count()} cores, {platform.python_implementation()} ", end="")
    print(f"{platform.python_version()}, {platform.system()} {platform.machine()}", flush=True)
    for topic in options.topics or TOPICS:
        import_module(f"tools.bench.{topic}").report(options.models, options.runs)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    main()
