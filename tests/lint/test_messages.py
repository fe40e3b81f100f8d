"""Representative messages of `speccast lint`, word for word, so that their style stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"

FINDINGS = {
    "  a: { tipe: string }": """\
flux.yaml:7:8: error[S201] parameter `a` has no key `tipe`
    help: did you mean `type`?
""",
    "  a: [": """\
flux.yaml:7:6: error[S101] the bracket [ is not closed
    help: write ] at the end of the list
""",
    "  a: { type: int }": """\
flux.yaml:7:14: error[S204] `type` of parameter `a` must be one of string, integer, number, boolean, array, object, file, not `int`
    help: did you mean `integer`?
""",
    "  a: { type: integer, required: yes }": """\
flux.yaml:7:33: error[S203] `required` of parameter `a` must be true or false, not text
    help: YAML 1.2 reads `yes` as text; write true
""",
    "  a: { type: integer, minimum: 9, maximum: 1 }": """\
flux.yaml:7:32: error[P201] `a` has no valid value: minimum 9 is greater than maximum 1
    note: flux.yaml:7:44: maximum is here
    help: swap them, `minimum: 1` and `maximum: 9`, or correct one
""",
    "  a: { type: integer, maximum: 10, multipleOf: 8 }": """\
flux.yaml:7:32: warning[P203] maximum 10 of `a` can never be reached: it is not a multiple of 8
    help: the largest possible value is 8: write `maximum: 8`
""",
    "  a: { type: string, default: 5 }": """\
flux.yaml:7:31: error[P301] the default of `a` is not valid: 5 is an integer, but must be a string
    help: if it is meant as text, quote it: "5"
""",
    "  a: { type: string } # speccast: ignore[P203] as printed": """\
flux.yaml:7:42: warning[X101] unused suppression: `P203` reports nothing here
    help: remove it
""",
}


@pytest.mark.parametrize("parameter", FINDINGS)
def test_findings(parameter: str, project: Path, speccast: Callable[..., Any]) -> None:
    (project / "specs" / "acme" / "flux.yaml").write_text(f"{MODEL}{parameter}\n")

    lines = speccast("lint", cwd=project, code=None).out.splitlines()

    shown = [line for line in lines[:-1] if not line.startswith((" 7 |", "   |"))]
    assert "".join(f"{line}\n" for line in shown).replace("specs/acme/", "") == FINDINGS[parameter]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nope.yaml"], "error: nope.yaml: no such file or folder\n"),
        (["--select", "P999"], "error: unknown rule 'P999'\nhint: name one rule: P101, P102, P103, P104, P105, P106, P107, P108, P109, P201, P202, P203, …\n"),
        (["--ignore", "S101"], "error: S101 (syntax) cannot be disabled\nhint: this rule protects generation\n"),
        (
            ["--severity", "P203=fatal"],
            "error: unknown severity 'fatal'\nhint: severities: error, warning, info, off\n",
        ),
        (
            ["--write-baseline"],
            "error: no baseline given\nhint: use --baseline FILE, or set `baseline` in [tool.speccast.lint]\n",
        ),
    ],
)  # fmt: skip
def test_errors(words: list[str], message: str, project: Path, speccast: Callable[..., Any]) -> None:
    (project / "specs" / "acme" / "flux.yaml").write_text(f"{MODEL}  a: {{ type: string }}\n")

    assert speccast("lint", *words, cwd=project, code=2).err == message
