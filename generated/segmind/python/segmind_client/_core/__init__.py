"""APIs, models and parameters as data. Standard library and relative imports only.

The same files are part of every generated package, as `_core`: generator, emulator and client share one definition.
"""
