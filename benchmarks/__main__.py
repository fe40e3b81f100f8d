"""`make bench`, or `python -m benchmarks [--models 5,50,500] [--runs 3]`."""

from __future__ import annotations

import argparse

from benchmarks import client, generation


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--models", default="5,50,500", help="numbers of models, with commas between them")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is taken")
    options = parser.parse_args()
    for count in options.models.split(","):
        generation.report(int(count), options.runs)
    client.report(options.runs)


if __name__ == "__main__":
    main()
