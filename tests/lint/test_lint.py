"""The linter as a whole: order, ignored files, robustness, and the specs of this repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.findings import Severity
from speccast.lint.context import api_context
from speccast.lint.linter import lint
from speccast.lint.rule import ParameterRule
from speccast.lint.selection import choose
from speccast.specs.check import check
from speccast.specs.document import read_document
from speccast.specs.load import Loaded, LoadedApi, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.findings import Finding

    LintFiles = Callable[[Mapping[str, str]], tuple[Finding, ...]]

RULES = choose(["all"]).rules
ROOT = Path(__file__).parents[2]
API = (Path(__file__).parent / "cases" / "api.yaml").read_bytes()
CASES = sorted((Path(__file__).parent / "cases").glob("*/bad*"))
REPOSITORY = [ROOT / "specs" / "segmind", *sorted((ROOT / "tests" / "apis").iterdir())]


@pytest.mark.parametrize("folder", REPOSITORY, ids=lambda folder: folder.name)
def test_the_specs_of_this_repository_have_no_errors(folder: Path) -> None:
    errors = [found.render() for found in lint(load(folder)) if found.severity is Severity.ERROR]

    assert errors == []


def test_the_specs_of_segmind_have_no_warnings() -> None:
    found = lint(load(ROOT / "specs" / "segmind"))

    assert [finding.render() for finding in found if finding.severity is not Severity.INFO] == []


def test_findings_are_ordered_by_file_then_place(lint_files: LintFiles) -> None:
    wrong = "parameters:\n  b: { type: integer, default: x, minimum: 2, maximum: 1 }\n  a: { type: string, maximum: 1 }\n"

    found = lint_files({
        "wan.yaml": f"slug: wan\n{wrong}",
        "flux.yaml": f"slug: flux\n{wrong}",
        "api.yaml": "sync: { path: '/{x}/{slug}' }\n",
    })  # fmt: skip

    shown = [finding for finding in found if finding.severity is not Severity.INFO]
    assert [(finding.path, finding.rule) for finding in shown] == [
        ("specs/acme/api.yaml", "A107"),
        *(("specs/acme/flux.yaml", rule) for rule in ("P301", "P201", "P101")),
        *(("specs/acme/wan.yaml", rule) for rule in ("P301", "P201", "P101")),
    ]
    assert list(found) == sorted(found)


def test_findings_of_the_loader_are_included_and_other_files_are_linted(lint_files: LintFiles) -> None:
    found = lint_files({
        "broken.yaml": "slug: broken\nparameters: { a: [ }\n",
        "flux.yaml": "parameters:\n  a: { type: string, maximum: 1 }\n",
        "odd.yaml": "slug: odd\nparametres: {}\n",
    })  # fmt: skip

    rules = {(finding.path, finding.rule) for finding in found if finding.severity is Severity.ERROR}
    assert rules == {
        ("specs/acme/broken.yaml", "S101"),
        ("specs/acme/flux.yaml", "P101"),
        ("specs/acme/odd.yaml", "S201"),
    }


def test_two_models_of_one_slug_are_one_finding(lint_files: LintFiles) -> None:
    found = lint_files({"flux.yaml": "slug: flux\n", "flux-copy.yaml": "slug: flux\n"})

    assert [finding.rule for finding in found if finding.severity is Severity.ERROR] == ["M101"]


def test_a_finding_about_two_places_names_both(lint_files: LintFiles) -> None:
    found = lint_files({"video-loop.yaml": "slug: video-loop\n", "video.loop.yaml": "slug: video.loop\n"})

    [finding] = [finding for finding in found if finding.rule == "M202"]
    [other] = finding.related
    assert (finding.path, finding.line, finding.column) == ("specs/acme/video.loop.yaml", 1, 7)
    assert (other.path, other.line, other.column) == ("specs/acme/video-loop.yaml", 1, 7)
    assert "specs/acme/video-loop.yaml:1:7: video-loop is here" in finding.render()


def test_a_condition_may_name_a_default_that_its_enum_lacks(lint_files: LintFiles) -> None:
    look = "  look: { type: string, enum: [matte], default: auto }\n"
    found = lint_files(
        {"flux.yaml": f"parameters:\n{look}  width: {{ type: integer, applies_when: {{ look: auto }} }}\n"}
    )

    assert [finding.rule for finding in found if finding.severity is not Severity.INFO] == ["P304"]


def test_findings_have_the_end_and_the_pointer_of_a_value(lint_files: LintFiles) -> None:
    found = lint_files(
        {"flux.yaml": "parameters:\n  a/b: { type: array, items: { type: string }, default: [x, 12] }\n"}
    )

    [finding] = [finding for finding in found if finding.rule == "P301"]
    assert (finding.column, finding.end_line, finding.end_column) == (61, 2, 63)
    assert finding.pointer == "/parameters/a~1b/default/1"


def test_comments_change_nothing(lint_files: LintFiles, project: Path) -> None:
    text = "parameters:\n  a: { type: string, maximum: 1 }\n"
    before = lint_files({"flux.yaml": text})
    path = project / "specs" / "acme" / "flux.yaml"
    path.write_text(re.sub("$", "  # why", path.read_text(), flags=re.MULTILINE).strip() + "\n")

    assert lint(load(project / "specs", shown_from=project)) == before


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C"]), max_size=6)
)
names = st.sampled_from(["a", "b", "a_b", "a b", "timeout", "class", "%", "", "None", "é", "__x__"])
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
types = st.sampled_from(["string", "integer", "number", "boolean", "array", "object"])
keywords: dict[str, st.SearchStrategy[Any]] = {
    "required": st.booleans(),
    "enum": st.lists(scalars, min_size=1, max_size=4),
    "open": st.booleans(),
    "hidden_values": st.integers(1, 20),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), numbers),
    "multipleOf": st.integers(1, 9) | st.floats(1e-300, 1e300),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), st.integers(0, 9)),
    "pattern": st.text(alphabet="ab[](){}*+?\\^$1,", max_size=6),
    "default": anything,
    "examples": st.lists(anything, min_size=1, max_size=2),
    "applies_when": st.dictionaries(names, anything, min_size=1, max_size=2),
    "documented_as": scalars | st.dictionaries(names, scalars, min_size=1, max_size=2),
    "name": st.sampled_from(["a", "a_b", "timeout", "class"]),
}


def parameter_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    written = types | types.map(lambda kind: [kind, "null"])
    nested = {"items": inner, "properties": st.dictionaries(names, inner, max_size=3)}
    return st.fixed_dictionaries({"type": written}, optional=keywords | nested)


parameter = st.deferred(lambda: parameter_of(parameter_of(st.just({"type": "string"}))))


@settings(deadline=None, max_examples=100)
@given(
    parameters=st.dictionaries(names, parameter, max_size=4),
    example=st.dictionaries(names, anything, max_size=3),
    surfaces=st.sampled_from([["sync"], ["async"], ["sync", "async"]]),
    paths=st.dictionaries(
        st.sampled_from(["sync", "submit"]), st.sampled_from(["/{", "/{slug}", "/x"]), min_size=1
    ),
)
def test_every_spec_that_the_format_allows_is_linted_without_a_crash(
    parameters: dict[str, Any], example: dict[str, Any], surfaces: list[str], paths: dict[str, str]
) -> None:
    value = {
        "speccast": 1, "slug": "flux", "title": "Flux", "surfaces": surfaces, "returns": ["image/png"],
        "parameters": parameters, "example": example, "paths": paths,
    }  # fmt: skip
    text = json.dumps(value, indent=1, ensure_ascii=False)
    model = read_document(text.encode(), "flux.yaml")
    assert not check(model, "model")

    found = lint(Loaded((LoadedApi("acme", Path(), read_document(API, "api.yaml"), (model,)),), ()))

    codes = {rule.code for rule in RULES}
    lines = text.splitlines()
    for finding in found:
        assert finding.rule in codes
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1])
        assert (finding.end_line, finding.end_column) > (finding.line, finding.column)
        assert finding.render().isprintable() or "\n" in finding.render()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_rules_find_nothing_on_parameters_that_have_none_of_their_keywords(
    case: Path, lint_case: Callable[[Path, str], tuple[Finding, ...]], project: Path
) -> None:
    lint_case(case, "default")
    [loaded] = load(project / "specs", shown_from=project).apis
    rules = [rule for rule in RULES if isinstance(rule, ParameterRule) and rule.keywords]

    for model in api_context(loaded).models:
        for parameter in model.all_parameters:
            others = [rule for rule in rules if not rule.keywords & parameter.spec.keys()]
            assert [rule.code for rule in others if list(rule.check(parameter))] == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  a: { type: integer, maximum: 5, default: 6 }", "maximum is here"),
        ("  a: { type: string, enum: [x, y], default: z }", "enum is here"),
        ("  a: { type: string, maxLength: 2, examples: [xyz] }", "maxLength is here"),
        ("  a: { type: integer, minimum: 3, enum: [2, 3] }", "minimum is here"),
        ("  a: { type: integer, maximum: 5 }\nexample: { a: 6 }", "maximum is here"),
    ],
)
def test_a_refused_value_is_related_to_the_keyword_that_refuses_it(
    lint_files: LintFiles, line: str, message: str
) -> None:
    found = lint_files({"flux.yaml": f"parameters:\n{line}\n"})

    [[other]] = [finding.related for finding in found if finding.severity is not Severity.INFO]
    assert (other.line, other.message) == (2, message)
    keyword = message.partition(" ")[0]
    assert line.index(f"{keyword}: ") + len(f"{keyword}: ") == other.column - 1


def test_a_model_is_looked_at_even_if_its_api_cannot_be_read(lint_files: LintFiles) -> None:
    found = lint_files({
        "api.yaml": "titel: Acme\n",
        "flux.yaml": "parameters:\n  a: { type: integer, default: x }\n",
        "sana.yaml": "slug: sana\nparameters:\n  a: { type: integer, default: x } # speccast: ignore[P301] as printed\n",
        "wan.yaml": "slug: wan\nparameters: [\n",
    })  # fmt: skip

    errors = {
        (finding.path.rpartition("/")[2], finding.rule)
        for finding in found
        if finding.severity is Severity.ERROR
    }
    assert errors == {("api.yaml", "S201"), ("flux.yaml", "P301"), ("wan.yaml", "S101")}
