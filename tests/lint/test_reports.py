"""Reports: always valid in their format, and with every field of a finding."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Lint = Callable[..., subprocess.CompletedProcess[str]]

MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
SPECS: dict[str, str] = {
    "wrong": MODEL + "  a: { type: string, requird: yes }\n",
    "odd": MODEL + "  a: { type: string, default: 5 }\n  b: { type: integer, minimum: 2, default: 1 }\n",
    "unreadable": MODEL + "  a: { type: string\n",
    "silenced": MODEL
    + "  b: { type: integer, minimum: 2, default: 1 } # speccast: ignore[P303] as printed\n",
    "hostile": MODEL + '  "%0A::error::,": { type: string, enum: ["\\e[2J]]>&<", 1] }\n',
    "astral": MODEL + "  a: { type: integer, description: 🦊, default: x }\n",
    "clean": MODEL + "  a: { type: string }\n",
    "latin": "",
}
SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
OURS = json.loads(files("speccast.lint").joinpath("schema", "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def spec(project: Path) -> Path:
    return project / "specs" / "acme" / "flux.yaml"


def write(spec: Path, name: str) -> None:
    spec.write_text(SPECS[name], encoding="utf-8")
    if name == "latin":
        spec.write_bytes(MODEL.encode() + b"  a: { type: string, description: caf\xe9 }\n")


def validate(report: str, schema: Any) -> Any:
    value = json.loads(report)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)
    return value


@pytest.mark.parametrize("name", SPECS)
def test_every_report_is_valid_and_one_run_can_write_all(
    lint: Lint, spec: Path, project: Path, name: str
) -> None:
    write(spec, name)
    formats = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
    done = lint("--format", "json", *(f"--output={each}=out/{each}" for each in formats))
    reports = {each: (project / "out" / each).read_text(encoding="utf-8") for each in formats}

    assert done.returncode == (0 if name in ("clean", "silenced") else 1)
    assert reports["json"] == done.stdout
    found = validate(reports["json"], OURS)["findings"]
    [made] = validate(reports["sarif"], SARIF)["runs"]
    assert len([each for each in made["results"] if not each["suppressions"]]) == len(found)
    assert len(json.loads(reports["gitlab"])) == len(found)
    assert len(reports["github"].splitlines()) == len(found)
    assert sum(line.startswith("specs/") for line in reports["concise"].splitlines()) == len(found)
    assert ET.fromstring(reports["junit"]).get("failures") == str(len(found))
    assert "\x1b" not in "".join(reports.values())


def test_a_run_that_could_not_be_done_says_so_in_valid_reports(lint: Lint, project: Path) -> None:
    done = lint("--format", "sarif", "--output", "json=out.json", "--output", "junit=out.xml", "nowhere.yaml")

    assert done.returncode == 2
    assert "nowhere.yaml" in done.stderr
    [made] = validate(done.stdout, SARIF)["runs"]
    [invocation] = made["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nowhere.yaml" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    ours = validate((project / "out.json").read_text(), OURS)
    assert ours["successful"] is False
    assert "nowhere.yaml" in ours["failure"]["message"]
    assert ET.parse(project / "out.xml").getroot().get("errors") == "1"


def test_a_report_that_cannot_be_written_is_an_error(lint: Lint, spec: Path, project: Path) -> None:
    write(spec, "clean")
    (project / "file").write_text("")

    done = lint("--output", "json=file/report.json")

    assert (done.returncode, done.stdout) == (2, "")
    assert "file/report.json: cannot be written" in done.stderr


def test_findings_know_their_place_their_pointer_and_their_fix(lint: Lint, spec: Path) -> None:
    write(spec, "wrong")

    first = json.loads(lint("--format", "json").stdout)["findings"][0]

    assert (first["rule"], first["name"], first["severity"]) == ("S201", "unknown-key", "error")
    assert (first["path"], first["pointer"]) == ("specs/acme/flux.yaml", "/parameters/a/requird")
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (7, 22, 7, 29)
    assert first["help"] == "did you mean `required`?"
    assert first["fix"]["applicability"] == "safe"
    assert first["fix"]["edits"] == [
        {"line": 7, "column": 22, "end_line": 7, "end_column": 29, "text": "required"}
    ]
    assert first["url"].endswith("docs/rules.md#s201-unknown-key")


def test_columns_count_code_points(lint: Lint, spec: Path) -> None:
    write(spec, "astral")

    [finding] = json.loads(lint("--format", "json").stdout)["findings"]

    assert (finding["line"], finding["column"]) == (7, 48)


def test_sarif_has_rules_with_help_fingerprints_suppressions_and_fixes(lint: Lint, spec: Path) -> None:
    spec.write_text(
        SPECS["odd"] + "  c: { type: integer, minimum: 2, default: 1 } # speccast: ignore[P303] as printed\n"
    )

    [made] = validate(lint("--format", "sarif").stdout, SARIF)["runs"]

    rules = made["tool"]["driver"]["rules"]
    for result in made["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["markdown"].startswith(rule["help"]["text"])
        assert rule["help"]["markdown"].count("```") == 4
    by_rule = {result["ruleId"]: result for result in made["results"] if not result["suppressions"]}
    assert set(by_rule) == {"P301", "P303"}
    assert by_rule["P301"]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {
        "text": '"5"'
    }
    [silenced] = [result for result in made["results"] if result["suppressions"]]
    assert silenced["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "as printed"}
    ]
    prints = [result["partialFingerprints"]["speccast/v1"] for result in made["results"]]
    assert len(set(prints)) == len(prints) == 3
    assert made["invocations"][0]["executionSuccessful"] is True


def test_fingerprints_stay_when_lines_move(lint: Lint, spec: Path) -> None:
    write(spec, "odd")
    before = [each["fingerprint"] for each in json.loads(lint("--format", "json").stdout)["findings"]]
    spec.write_text("# why\n\n" + spec.read_text())

    after = [each["fingerprint"] for each in json.loads(lint("--format", "json").stdout)["findings"]]

    assert after == before


def test_github_annotations_are_added_under_github_actions(lint: Lint, spec: Path) -> None:
    write(spec, "odd")

    done = lint(GITHUB_ACTIONS="true")

    assert "specs/acme/flux.yaml:7:31: error[P301]" in done.stdout
    assert (
        "::error file=specs/acme/flux.yaml,line=7,col=31,title=P301 default-wrong-type,endLine=7,endColumn=31::"
        in done.stdout
    )
    assert "%0Ahelp: " in done.stdout
    assert "::" not in lint().stdout
    assert "::error" not in lint("--format", "concise", GITHUB_ACTIONS="true").stdout


def test_text_of_a_spec_cannot_become_a_workflow_command(lint: Lint, spec: Path) -> None:
    write(spec, "hostile")

    done = lint("--format", "github", "--info")

    assert all(
        line.startswith(("::error file=specs/acme/", "::notice file=specs/acme/"))
        for line in done.stdout.splitlines()
    )
    assert "%250A" in done.stdout


def test_the_excerpt_marks_the_span_of_the_finding(lint: Lint, spec: Path) -> None:
    spec.write_text(MODEL + "  a: { type: string, description: 狐狸, enum: [b, 1234] }\n")

    assert lint().stdout.splitlines()[1:3] == [
        " 7 |   a: { type: string, description: 狐狸, enum: [b, 1234] }",
        "   |                                                   ^^^^",
    ]


def test_the_excerpt_of_a_long_line_shows_the_place(lint: Lint, spec: Path) -> None:
    spec.write_text(
        MODEL + "  a: { type: string, description: " + "x" * 500 + ", default: 5, note: " + "y" * 500 + " }\n"
    )

    line, caret = lint().stdout.splitlines()[1:3]

    assert len(line) < 140
    assert line[caret.index("^")] == "5"


def test_statistics_count_by_rule(lint: Lint, spec: Path) -> None:
    spec.write_text(SPECS["odd"] + "  c: { type: integer, minimum: 2, default: 1 }\n")

    assert lint("--statistics").stdout.splitlines()[-3:] == [
        "1 model, 1 error, 2 warnings, 1 fixable with --fix",
        "2  P303  default-outside-limits",
        "1  P301  default-wrong-type",
    ]


@pytest.mark.parametrize("kind", ["folder in the way", "link"])
def test_json_is_printed_also_if_another_report_cannot_be_written(
    project: Path, speccast: Callable[..., Any], kind: str
) -> None:
    outside = project.parent / f"{project.name}-outside.txt"
    outside.write_text("kept")
    if kind == "link":
        (project / "report.xml").symlink_to(outside)
    else:
        (project / "report.xml").mkdir()
    ran = speccast("lint", "--format", "json", "--output", "junit=report.xml", cwd=project, code=2)
    assert "report.xml" in json.loads(ran.out)["failure"]["message"]
    assert "report.xml" in ran.err
    assert outside.read_text() == "kept"
