"""The linter on mutated specs and random bytes: the report is valid and in time, without a traceback."""

from __future__ import annotations

import json
import resource
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speccast.config import Project
from speccast.lint.configuration import Configuration
from speccast.lint.fixing import apply_fixes
from speccast.lint.reports import FORMATS
from speccast.lint.session import LintOptions, run_lint
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.findings import Finding

ROOT = Path(__file__).parents[2]
SEGMIND = ROOT / "specs" / "segmind"
REAL = [path.read_bytes() for path in sorted(SEGMIND.glob("*.yaml"))]
PROJECT = Project(ROOT, ROOT / "specs", ROOT / "templates", ROOT / "generated")
SECONDS = 2.0

SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
OURS = json.loads(files("speccast.lint").joinpath("schema", "report.schema.json").read_text(encoding="utf-8"))
SNIPPETS = [
    b"# speccast: ignore[P203, X, ] y\n", b"# speccast: ignore[\n", b"&a ", b"*a ", b"!!binary ", b"? ", b"- ", b"\t", b"{", b"]", b"'",
    b'"', b": ", b" #", b"---\n", b"%YAML 1.1\n", b"|\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8",
    b"pattern: '^(a+)+$'\n", b"default: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n", b"1e999", b"-0", b".nan", b"0x", b"null", b"yes", b"<<: ",
    b"required: yes\n", b"requird: true\n", b"type: int\n", b"enum: [1, 1, true]\n", b"minimum: 9\nmaximum: 1\n", "\U0001f98a".encode(),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["remove", "repeat", "insert", "replace", "flip", "cut"])):
            case "remove":
                del data[start:end]
            case "repeat":
                data[end:end] = data[start:end] * draw(st.integers(1, 30))
            case "insert":
                data[start:start] = draw(st.sampled_from(SNIPPETS))
            case "replace":
                data[start:end] = draw(st.sampled_from(SNIPPETS))
            case "flip" if data:
                data[start] ^= 1 << draw(st.integers(0, 7))
            case _:
                del data[end:]
    return bytes(data)


def judge(content: bytes, name: str = "sd2.1-txt2img.yaml", *, seconds: float = SECONDS) -> dict[str, str]:
    """Return all reports of a run with every rule, in which a file of the real specs has another content."""
    unsaved = {SEGMIND / name: content}
    configuration = Configuration(select=("all",))
    began = time.process_time()
    run = run_lint(LintOptions(unsaved=unsaved, info=True), PROJECT, configuration).report
    reports = {name: report(run) for name, report in FORMATS.items()}
    assert time.process_time() - began < seconds
    return reports


def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.validators.validator_for(schema)(schema)


VALID = {"json": validator(OURS), "sarif": validator(SARIF)}


def check(reports: dict[str, str]) -> None:
    found = json.loads(reports["json"])["findings"]
    for name, valid in VALID.items():
        value = json.loads(reports[name])
        if name == "sarif":
            assert len(value["runs"][0]["results"]) >= len(found)
            del value["runs"][0]["results"][50:]  # the others have the same form, and validation is slow
        valid.validate(value)
    assert len(json.loads(reports["gitlab"])) == len(found)
    ET.fromstring(reports["junit"])
    assert len(reports["github"].splitlines()) == len(found)
    assert all(line.isprintable() for line in reports["concise"].replace("\x1b", "").splitlines())


quiet = settings(deadline=None, max_examples=cases(15, 50), suppress_health_check=[HealthCheck.too_slow])


@quiet
@given(content=mutated())
def test_mutated_specs_are_reported_on(content: bytes) -> None:
    check(judge(content))


@quiet
@given(content=mutated())
def test_a_mutated_api_is_reported_on(content: bytes) -> None:
    check(judge(content, "api.yaml"))


@quiet
@given(content=st.binary(max_size=200))
def test_random_bytes_are_reported_on(content: bytes) -> None:
    check(judge(content))


@quiet
@given(content=mutated(), unsafe=st.booleans())
def test_fixing_terminates_and_is_idempotent(content: bytes, unsafe: bool) -> None:
    place = SEGMIND / "sd2.1-txt2img.yaml"

    def fixed(start: bytes) -> bytes:
        def lint_with(unsaved: Any) -> tuple[Finding, ...]:
            request = LintOptions(unsaved={place: unsaved.get(place, start)})
            return run_lint(request, PROJECT, Configuration(select=("all",))).report.findings

        fixes = apply_fixes(
            lint_with, lambda path: ROOT / path, [place], unsafe=unsafe, unsaved={place: start}
        )
        return fixes.after.get(place, start)

    once = fixed(content)
    assert fixed(once) == once


HOSTILE = {
    "a pattern within a pattern": "parameters:\n"
    + "".join(
        f"  p{number}: {{ type: string, pattern: '^(a+{number % 7})+$', default: {'a' * 60}! }}\n"
        for number in range(300)
    ),
    "a pattern over a long text": f"parameters:\n  a: {{ type: string, pattern: 'x*x*x*y', default: {'x' * 100_000} }}\n",
    "alternatives that are the same": f"parameters:\n  a: {{ type: string, pattern: '^(a|a)*$', default: {'a' * 60}! }}\n",
    "a description without end": f"parameters:\n  a: {{ type: integer, description: {'between 1 and ' * 50_000} }}\n",
    "keys without end": "parameters:\n  a: { type: string, pattern: " + "sk-" * 100_000 + " }\n",
    "aliases of aliases": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 12)),
    "comments without end": "parameters: {}\n" + "# speccast: ignore[P203] x\n" * 5000,
    "rules that are none": "parameters: {} # speccast: ignore[" + ",".join(f"P{n}x" for n in range(3000)) + "] x\n",
    "comments on rules that are none": "parameters: {}\n" + "".join(f"# speccast: ignore[X{n}] x\n" for n in range(900)),
    "rules without end": f"parameters: {{}} # speccast: ignore[{'P203,' * 5000}] x\n",
    "brackets": "parameters: " + "[" * 100_000,
    "numbers": f"parameters:\n  a: {{ type: integer, minimum: {'9' * 100_000} }}\n",
    "steps": "parameters:\n  a: { type: number, multipleOf: 1e-300, minimum: 1e300, maximum: 1e308 }\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hangs(name: str, project: Path, speccast: Callable[..., Any]) -> None:
    head = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\n"
    (project / "specs" / "acme" / "flux.yaml").write_text(head + HOSTILE[name], encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    done = speccast("lint", "--select", "all", "--format", "sarif", cwd=project)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.code in (0, 1)
    VALID["sarif"].validate(json.loads(done.out) | {"runs": []})
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < SECONDS + 1.0, "of the process with its start; the steps of patterns are numbered"


HEAD = b"speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\n"
SIZE = cases(1, 3)
"""How large specs are. Time that grows with the square of the size takes minutes with 3, and tens of seconds with 1."""
WORDS = [f"w{number * 7919:x}" for number in range(7000 * SIZE)]
VALUES = ", ".join(WORDS[: 700 * SIZE])
LARGE = {
    "one line of NUL characters": "\0" * 70_000 * SIZE,
    "one line of findings": "parameters: {"
    + ", ".join(f"p{n}: {{type: string, minimum: 1, open: true, minItems: 1, items: {{type: string}}}}" for n in range(333 * SIZE))
    + "}\n",
    "repeated values on one line": "parameters: {"
    + ", ".join(f"p{n}: {{type: string, enum: [{'a, ' * 300 * SIZE}a]}}" for n in range(9))
    + "}\n",
    "repeated items of the format": f"surfaces: [{', '.join(WORDS)}, {WORDS[0]}]\n",
    "an example of unknown names": "parameters:\n"
    + "".join(f"  {word}: {{ type: string }}\n" for word in WORDS[: 300 * SIZE])
    + f"example: {{{', '.join(f'{word}: 1' for word in WORDS[300 * SIZE :])}}}\n",
    "a default of unknown values": f"parameters: {{a: {{type: array, items: {{type: string, enum: [{VALUES}]}}, "
    f"default: [{', '.join(WORDS[700 * SIZE :])}]}}}}\n",
    "a default of known values": f"parameters: {{a: {{type: array, items: {{type: string, enum: [{VALUES}]}}, "
    f"default: [{f'{WORDS[700 * SIZE - 1]}, ' * 7000 * SIZE}]}}}}\n",
    "conditions on unknown names": "parameters:\n"
    + "".join(f"  {word}: {{ type: string, applies_when: {{ {word}x: 1, {word}y: 2 }} }}\n" for word in WORDS[: 333 * SIZE]),
    "a pattern without end": f"parameters: {{ a: {{ type: string, pattern: \"{'(a|b)' * 33_000 * SIZE}\" }} }}\n",
}  # fmt: skip
"""Inputs for which time must not grow with the square of their size."""


@pytest.mark.parametrize("name", LARGE)
def test_time_is_bounded_for_large_specs(name: str) -> None:
    found = judge(HEAD + LARGE[name].encode(), seconds=3 * SIZE)
    assert len(found["text"]) < 3_000_000


@settings(deadline=None, max_examples=cases(4, 12))
@given(
    pieces=st.lists(st.sampled_from([*SNIPPETS, b"a: ", b"[", b"\n", b"  ", b"p: {type: string, maximum: 1}, "]), max_size=3),
    start=st.sampled_from([b"", HEAD + b"parameters: {", HEAD + b"parameters:\n  a:\n    description: "]),
)  # fmt: skip
def test_time_is_bounded_for_repeated_pieces(pieces: list[bytes], start: bytes) -> None:
    piece = b"".join(pieces) or b" "
    judge(start + piece * (100_000 // len(piece)))


def test_the_real_specs_are_clean_with_every_rule_of_the_default_set() -> None:
    run = run_lint(LintOptions(), PROJECT, Configuration(fail_on="warning")).report

    assert run.findings == ()
    assert run.models == 5
