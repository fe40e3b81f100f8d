"""Lint rules of the Python target: names of packages, modules, classes, parameters and flags.

They run only in projects that generate Python. `speccast.lint.catalog` finds all rules that a module here defines.
"""
