"""Loading folders of specs: files, order, findings, and limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.specs import files
from speccast.specs.load import Loaded, load

if TYPE_CHECKING:
    from speccast.specs.document import Document

ROOT = Path(__file__).parents[2]
API = """\
speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme
client: Acme
version: 0.1.0
sync: {path: "/v1/{slug}"}
"""


def model(slug: str, more: str = "") -> str:
    return (
        f"speccast: 1\nslug: {slug}\ntitle: Acme Image\nsurfaces: [sync]\nreturns: [image/jpeg]\n"
        f"parameters: {{prompt: {{type: string}}}}\n{more}"
    )


def slug_of(document: Document) -> object:
    assert isinstance(document.value, dict)
    return document.value["slug"]


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder with an API `acme` that has the models `one` and `two`."""
    write(tmp_path / "specs" / "acme", {"api.yaml": API, "one.yaml": model("one"), "two.yaml": model("two")})
    return tmp_path / "specs"


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def list_reported(loaded: Loaded) -> list[str]:
    """Return findings as `file:line:column rule`, the file without its folder."""
    return [f"{Path(each.path).name}:{each.line}:{each.column} {each.rule}" for each in loaded.findings]


# What is found


def test_every_folder_with_an_api_yaml_is_an_api(specs: Path) -> None:
    write(specs / "zeta", {"api.yaml": API, "z.yaml": model("z")})

    loaded = load(specs)

    assert loaded.findings == ()
    assert [(api.id, api.directory, api.api.path) for api in loaded.apis] == [
        ("acme", specs / "acme", f"{specs.as_posix()}/acme/api.yaml"),
        ("zeta", specs / "zeta", f"{specs.as_posix()}/zeta/api.yaml"),
    ]
    assert [[slug_of(document) for document in api.models] for api in loaded.apis] == [
        ["one", "two"],
        ["z"],
    ]


def test_the_folder_itself_may_be_the_api(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [api.id for api in load(specs / "acme").apis] == ["acme"]
    monkeypatch.chdir(specs / "acme")
    assert [api.id for api in load(Path()).apis] == ["acme"]


def test_more_specs_than_any_vendor_has_are_refused(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 2)
    with pytest.raises(SpeccastError, match="acme: has 3 specs, but an API can have at most 2"):
        load(specs)


def test_specs_that_are_too_large_in_total_are_refused(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TOTAL", 300)
    with pytest.raises(SpeccastError, match="acme: the specs have more than 300 bytes in total"):
        load(specs)


def test_both_endings_are_read(specs: Path) -> None:
    write(specs / "other", {"api.yml": API, "x.yml": model("x")})

    loaded = load(specs)

    assert [len(api.models) for api in loaded.apis] == [2, 1]
    assert loaded.findings == ()


def test_hidden_files_and_folders_and_other_files_do_not_count(specs: Path) -> None:
    write(specs / ".hidden", {"api.yaml": "broken: ["})
    write(specs / "acme", {".#one.yaml": "broken: [", "one.yaml~": "broken: [", "README.md": "broken: ["})
    write(specs / "acme" / "folder.yaml", {"inner.yaml": "broken: ["})
    write(specs / "notes", {"README.md": "notes"})

    loaded = load(specs)

    assert (len(loaded.apis), loaded.findings) == (1, ())


def test_linked_files_and_folders_are_followed(specs: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (specs / "acme").rename(tmp_path / "elsewhere" / "real")
    (specs / "linked").symlink_to(tmp_path / "elsewhere" / "real")
    (specs / "linked" / "three.yaml").symlink_to(tmp_path / "three.yaml")
    write(tmp_path, {"three.yaml": model("three")})

    (api,) = load(specs).apis

    assert (api.id, len(api.models)) == ("linked", 3)


@pytest.mark.parametrize("link", ["acme/three.yaml", "linked"])
def test_a_link_out_of_the_project_is_an_error(tmp_path: Path, specs: Path, link: str) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    write(outside, {"three.yaml": model("three"), "api.yaml": "SECRET=1"})
    (specs / link).symlink_to(outside / "three.yaml" if link.endswith("yaml") else outside)
    with pytest.raises(
        SpeccastError, match=f"specs/{link}: is a symbolic link that leads out of the project"
    ):
        load(specs, shown_from=specs.parent)


def test_files_are_named_as_seen_from_the_project(specs: Path) -> None:
    (specs / "acme" / "one.yaml").write_text(model("../x"))

    (finding,) = load(specs, shown_from=specs.parent).findings

    assert finding.path == "specs/acme/one.yaml"


def test_a_file_outside_the_project_is_named_in_full(specs: Path, tmp_path: Path) -> None:
    (specs / "acme" / "one.yaml").write_text(model("../x"))

    (finding,) = load(specs, shown_from=tmp_path / "elsewhere").findings

    assert finding.path == (specs / "acme" / "one.yaml").as_posix()


def test_files_are_ordered_by_name_in_every_locale(specs: Path) -> None:
    for name in ("b", "B", "a", "ä", "_", "10", "9", "z"):
        write(specs / "acme", {f"{name}.yaml": f"slug: {'X' if name else ''}\n"})
    program = (
        "import sys; from pathlib import Path; from speccast.specs.load import load\n"
        "loaded = load(Path(sys.argv[1]))\n"
        "print([m.path.rpartition('/')[2] for a in loaded.apis for m in a.models])\n"
        "print(list(dict.fromkeys(f.path.rpartition('/')[2] for f in loaded.findings)))\n"
    )

    outputs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", program, str(specs)],
            env={**os.environ, "LC_ALL": locale, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for locale, seed in (("C", "0"), ("de_DE.UTF-8", "1"), ("tr_TR.UTF-8", "2"))
    }

    assert outputs == {
        "['one.yaml', 'two.yaml']\n"
        "['10.yaml', '9.yaml', 'B.yaml', '_.yaml', 'a.yaml', 'b.yaml', 'z.yaml', 'ä.yaml']\n"
    }


# What is reported


def test_all_problems_of_all_files_are_reported_in_the_order_of_the_files(specs: Path) -> None:
    write(
        specs / "acme",
        {
            "api.yaml": API.replace("client: Acme", "client: acme") + "zzz: 1\n",
            "one.yaml": "a: [1\n",
            "three.yaml": model("three", "note: a\nnote: b\n"),
            "two.yaml": model("two").replace("[sync]", "sync"),
        },
    )
    write(specs / "beta", {"api.yaml": "- a\n", "b.yaml": ""})

    loaded = load(specs)

    assert loaded.apis == ()
    assert list_reported(loaded) == [
        "api.yaml:7:9 S206",
        "api.yaml:10:1 S201",
        "one.yaml:1:4 S101",
        "three.yaml:8:1 S102",
        "two.yaml:4:11 S203",
        "api.yaml:1:1 S203",
        "b.yaml:1:1 S111",
    ]


def test_format_and_yaml_errors_are_reported_together(specs: Path) -> None:
    text = model("three", "note: a\nnote: b\nzzz: 1\nexample: *nothing\n").replace("[sync]", "sync")
    write(specs / "acme", {"three.yaml": text})

    assert list_reported(load(specs)) == [
        "three.yaml:4:11 S203",
        "three.yaml:8:1 S102",
        "three.yaml:9:1 S201",
        "three.yaml:10:10 S105",
    ]


def test_a_file_with_an_error_is_left_out_and_the_others_stay(specs: Path) -> None:
    write(specs / "acme", {"bad.yaml": "a: [1\n", "worse.yaml": model("worse", "zzz: 1\n")})

    loaded = load(specs)

    assert [Path(document.path).stem for document in loaded.apis[0].models] == ["one", "two"]
    assert list_reported(loaded) == ["bad.yaml:1:4 S101", "worse.yaml:7:1 S201"]


def test_a_slug_that_two_models_have_is_reported_with_both_places(specs: Path) -> None:
    write(specs / "acme", {"again.yaml": "# the same\n" + model("two"), "two.yaml": model("two", "zzz: 1\n")})

    loaded = load(specs, shown_from=specs.parent)

    assert [each.render() for each in loaded.findings if each.rule == "M101"] == [
        "specs/acme/two.yaml:2:7: error[M101] the slug `two` is already used in specs/acme/again.yaml, line 3\n"
        "    note: specs/acme/again.yaml:3:7: the first one is here\n"
        "    help: correct the slug, or remove one of the two files"
    ]


def test_two_apis_may_have_models_of_the_same_slug(specs: Path) -> None:
    write(specs / "beta", {"api.yaml": API, "one.yaml": model("one")})

    assert load(specs).findings == ()


def test_an_api_without_models_is_a_warning(specs: Path) -> None:
    write(specs / "empty", {"api.yaml": API})

    loaded = load(specs)

    assert [api.id for api in loaded.apis] == ["acme", "empty"]
    (finding,) = loaded.findings
    assert (finding.rule, finding.severity) == ("M102", Severity.WARNING)
    assert "speccast init --model SLUG" in finding.help


def test_specs_that_belong_to_no_api_are_reported(specs: Path) -> None:
    write(specs / "stray", {"b.yaml": model("b"), "a.yaml": model("a")})
    write(specs, {"loose.yaml": model("loose")})

    loaded = load(specs)

    assert list_reported(loaded) == ["loose.yaml:1:1 M103", "a.yaml:1:1 M103"]
    assert [api.id for api in loaded.apis] == ["acme"]


def test_two_files_that_differ_in_their_ending_only_are_reported(specs: Path) -> None:
    write(specs / "acme", {"api.yml": API, "one.yml": model("other")})

    loaded = load(specs)

    assert list_reported(loaded) == ["api.yml:1:1 M104", "one.yml:1:1 M104"]


@pytest.mark.parametrize(
    ("names", "finding"),
    [
        (["ACME", "acme"], "the folder 'acme' is the same as 'ACME'"),
        (["Stra\u00dfe", "strasse"], "is the same as"),
        (["caf\u00e9", "cafe\u0301"], "is the same as"),
        (["aux"], "the folder's name 'aux' has a part that names a device on Windows"),
        (["com1.api"], "names a device"),
        (["acme."], "ends in a space or a dot"),
        (["git~1"], "is reserved"),
    ],
)
def test_folders_of_apis_must_differ_and_be_allowed_on_every_system(
    tmp_path: Path, specs: Path, names: list[str], finding: str
) -> None:
    folder = tmp_path / "several"
    for name in names:
        shutil.copytree(specs / "acme", folder / name)
    found = load(folder).findings
    assert [(each.rule, each.line) for each in found] == [("M105", 1)]
    assert finding in found[0].message
    assert f"{found[0].path}".endswith("/api.yaml")


# When loading gives up


def test_a_missing_folder_says_which_command_makes_one(tmp_path: Path) -> None:
    with pytest.raises(SpeccastError, match="specs: the folder does not exist") as raised:
        load(tmp_path / "specs", shown_from=tmp_path)

    assert "speccast init" in raised.value.hint


@pytest.mark.parametrize("files", [{}, {"model.yaml": model("a")}, {"notes.txt": "x"}])
def test_a_folder_without_any_api_says_which_command_makes_one(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path / "specs" / "acme", files)

    with pytest.raises(SpeccastError, match="no API found") as raised:
        load(tmp_path / "specs")

    assert "speccast init" in raised.value.hint


def test_a_file_in_place_of_the_folder(specs: Path) -> None:
    with pytest.raises(SpeccastError, match=r"one\.yaml: is a file, not a folder"):
        load(specs / "acme" / "one.yaml")


def test_a_link_to_nothing(specs: Path) -> None:
    (specs / "acme" / "three.yaml").symlink_to("nowhere.yaml")

    with pytest.raises(SpeccastError, match=r"acme/three\.yaml: cannot be read: No such file"):
        load(specs)


def test_links_in_a_circle(specs: Path) -> None:
    (specs / "acme" / "three.yaml").symlink_to("three.yaml")
    (specs / "round").symlink_to("round")

    with pytest.raises(SpeccastError, match=r"acme/three\.yaml: cannot be read: Too many levels"):
        load(specs)
    with pytest.raises(SpeccastError, match="round: cannot be read: Too many levels"):
        load(specs / "round")


def test_a_link_to_the_folder_above_does_not_lead_round_and_round(specs: Path) -> None:
    (specs / "acme" / "up").symlink_to(specs)
    (specs / "up").symlink_to(specs)

    assert [api.id for api in load(specs).apis] == ["acme"]


def test_a_pipe_is_not_waited_for(specs: Path) -> None:
    os.mkfifo(specs / "acme" / "three.yaml")

    with pytest.raises(SpeccastError, match=r"acme/three\.yaml: is not a regular file"):
        load(specs)


def test_a_file_name_that_is_not_utf_8(specs: Path) -> None:
    (specs / "acme" / os.fsdecode(b"caf\xe9.yaml")).write_text(model("cafe"))

    with pytest.raises(SpeccastError, match="the file's name is not UTF-8") as raised:
        load(specs)

    assert "rename" in raised.value.hint


def test_an_unreadable_file_is_an_error(specs: Path) -> None:
    path = specs / "acme" / "three.yaml"
    path.write_text(model("three"))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the user who runs the tests may read everything")

    with pytest.raises(SpeccastError, match=r"acme/three\.yaml: cannot be read: Permission denied"):
        load(specs)


# Real specs


@pytest.mark.parametrize("folder", ["specs", "tests/apis"])
def test_the_specs_of_this_repository_have_no_findings(folder: str) -> None:
    loaded = load(ROOT / folder, shown_from=ROOT)

    assert [finding.render() for finding in loaded.findings] == []
    assert all(api.models for api in loaded.apis)
