"""From an API to the text of every output file: one folder per target, and the engine that they share.

`tree` finds templates and decides output paths, `rendering` renders and formats them. `python/` and `openapi/` hold what
one target needs: names, safe literals, documentation, formatter.
"""
