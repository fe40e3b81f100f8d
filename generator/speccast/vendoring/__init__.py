"""Vendoring: copy a generated client, or some of its models, into another package.

    source        find a client and its metadata                (a folder or an installed package; never imported)
    selection     select files                                  (all, or those of some models and what they import)
    record        read and write `_vendored.json`               (source, version, models and syntax of a copy)
    copies        prepare a copy                                (`speccast.publish` writes it)
    host_project  find the copies in a project
    file_listing  list the files of a client or copy
    check         compare a copy with its record and manifest   (needs only the copy)
    changes       describe the changes of models

A copy of the whole client has the same bytes. In a copy of some models, the files that list models (`_index.py`,
`models/__init__.py`, …) are rendered from the `_specs.json` in the package, because only the templates know which of their
text depends on the models. Before that, the templates must render the listing files of the **whole** client exactly as they
are in the package. If they do not, the client was generated with other templates or by another version: the copy is refused
with the names of the files that differ. All other files, the runtime and the modules of the models, are copied unchanged.
Their `import` statements determine which are needed.
"""
