"""Synthetic models of 14 parameters each, as specs and as the OpenAPI document that the peers read."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

API = """\
speccast: 1
title: Synthetic
base_url: https://api.synthetic.example
auth: { in: header, name: x-api-key }
environment: { api_key: SYNTHETIC_API_KEY, base_url: SYNTHETIC_BASE_URL }
package: synthetic_client
distribution: synthetic-client
command: synthetic-client
client: Synthetic
version: 0.1.0
sync: { path: "/v1/{slug}" }
errors:
  - { status: 400, title: Bad Request, exception: BadRequestError }
  - { status: 401, title: Unauthorized, exception: AuthenticationError }
"""

MODEL = """\
speccast: 1
slug: model-{number}
title: Model {number}
description: Synthetic model number {number}, which makes pictures.
category: text-to-image
surfaces: [sync]
returns: [image/jpeg]
parameters:
  prompt: {{ type: string, required: true, description: What the picture shows }}
  negative_prompt: {{ type: string, default: "", description: What it does not show }}
  steps: {{ type: integer, default: 25, minimum: 1, maximum: {steps}, description: Number of steps }}
  guidance_scale: {{ type: number, default: 7.5, minimum: 1, maximum: 20, description: How closely it follows }}
  width: {{ type: integer, default: 1024, minimum: 512, maximum: 2048, multipleOf: 8, description: Width in pixels }}
  height: {{ type: integer, default: 1024, minimum: 512, maximum: 2048, multipleOf: 8, description: Height in pixels }}
  seed: {{ type: integer, default: -1, minimum: -1, description: Seed }}
  samples: {{ type: integer, default: 1, minimum: 1, maximum: 4, description: Number of pictures }}
  strength: {{ type: number, default: 0.7, minimum: 0, maximum: 1, description: Strength of the change }}
  scheduler: {{ type: string, default: euler, enum: [euler, heun, lms, ddim], description: Scheduler }}
  format: {{ type: string, default: jpeg, enum: [jpeg, png, webp], description: Format of the picture }}
  quality: {{ type: integer, default: 95, minimum: 10, maximum: 100, description: Quality of the picture }}
  mode: {{ type: string, default: text, enum: [text, image], description: Mode }}
  safe: {{ type: boolean, default: true, description: Whether to filter }}
example: {{ prompt: a red fox, steps: 25 }}
"""


def write_specs(project: Path, count: int) -> None:
    """Write `count` specs to `specs/synthetic` of a project."""
    folder = project / "specs" / "synthetic"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text(API, encoding="utf-8")
    for number in range(count):
        write_spec(project, number)


def write_spec(project: Path, number: int, *, steps: int | None = None) -> None:
    """Write one spec. By default each has its own limit of `steps`; another `steps` changes it."""
    text = MODEL.format(number=number, steps=100 + number if steps is None else steps)
    (project / "specs" / "synthetic" / f"model-{number}.yaml").write_text(text, encoding="utf-8")


def write_openapi(project: Path) -> Path:
    """Write the same models as OpenAPI, in a separate process."""
    path = project / "openapi.json"
    subprocess.run([sys.executable, "-c", _OPENAPI, path], cwd=project, check=True)
    return path


_OPENAPI = """
import json, pathlib, sys
from speccast.config import find_project
from speccast.generation import read_specs
from speccast.targets.openapi import openapi_document

api = read_specs(find_project(pathlib.Path.cwd())).apis[0]
pathlib.Path(sys.argv[1]).write_text(json.dumps(openapi_document(api)), encoding="utf-8")
"""
