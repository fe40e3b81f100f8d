#!/bin/bash
# Write the output of all APIs in this repository with other versions of Python, and compare the bytes.
#
#   tools/scripts/other-pythons.sh python3.12 python3.13
#
# Each version gets an environment with the packages of requirements/generate.lock, in a temporary folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

generate() { # NAME PYTHON
    mkdir -p "$place/$1/specs/everything"
    cp -r "$root/specs/segmind" "$root"/tests/apis/* "$place/$1/specs/"
    cp "$root"/tests/targets/everything/*.yaml "$place/$1/specs/everything/"
    cat > "$place/$1/specs/minimal/odd.yaml" <<'SPEC'
speccast: 1
slug: odd
title: "Names of newer versions of Unicode: \u30fb \ua7dc \U0001ccd6"
description: "\U00010d50 \u1c89 \U0001e5ff @\U0001ccd6. \u0264 text"
surfaces: [sync]
returns: [image/png]
parameters:
  "a\u30fbb": { type: string, description: "A\u30fbb \U00010d50", default: "\U00010d50", examples: ["\u1c89"] }
  "\u019bx": { type: object, properties: { "c\u30fbd": { type: string }, "\u0264": { type: string } } }
  "\U0001ccd6name": { type: string, description: "@\U0001ccd6", enum: ["\ua7dc", "\u019b", "\U00010d50"] }
  "\U00011f02k": { type: integer }
SPEC
    (cd "$place/$1" && XDG_CACHE_HOME="$place/cache-$1" PYTHONPATH="$root/generator" "$2" -m speccast generate --quiet > /dev/null)
}

generate own "$root/.venv/bin/python"
for python in "$@"; do
    name=$("$python" -c 'import platform; print(platform.python_version())')
    "$python" -m venv "$place/venv-$name"
    "$place/venv-$name/bin/python" -m pip install --disable-pip-version-check --quiet -r "$root/requirements/generate.lock"
    generate "$name" "$place/venv-$name/bin/python"
    diff -r "$place/own/generated" "$place/$name/generated"
    echo "$name: the same bytes"
done
