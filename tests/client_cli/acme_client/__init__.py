"""Stands in for the rendered package: an invented API, written by hand in the shape that the templates give."""
