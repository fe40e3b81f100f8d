"""Speccast: typed clients for hosted AI models, generated from one YAML spec per model.

The way through the package is the way of a spec: `spec` reads and checks it, `lint` judges it, `render` turns it into
files, `publish` puts them on the disk. `cli` walks along it; `emulator` serves the same specs as an API.
"""

__version__ = "0.1.0"
