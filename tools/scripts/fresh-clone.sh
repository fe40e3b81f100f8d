#!/usr/bin/env bash
# Runs make targets in fresh clones of the last commit. Each must set up its environment once, and leave nothing to
# commit.
#
#     tools/scripts/fresh-clone.sh [TARGET...]        # default: generate test
set -euo pipefail

repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

[ $# -gt 0 ] || set -- generate test
for target in "$@"; do
    clone="$folder/$target"
    git clone --quiet "$repository" "$clone"
    echo "fresh-clone: make $target"
    make -C "$clone" "$target"
    if make -C "$clone" generate | grep "^setup:"; then
        echo "fresh-clone: the second run set up the environment again" >&2
        exit 1
    fi
    if [ -n "$(git -C "$clone" status --porcelain)" ]; then
        git -C "$clone" status --short >&2
        echo "fresh-clone: make $target left something to commit" >&2
        exit 1
    fi
done
echo "fresh-clone: passed"
