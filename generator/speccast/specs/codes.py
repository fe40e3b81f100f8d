"""The codes of all findings that come from reading and checking specs.

S1xx: the file is not valid YAML 1.2. S2xx: the file is valid YAML, but does not conform to the spec format. M1xx: each
file is valid, but they conflict with each other. A code never changes its meaning and is never reused.
"""

from __future__ import annotations

from enum import StrEnum


class FindingCode(StrEnum):
    """Code of a finding; `slug` is its name in words."""

    SYNTAX = "S101"
    """The text is not YAML: an unclosed quote or bracket, a tab, a wrong indentation."""
    DUPLICATE_KEY = "S102"
    """A mapping has the same key twice."""
    KEY_NOT_TEXT = "S103"
    """A key that YAML reads as a number, a boolean, null or a collection."""
    TAG = "S104"
    """A tag outside the YAML 1.2 core schema, or one that does not match its value."""
    ALIAS = "S105"
    """An alias without an anchor or within its own anchor, or too many aliases."""
    NUMBER = "S106"
    """A number that JSON cannot represent: infinite, not a number, or too large."""
    TOO_LARGE = "S107"
    """The file is too large, or nested too deeply."""
    ENCODING = "S108"
    """The file is not UTF-8."""
    CHARACTER = "S109"
    """A character that YAML does not allow, such as NUL."""
    SEVERAL_DOCUMENTS = "S110"
    """More than one YAML document in one file."""
    EMPTY_FILE = "S111"
    """The file contains only whitespace and comments."""
    YAML_VERSION = "S112"
    """A %YAML directive for a version other than 1.2."""

    UNKNOWN_KEY = "S201"
    """A key that the format does not have here."""
    MISSING_KEY = "S202"
    """A required key is missing."""
    WRONG_TYPE = "S203"
    """A value of the wrong type."""
    NOT_A_CHOICE = "S204"
    """A value that is not one of the allowed ones."""
    FORMAT_VERSION = "S205"
    """A spec for another version of the format."""
    WRONG_FORM = "S206"
    """A text that does not match the pattern of its key, such as a slug or a date."""
    OUT_OF_BOUNDS = "S207"
    """A number, text or list that is smaller or larger than its key allows."""
    REPEATED_ITEM = "S208"
    """A list that contains an item twice."""

    DUPLICATE_SLUG = "M101"
    """Two models of an API with the same slug."""
    NO_MODELS = "M102"
    """An API without a model."""
    NO_API = "M103"
    """A folder of specs without an api.yaml."""
    TWO_ENDINGS = "M104"
    """Two files that differ only in .yaml and .yml."""
    FOLDER_NAME = "M105"
    """A folder of an API whose name another system does not allow or takes for that of another API."""

    @property
    def slug(self) -> str:
        return self.name.lower().replace("_", "-")
