"""The target openapi: one document per API."""

from __future__ import annotations

from speccast.targets.openapi import openapi_document
from speccast.targets.target import Target

TARGET = Target("openapi", variables={"openapi_document": openapi_document})
