"""A target of another distribution: what the target python has, for the few templates of a test project."""

from __future__ import annotations

from dataclasses import replace

from speccast.targets.python.target import TARGET as PYTHON

TARGET = replace(PYTHON, name="small")
