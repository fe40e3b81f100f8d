"""Publish: compare the rendered files with the disk, make a plan, and apply it in one swap.

Guarantees: every file is whole at every moment, only files in the manifest are removed, files edited by hand are kept, and
nothing outside of the output is changed.
"""

from speccast.publish.causes import causes_text, find_causes
from speccast.publish.differences import diff_of
from speccast.publish.digest_cache import DigestCache
from speccast.publish.manifest import MANIFEST, Manifest, manifest_text, parse_manifest
from speccast.publish.plan import Action, OutputFolder, OutputState, Plan, PlannedFile, make_plan
from speccast.publish.transaction import OutputLock, apply, has_unfinished_swap, lock, recover

__all__ = [
    "MANIFEST",
    "Action",
    "DigestCache",
    "Manifest",
    "OutputFolder",
    "OutputLock",
    "OutputState",
    "Plan",
    "PlannedFile",
    "apply",
    "causes_text",
    "diff_of",
    "find_causes",
    "has_unfinished_swap",
    "lock",
    "make_plan",
    "manifest_text",
    "parse_manifest",
    "recover",
]
