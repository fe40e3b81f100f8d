"""OpenAPI: an API as a document that other tools read. The target `openapi` writes it, the emulator serves it.

Pure functions of `speccast.core.api.Api`. What decides between valid and invalid comes from the same plain JSON
Schema that the emulator judges by (`speccast.specs.jsonschema`), so the two cannot disagree.
"""

from __future__ import annotations

from speccast.targets.openapi.document import openapi_document

__all__ = ["openapi_document"]
