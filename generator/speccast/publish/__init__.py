"""Publish: compare the rendered files with the disk, make a plan, and apply it in one swap.

Guarantees: every file is whole at every moment, only files in the manifest are removed, files edited by hand are kept, and
nothing outside of the output is changed.
"""
