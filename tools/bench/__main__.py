"""`make bench`, or `python -m tools.bench [TOPIC…] [--models 5,50,500,2000] [--runs N] [--check] [--keep]`."""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from os import cpu_count

from tools.bench.figures import Figures, keep_figures, read_figures, slower_figures

TOPICS = ("generation", "changes", "client", "commands", "type_checks", "diff", "lint", "serving", "batches")
"""The topics, each a module of this package with a function `report(counts, runs)`, which measures, prints and returns figures.

`counts` are the numbers of synthetic models, `runs` is the number of runs per median.
"""


def main() -> int:
    """Measure the given topics, or all of them, print the results, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "topics", metavar="TOPIC", nargs="*", help=f"one of {', '.join(TOPICS)}; default: all"
    )
    parser.add_argument(
        "--models", type=_counts, default=(5, 50, 500, 2000), help="numbers of models; default: 5,50,500,2000"
    )
    parser.add_argument("--runs", type=_positive, default=5, help="runs per median; default: 5")
    parser.add_argument(
        "--margin",
        type=float,
        default=10,
        help="percent by which a figure may exceed the kept one; default: 10",
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if a figure exceeds the kept one")
    parser.add_argument("--keep", action="store_true", help="write the figures to figures.json and the chart")
    options = parser.parse_args()
    for topic in options.topics:
        if topic not in TOPICS:
            parser.error(f"unknown topic {topic!r}; topics: {', '.join(TOPICS)}")
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    print(f"{date}, {cpu_count()} cores, {platform.python_implementation()} ", end="")
    print(f"{platform.python_version()}, {platform.system()} {platform.machine()}", flush=True)
    found: Figures = {}
    for topic in options.topics or TOPICS:
        found |= import_module(f"tools.bench.{topic}").report(options.models, options.runs)
    slower = [*slower_figures(found, read_figures(), options.margin)]
    print(f"\nslower than the kept figures by more than {options.margin:g} %, in CPU time: {len(slower)}")
    for line in slower:
        print(f"  {line}")
    if options.keep:
        keep_figures(found, date, f"make bench ARGS={' '.join(sys.argv[1:])!r}")
        import_module("tools.bench.chart").draw()
    return 1 if options.check and slower else 0


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
