"""Workflow commands of GitHub Actions: lines of a log that GitHub shows as annotations of files."""

from __future__ import annotations

from speccast.findings import printable


def workflow_command(command: str, message: str, **properties: str) -> str:
    """Security boundary: return a workflow command. Texts are escaped so that they cannot end it or start another."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{command} {written}::{_data(message)}"


def _data(text: str) -> str:
    lines = "\n".join(printable(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
