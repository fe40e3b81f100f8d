"""The codes of everything that reading and checking specs can find, in one place.

S1xx: the file is no readable YAML 1.2. S2xx: it is, but not what the spec format asks for. M1xx: each file is fine, the
files do not fit together. A code keeps its meaning for ever; one that goes out of use is not given away again.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Code of a finding; `slug` is its name in words."""

    SYNTAX = "S101"
    """The text is no YAML: an open quote or bracket, a tab, a wrong indentation."""
    DUPLICATE_KEY = "S102"
    """A mapping has the same key twice."""
    KEY_NOT_TEXT = "S103"
    """A key that YAML reads as a number, a boolean, null or a collection."""
    TAG = "S104"
    """A tag outside the YAML 1.2 core schema, or one that does not fit its value."""
    ALIAS = "S105"
    """An alias without anchor, within its own anchor, or one too many."""
    NUMBER = "S106"
    """A number that JSON cannot hold: infinite, not a number, or too large."""
    TOO_LARGE = "S107"
    """The file is larger, deeper nested or longer than any spec."""
    ENCODING = "S108"
    """The file is not UTF-8."""
    CHARACTER = "S109"
    """A character that YAML does not allow, such as NUL."""
    SEVERAL_DOCUMENTS = "S110"
    """More than one YAML document in one file."""
    EMPTY_FILE = "S111"
    """Nothing in the file but blanks and comments."""
    YAML_VERSION = "S112"
    """A %YAML directive that asks for another version than 1.2."""

    UNKNOWN_KEY = "S201"
    """A key that the format does not have in this place."""
    MISSING_KEY = "S202"
    """A key that must be there is not."""
    WRONG_TYPE = "S203"
    """A value of another type than the key takes."""
    NOT_A_CHOICE = "S204"
    """A value outside the list of possible ones."""
    FORMAT_VERSION = "S205"
    """A spec for another version of the format than this one."""
    WRONG_FORM = "S206"
    """A text that has not the form its key asks for, such as a slug or a date."""
    OUT_OF_BOUNDS = "S207"
    """A number, text or list smaller or larger than its key allows."""
    REPEATED_ITEM = "S208"
    """A list with the same item twice."""

    DUPLICATE_SLUG = "M101"
    """Two models of one API with the same slug."""
    NO_MODELS = "M102"
    """An API without a model."""
    NO_API = "M103"
    """A folder of specs without an api.yaml."""
    TWO_ENDINGS = "M104"
    """Two files that differ only in .yaml and .yml."""

    @property
    def slug(self) -> str:
        return self.name.lower().replace("_", "-")
