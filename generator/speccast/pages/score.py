"""Compares what is read from pages with specs that were checked by a person, fact by fact.

    python -m speccast.pages.score PAGES SPECS [--api API_YAML] [--list]

PAGES and SPECS are folders. A spec belongs to the page that its `source.document` names, or to the page with its name.
Each fact of a spec, and each certain fact of a reading, counts once:

    right-certain    certain, and the spec says the same
    right-doubtful   marked as doubtful, and the spec has one of the readings
    open             marked as doubtful or missing, without the spec's value among the readings
    wrong-certain    certain, but the spec says something else, or has no such fact, or the reading has none

Facts that no page prints are left out: notes, conditions, corrections, and media types and forms of content where the page names none. Kinds with
`(sample)` are of parameters that only the sample has: the page does not print their types, so the row `printed` leaves them out.
Keys that were added to the format later (`LATER_KEYS`) count only if one of the specs has them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.apis import ApiPaths, api_paths
from speccast.pages.facts import ABSENT, Status
from speccast.pages.keys import KEYS, MEDIA_KEYS, MODEL_KEYS
from speccast.pages.reader import read_page
from speccast.pages.spec_facts import is_same, spec_facts
from speccast.pages.text import decode
from speccast.specs.document import DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.core.check import Pointer
    from speccast.pages.facts import Fact
    from speccast.pages.reader import Page

SAMPLE_ONLY: Final = " (sample)"
LATER_KEYS: Final = ("body", "price", "latency", *MEDIA_KEYS)
"""Keys that specs which were checked before the format had them lack."""
OUTCOMES: Final = ("right-certain", "right-doubtful", "open", "wrong-certain")


@dataclass(frozen=True, slots=True)
class FactScore:
    """The result for one fact."""

    page: str
    layout: str
    kind: str
    pointer: Pointer
    outcome: str
    read: Any
    expected: Any


def compare(page: Page, spec: dict[str, Any], layout: str) -> Iterator[FactScore]:
    """Compare the facts of a page with a spec."""
    facts = page.facts.values
    expected = dict(spec_facts(spec))
    for pointer in dict.fromkeys([*expected, *facts]):
        kind = _kind(pointer)
        if pointer[0] == "parameters" and pointer[1] not in page.documented and kind is not None:
            kind += SAMPLE_ONLY
        fact = facts.get(pointer)
        if kind is None or (pointer == ("returns",) and (fact is None or not fact.is_certain)):
            continue
        if pointer[-1] == "forms" and fact is None:
            continue
        is_open = (
            fact is not None and fact.status is not Status.CERTAIN and ABSENT in (fact.value, *fact.readings)
        )
        if pointer not in expected and is_open:
            continue  # a doubt that a person resolved by leaving the key out
        read = None if fact is None else fact.value
        outcome = _outcome(fact, expected.get(pointer, ABSENT))
        yield FactScore(page.source.name, layout, kind, pointer, outcome, read, expected.get(pointer))
    for name, parameter in spec.get("parameters", {}).items():
        pointer = ("parameters", name, "required")
        if name in page.documented and not parameter.get("required") and pointer not in facts:
            yield FactScore(page.source.name, layout, "required", pointer, "right-certain", None, None)


def _kind(pointer: Pointer) -> str | None:
    if pointer[0] == "example":
        return "sample"
    key, known = (pointer[-1], KEYS) if pointer[0] == "parameters" else (pointer[0], MODEL_KEYS)
    return str(key) if key in known else None


def _outcome(fact: Fact | None, expected: Any) -> str:
    if fact is None:
        return "wrong-certain"
    if fact.status is Status.CERTAIN:
        return "right-certain" if is_same(fact.value, expected) else "wrong-certain"
    return (
        "right-doubtful" if any(is_same(each, expected) for each in (fact.value, *fact.readings)) else "open"
    )


def score(pages: Path, specs: Path, paths: ApiPaths) -> list[FactScore]:
    """Compare every page of a folder that has a spec."""
    outcomes: list[FactScore] = []
    known: set[str] = set()
    texts = {path.name: path for path in sorted(pages.iterdir()) if path.is_file()}
    for path in sorted(specs.glob("*.y*ml")):
        if path.stem == "api":
            continue
        try:
            spec = read_document(path.read_bytes(), str(path)).value
        except DocumentError as error:
            print(error, file=sys.stderr)
            continue
        assert isinstance(spec, dict)
        source = spec.get("source")
        document = source.get("document", "") if isinstance(source, dict) else ""
        file = texts.get(str(document)) or texts.get(f"{path.stem}.txt")
        if file is None:
            continue
        page = read_page(decode(file.read_bytes(), file.name), paths)
        layout = "+".join(sorted(page.layouts)) or "sample only"
        outcomes += compare(page, spec, layout)
        known |= {str(pointer[-1]) for pointer, _ in spec_facts(spec)}
    return [each for each in outcomes if each.pointer[-1] not in LATER_KEYS or each.pointer[-1] in known]


def table(outcomes: Sequence[FactScore], attribute: str) -> str:
    """Return the numbers of outcomes as a table with one row for each layout or kind."""
    rows: dict[str, Counter[str]] = {}
    for each in outcomes:
        rows.setdefault(getattr(each, attribute), Counter())[each.outcome] += 1
    printed = [counts for name, counts in rows.items() if not name.endswith(SAMPLE_ONLY)]
    total = sum(rows.values(), Counter[str]())
    if attribute == "kind":
        rows["printed"] = sum(printed, Counter[str]())
    rows["total"] = total
    width = max(map(len, [*rows, attribute]))
    lines = [f"{attribute:<{width}}  facts  " + "  ".join(OUTCOMES) + "  certain"]
    for name, counts in rows.items():
        facts = sum(counts.values())
        cells = "  ".join(f"{counts[outcome]:>{len(outcome)}}" for outcome in OUTCOMES)
        share = counts["right-certain"] / facts if facts else 0
        lines.append(f"{name:<{width}}  {facts:>5}  {cells}  {share:>6.1%}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. Return 1 if a certain fact is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m speccast.pages.score", description=__doc__.split("\n")[0]
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("specs", type=Path)
    parser.add_argument("--api", type=Path, help="api.yaml with the paths; by default the one in SPECS")
    parser.add_argument("--list", action="store_true", help="list every fact that is not right and certain")
    options = parser.parse_args(arguments)
    own = options.api or options.specs / "api.yaml"
    paths = ApiPaths()
    if own.is_file():
        value = read_document(own.read_bytes(), str(own)).value
        assert isinstance(value, dict)
        paths = api_paths(value)
    outcomes = score(options.pages, options.specs, paths)
    if not outcomes:
        print("no page has a spec", file=sys.stderr)
        return 2
    if options.list:
        for each in outcomes:
            if each.outcome != "right-certain":
                pointer = "/".join(map(str, each.pointer))
                print(f"{each.outcome}: {each.page}: {pointer}: read {each.read!r}, spec {each.expected!r}")
        print()
    print(table(outcomes, "layout"), table(outcomes, "kind"), sep="\n\n")
    return 1 if any(each.outcome == "wrong-certain" for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
