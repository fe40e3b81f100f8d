"""Linting what has not changed: the same findings in less time, and never those of something else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cache import Entries
from speccast.findings import Edit, Finding, Fix, Related, Severity
from speccast.lint import remembered
from speccast.lint.selection import DEFAULT
from speccast.specs.files import spec_folders

if TYPE_CHECKING:
    from collections.abc import Callable

    Lint = Callable[..., list[tuple[str, str]]]

ROOT = Path(__file__).parents[2]
MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
ODD = "  b: { type: integer, minimum: 2, default: 1 }\n"
WRONG = "  a: { type: string, requird: true, default: 5 } # 狐狸\n"


@pytest.fixture
def spec(project: Path) -> Path:
    path = project / "specs" / "acme" / "flux.yaml"
    path.write_text(MODEL + ODD, encoding="utf-8")
    return path


@pytest.fixture
def entries(project: Path) -> Path:
    return project / ".speccast_cache" / "lint"


@pytest.fixture
def lint(project: Path, speccast: Callable[..., Any]) -> Lint:
    """Lints and answers rules and messages; what the cache says is compared with what is found without."""

    def lint(*words: str, cwd: Path = project) -> list[tuple[str, str]]:
        command = ("lint", "--format", "json", "--info", *words)
        first, again = (speccast(*command, cwd=cwd) for _ in range(2))
        fresh = speccast(*command, "--no-cache", cwd=cwd)
        assert first.out == again.out == fresh.out
        assert first.code == again.code == fresh.code
        return [(each["rule"], each["message"]) for each in json.loads(first.out)["findings"]]

    return lint


def rules(found: list[tuple[str, str]]) -> set[str]:
    return {rule for rule, _ in found}


def test_what_is_remembered_is_what_was_found(lint: Lint, spec: Path, entries: Path) -> None:
    spec.write_text(MODEL + WRONG + ODD.replace("}\n", "} # speccast: ignore[P303] as printed\n"))

    assert "S201" in rules(lint())
    assert len(list(entries.iterdir())) == 2, "what was found in all, and what is known of each model"


def test_any_other_byte_is_another_run(lint: Lint, spec: Path, project: Path, entries: Path) -> None:
    assert "P303" in rules(lint())
    spec.write_text(MODEL + ODD.replace("default: 1", "default: 2"), encoding="utf-8")
    assert "P303" not in rules(lint())
    api = project / "specs" / "acme" / "api.yaml"
    api.write_text(api.read_text().replace("sync:", "note: [\nsync:"))
    assert "S101" in rules(lint())
    api.write_text(api.read_text().replace("note: [\n", ""))
    (spec.parent / "flux.yml").write_text(MODEL)
    assert {"M104", "M101"} <= rules(lint())
    spec.rename(spec.with_name("sana.yaml"))
    assert "M201" in rules(lint())


def test_other_settings_are_another_run(lint: Lint, spec: Path) -> None:
    spec.write_text(
        spec.read_text()
        + "source: { document: a.md, date: 2024-01-01 }\n".replace("2024-01-01", '"2024-01-01"')
    )
    base = rules(lint())

    assert rules(lint("--ignore", "P303")) == base - {"P303"}
    assert rules(lint("--today", "2026-11-25")) == base | {"M208"}
    assert rules(lint("--today", "2024-01-02")) == base
    assert rules(lint("--severity", "P303=error")) == base


def test_each_api_is_remembered_by_itself(
    lint: Lint, spec: Path, project: Path, entries: Path, speccast: Callable[..., Any]
) -> None:
    other = project / "specs" / "other"
    other.mkdir()
    (other / "api.yaml").write_text((spec.parent / "api.yaml").read_text())
    (other / "flux.yaml").write_text(MODEL)
    lint()
    before = {file.name for file in entries.iterdir()}

    spec.write_text(MODEL)
    lint()

    assert len(before) == 4
    assert len({file.name for file in entries.iterdir()} - before) == 1


@pytest.mark.parametrize("harm", ["cut", "flip", "other", "folder", "nonsense"])
def test_a_cache_that_was_tampered_with_is_none(lint: Lint, spec: Path, entries: Path, harm: str) -> None:
    found = lint()
    stored = {file: file.read_bytes() for file in entries.iterdir()}
    if harm == "other":
        spec.write_text(MODEL)
        lint()
        spec.write_text(MODEL + ODD)
        [new] = set(entries.iterdir()) - stored.keys()
        others = new.read_bytes()
    for file, content in stored.items():
        match harm:
            case "cut":
                file.write_bytes(content[:-10])
            case "flip":
                file.write_bytes(content.replace(b"P303", b"P304"))
            case "other":
                file.write_bytes(others)
            case "folder":
                file.unlink()
                file.mkdir()
            case _:
                file.write_bytes(b"{}")

    assert lint() == found


def test_what_is_not_on_the_disk_is_not_remembered(
    spec: Path, project: Path, entries: Path, speccast: Callable[..., Any]
) -> None:
    speccast("lint", "--diff", cwd=project)
    speccast("lint", "--stdin-filename", "specs/acme/flux.yaml", cwd=project)
    speccast("lint", "--no-cache", cwd=project)

    assert not entries.exists() or len(list(entries.iterdir())) == 2, "of --diff, which judges what is there"


def test_paths_choose_from_what_is_remembered(lint: Lint, spec: Path) -> None:
    (spec.parent / "sana.yaml").write_text(MODEL.replace("slug: flux", "slug: sana") + ODD)
    lint()

    assert {message for rule, message in lint("specs/acme/sana.yaml") if rule == "P303"} == {
        message for rule, message in lint("specs/acme/flux.yaml") if rule == "P303"
    }
    assert "P303" not in rules(lint("specs/acme/api.yaml"))


def test_a_run_that_remembers_everything_loads_neither_yaml_nor_jsonschema(spec: Path, project: Path) -> None:
    code = (
        "import sys; from speccast.cli import run; run(['lint'])\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'yaml', 'jsonschema', 'jsonschema_rs'}), file=sys.stderr)"
    )

    first, again = (
        subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
        for _ in range(2)
    )

    assert first.stdout == again.stdout
    assert first.stderr == "['jsonschema_rs', 'yaml']\n", "a valid spec needs no validator that explains"
    assert again.stderr == "[]\n"


def test_all_that_a_finding_knows_is_remembered(
    spec: Path, project: Path, entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fix = Fix("mend it", (Edit(1, 2, 3, 4, "\ud800 狐狸"),), is_safe=False)
    whole = Finding(
        "a", 1, 2, "P303", Severity.INFO, "\x1b", "help", 3, 4, "/a/0", (Related("b", 5, 6, "there"),), fix
    )
    judged = remembered.Judged((whole,), (remembered.Silenced(whole, "why"),), is_api=True)
    monkeypatch.setattr(remembered, "_judged", lambda *_: judged)
    [folder] = spec_folders(project / "specs", shown_from=project)
    with Entries(entries) as kept:
        remembered.judged(folder, DEFAULT, None, kept)
    monkeypatch.undo()

    again = remembered.judged(folder, DEFAULT, None, Entries(entries))

    assert again == judged
    assert again.findings[0].fix == fix
    assert isinstance(again.findings[0].severity, Severity)


def test_another_code_is_another_run(
    spec: Path, project: Path, entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [folder] = spec_folders(project / "specs", shown_from=project)
    with Entries(entries) as kept:
        found = remembered.judged(folder, DEFAULT, None, kept)
        monkeypatch.setattr(remembered, "_program", lambda: "a later version")
        monkeypatch.setattr(remembered, "_judged", lambda *_: remembered.Judged((), (), is_api=False))

        assert remembered.judged(folder, DEFAULT, None, kept).findings == () != found.findings


def test_the_code_that_counts_is_all_that_judging_runs() -> None:
    """Every module of the package that judging loads is among those whose text is part of the key."""
    counted = {file for pattern in remembered._CODE for file in remembered._PACKAGE.glob(pattern)}
    code = (
        "import sys; from speccast.lint.remembered import _judged; from speccast.lint.selection import EVERYTHING\n"
        "from pathlib import Path; from speccast.specs.files import spec_folders\n"
        f"[_judged(folder, EVERYTHING, None) for folder in spec_folders(Path({str(ROOT / 'specs')!r}))]\n"
        "print(*(module.__file__ for name, module in sys.modules.items() if name.startswith('speccast')), sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    package = {
        "__init__.py",
        "errors.py",
        "cache/__init__.py",
        "cache/entries.py",
        "cache/secret.py",
        "cache/seen.py",
    }  # the version is named by itself; the others judge nothing

    assert {Path(path) for path in loaded.split()} - counted <= {
        remembered._PACKAGE / name for name in package
    }


@pytest.fixture
def models(spec: Path) -> dict[str, Path]:
    """Five models, of which one has a comment that silences."""
    made = {}
    for slug in ("flux", "sana", "wan", "video-loop", "quiet"):
        made[slug] = spec.with_name(f"{slug}.yaml")
        comment = " # speccast: ignore[P303] as printed" if slug == "quiet" else ""
        text = MODEL.replace("slug: flux", f"slug: {slug}") + ODD.rstrip() + comment + "\n"
        made[slug].write_text(text, encoding="utf-8")
    return made


def test_where_one_model_changes_only_that_one_is_read_and_judged(
    models: dict[str, Path], project: Path, entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from speccast.specs import load

    read: list[str] = []
    original = load.read_document

    def noted(content: bytes, path: str) -> Any:
        read.append(Path(path).stem)
        return original(content, path)

    def judged() -> set[str]:
        read.clear()
        [folder] = spec_folders(project / "specs", shown_from=project)
        with Entries(entries) as kept:
            remembered.judged(folder, DEFAULT, None, kept)
        return set(read)

    monkeypatch.setattr(load, "read_document", noted)

    assert judged() == {"api", *models}
    assert judged() == set()
    models["wan"].write_text(models["wan"].read_text() + "# more\n")
    assert judged() == {"api", "wan", "quiet"}
    models["sana"].rename(models["sana"].with_name("sana-2.yaml"))
    assert judged() == {"api", "sana-2", "quiet"}
    (project / "specs" / "acme" / "api.yaml").write_text(
        (project / "specs" / "acme" / "api.yaml").read_text() + "# more\n"
    )
    assert judged() == {"api", "sana-2", *models} - {"sana"}


@pytest.mark.parametrize(
    ("slug", "change", "rule"),
    [
        ("wan", ("slug: wan", "slug: sana"), "M101"),
        ("wan", ("slug: wan", "slug: video.loop"), "M202"),
        ("wan", ("slug: wan", "slug: wan\npaths: { sync: /v1/sana }"), "M206"),
        (
            "wan",
            ("parameters:", "deprecated: { since: '2026-01-01', replaced_by: sana }\nparameters:"),
            "D103",
        ),
        ("wan", ("default: 1", "default: x"), "P301"),
        ("wan", ("title: Flux", "title: ["), "S101"),
        ("quiet", ("default: 1", "default: 2"), "X101"),
        ("quiet", (" # speccast: ignore[P303] as printed", ""), "P303"),
        ("api", ("sync:", "synk:"), "S201"),
    ],
)
def test_what_changes_is_judged_together_with_what_is_known(
    lint: Lint, models: dict[str, Path], slug: str, change: tuple[str, str], rule: str
) -> None:
    lint()
    changed = models["wan"].with_name(f"{slug}.yaml")
    text = changed.read_text()
    assert change[0] in text
    changed.write_text(text.replace(*change, 1))

    assert rule in rules(lint())

    changed.write_text(text)
    lint()


def test_a_folder_that_is_no_project_gets_no_cache(
    spec: Path, tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    speccast("lint", str(spec), cwd=elsewhere, code=0)

    assert list(elsewhere.iterdir()) == []
