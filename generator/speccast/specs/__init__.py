"""Reads specs.

`document` reads YAML with the position of every node; `load` checks documents against the format's JSON Schemas
(`schema/`); `names` decides names; `build` makes the frozen `model` that everything after it reads.
"""
