"""From an API to the text of every output file: one folder per target, and what all targets share.

    target     the interface: names, variables, filters, formatter
    registry   finds targets by folder and by entry point
    tree       finds the templates of a target and decides output paths
    filters    makes text of a spec safe in the common languages
    wording    documentation in English
    rendering  renders templates and formats what they gave

`python/` and `openapi/` hold what one target needs.
"""
