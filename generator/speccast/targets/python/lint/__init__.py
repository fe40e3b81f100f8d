"""Lint rules of the Python target: names of packages, modules, classes, parameters and flags.

They run only in projects that generate Python. `RULES` is found by `speccast.lint.catalog`.
"""

from __future__ import annotations

from typing import Final

from speccast.targets.python.lint import api_names, former_names, model_names, parameter_names

RULES: Final = (*api_names.RULES, *model_names.RULES, *parameter_names.RULES, *former_names.RULES)
