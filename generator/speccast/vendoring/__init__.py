"""Vendoring: a copy of a generated client inside of another package, whole or of a few models.

    source     where a client lies and what its metadata says      (a folder, or an installed package; never imported)
    selection  which files of it are wanted                        (all, or those of some models and what they import)
    record     what a copy says of itself: `_vendored.json`        (from where, which version, which models, which syntax)
    copies     what it takes to write one                          (`speccast.publish` does the rest)
    places     where copies are in a project
    present    which files lie in a folder, client or copy
    check      whether a copy is as it was written                 (needs nothing but the copy)
    changes    what a copy's models gain and lose

A whole copy has the client's files byte for byte. The files that list models (`_index.py`, `models/__init__.py`, …) have
to be other ones for a few models. They are *rendered*, from the `_specs.json` that is in the package, and not cut out of
the ones at hand: only templates know what depends on which models are there, docstrings included. Templates are trusted
with that after a trial: they must give the listing files of the **whole** client just as they lie in the package at hand.
Where they do not, the client was made with other templates or by another version, and a part of it is refused with the
names of the files that differ. Everything else, the runtime and the models' own modules, is copied from the package as it
is. Which modules those are is read from their `import` statements.
"""
