"""`speccast diff --changelog`: entries in the changelog beside `api.yaml`, which `generate` copies into the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from speccast.diff.changelog import changelog, missing_breaks
from speccast.diff.outcome import VersionOutcome
from speccast.errors import SpeccastError
from tests.diff.conftest import compare_versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.diff.conftest import Repository

    Written = Callable[..., str]

BEFORE = "parameters: {size: {type: integer, maximum: 100}, gone: {type: string}}"
AFTER = "parameters: {size: {type: integer, maximum: 50}, seed: {type: integer}}\ntitle: A model"
HEAD = """\
# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow
[Semantic Versioning](https://semver.org/).
"""
ENTRY = """\
### Added

- `fox`: `seed` is new

### Changed

- **Breaking**: `fox`: `size`: maximum 100 → 50; 100 is refused now
  - `client.fox.generate(size=100, prompt='xxxxxxxx')` → `client.fox.generate(size=50, prompt='xxxxxxxx')`

### Removed

- **Breaking**: `fox`: `gone` is removed
  - `client.fox.generate(gone='xxxxxxxx', prompt='xxxxxxxx')` → `client.fox.generate(prompt='xxxxxxxx')`

<!-- speccast diff: end -->
"""


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Return the changelog after a change of the specs."""

    def write(old: str, version: str = "2.0.0", after: str = AFTER) -> str:
        fragments = {"before/fox.yaml": BEFORE, "after/fox.yaml": after}
        outcome = VersionOutcome("foxes", "1.2.3", version, "2.0.0", {}, None)
        return changelog(old, *compare_versions(fragments, tmp_path), outcome)

    return write


def test_an_entry_has_the_sections_of_keep_a_changelog(written: Written) -> None:
    text = written("")

    assert text.startswith(f"{HEAD}\n## [2.0.0]\n\n<!-- speccast diff ")
    assert text.endswith(f": write your own words above or below -->\n\n{ENTRY}")


def test_writing_twice_changes_nothing(written: Written) -> None:
    text = written("")

    assert written(text) == text
    assert written(text.replace("\n", "\r\n")) == text.replace("\n", "\r\n")


def test_words_of_people_are_kept(written: Written) -> None:
    text = written("").replace("## [2.0.0]\n", "## [2.0.0] - 2026-11-29\n\nFoxes are small now.\n")
    text += "\n### Fixed\n\n- The README.\n\n## 1.2.3\n\n- First words.\n"

    other = written(text, after=f"{AFTER}\ndeprecated: {{since: '2026-11-20'}}")

    added = "### Deprecated\n\n- `fox`: the model is deprecated since 2026-11-20\n\n"
    expected = text.replace("### Removed", f"{added}### Removed")
    assert other.splitlines()[10:] == expected.splitlines()[10:]
    assert other.splitlines()[:9] == text.splitlines()[:9]


def test_unreleased_changes_become_those_of_the_next_version(written: Written) -> None:
    text = written(
        f"{HEAD}\n## [Unreleased]\n\nFoxes are small now.\n\n## [1.2.3]\n\n- First words.\n", "1.2.3"
    )

    released = written(text)

    assert "## [Unreleased]\n\nFoxes are small now.\n\n<!--" in text
    assert text.endswith(f"{ENTRY}\n## [1.2.3]\n\n- First words.\n")
    assert released == text.replace("[Unreleased]", "[2.0.0]")


def test_a_new_entry_is_above_older_ones_and_below_code(written: Written) -> None:
    old = "# Changes\n\n```\n## 2.0.0\n```\n\n## 1.2.3\n\n- First words.\n"

    text = written(old)

    assert text.startswith("# Changes\n\n```\n## 2.0.0\n```\n\n## [2.0.0]\n\n<!--")
    assert text.endswith(f"{ENTRY}\n## 1.2.3\n\n- First words.\n")


def test_changes_that_are_edited_by_hand_are_not_overwritten(written: Written) -> None:
    text = written("")

    for before, after in (("is new", "is lovely"), ("<!-- speccast diff: end -->\n", "")):
        with pytest.raises(
            SpeccastError, match=r"^CHANGELOG.md:8:1: the changes below this line were edited"
        ):
            written(text.replace(before, after))


def test_changes_without_comments_are_text_of_people(written: Written) -> None:
    text = "\n".join(line for line in written("").splitlines() if "<!--" not in line)

    assert written(text).count("`seed` is new") == 2


def test_without_changes_there_is_no_entry(written: Written) -> None:
    assert written("", after=BEFORE) == ""
    assert written("# Changes\n", after=BEFORE) == "# Changes\n"
    assert "### " not in written(written(""), after=BEFORE)


def test_hostile_text_is_not_markup(written: Written) -> None:
    text = written("", after='parameters: {"a`b<img src=x>\\n## [9]": {type: integer}}')

    assert "\n## [9]" not in text
    assert "<img" not in text.replace("`a'b<img", "").replace("\\<img", "")


def test_breaks_must_be_announced(written: Written, tmp_path: Path) -> None:
    text = written("")
    _, _, found = compare_versions({"before/fox.yaml": BEFORE, "after/fox.yaml": AFTER}, tmp_path)

    assert not missing_breaks(text, found)
    assert len(missing_breaks(text.replace("`gone`", "it"), found)) == 1


def test_the_command_writes_the_file_and_generate_copies_it(
    repository: Repository, speccast: Callable[..., Any]
) -> None:
    folder = repository.folder
    source, copy = folder / "specs/foxes/CHANGELOG.md", folder / "generated/foxes/python/CHANGELOG.md"
    repository.write("fox", AFTER)
    repository.write("api", "{version: 2.0.0, client: Zoo}")
    repository.diff("--check", "--changelog", code=1)
    assert not source.exists()

    assert "wrote specs/foxes/CHANGELOG.md" in repository.diff("--changelog").err
    assert repository.diff("--check", "--changelog").err == repository.diff("--changelog").err == ""

    speccast("generate", "--quiet", cwd=folder, code=0)
    assert copy.read_bytes() == source.read_bytes()
    assert "spec      specs/foxes/CHANGELOG.md" in speccast("explain", str(copy), cwd=folder, code=0).out
    source.write_text(
        source.read_text(encoding="utf-8").replace("[2.0.0]", "[2.0.0] - 2026-11-29"), encoding="utf-8"
    )
    stale = speccast("generate", "--check", cwd=folder, code=1)
    assert "CHANGELOG.md: stale: specs/foxes/CHANGELOG.md has changed" in stale.out
    copy.write_text("edited", encoding="utf-8")
    assert "kept generated/foxes/python/CHANGELOG.md" in speccast("generate", cwd=folder, code=1).out
    source.unlink()
    speccast("generate", "--force", "--quiet", cwd=folder, code=0)
    assert not copy.exists()


def test_check_fails_for_breaks_that_are_not_announced(repository: Repository) -> None:
    repository.write("fox", AFTER)
    repository.write("api", "version: 2.0.0")
    repository.diff("--check")
    (repository.folder / "specs/foxes/CHANGELOG.md").write_text("# Changes\n", encoding="utf-8")

    result = repository.diff("--check", code=1)

    assert "specs/foxes/CHANGELOG.md lacks 1 break; to fix, run speccast diff --changelog" in result.err


def test_a_link_is_neither_read_nor_followed(repository: Repository, speccast: Callable[..., Any]) -> None:
    (repository.folder / "specs/foxes/CHANGELOG.md").symlink_to("/etc/hostname")
    repository.write("fox", AFTER)

    assert "CHANGELOG.md: cannot be read" in repository.diff("--changelog", code=2).err
    repository.write("api", "client: Zoo")
    assert "CHANGELOG.md: cannot be read" in speccast("generate", cwd=repository.folder, code=2).err


def test_an_edit_by_hand_is_reported_with_the_path_of_the_changelog(repository: Repository) -> None:
    repository.write("fox", AFTER)
    repository.diff("--changelog")
    place = repository.folder / "specs/foxes/CHANGELOG.md"
    place.write_text(place.read_text(encoding="utf-8").replace("size", "width"), encoding="utf-8")

    assert repository.diff("--changelog", code=2).err.startswith("error: specs/foxes/CHANGELOG.md:8:1: ")


def test_the_changelog_is_about_the_specs_of_the_project(repository: Repository) -> None:
    assert "takes no NEW" in repository.diff("HEAD", "HEAD", "--changelog", code=2).err
