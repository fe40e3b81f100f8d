"""From the model of an API to the text of every output file.

`tree` finds templates and decides output paths, `filters` is the only place where spec text becomes code, `params` has
datamodel-code-generator make the parameter models, `formatter` has ruff format Python, `output` puts them together.
"""
