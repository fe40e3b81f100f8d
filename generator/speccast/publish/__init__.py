"""Publish: the last step. The files that are wanted meet the disk; the result is a plan, and then a swap.

What holds here, whatever happens: every file is whole at every moment, nothing is removed that the manifest does not
own, what a person wrote is kept, and nothing outside of the output is touched.
"""

from speccast.publish.differences import diff, diff_of
from speccast.publish.manifest import MANIFEST, Manifest, manifest_text, parse_manifest
from speccast.publish.plan import Action, Plan, PlannedFile, State, Target, make_plan
from speccast.publish.transaction import Lock, apply, has_unfinished_swap, lock, recover

__all__ = [
    "MANIFEST",
    "Action",
    "Lock",
    "Manifest",
    "Plan",
    "PlannedFile",
    "State",
    "Target",
    "apply",
    "diff",
    "diff_of",
    "has_unfinished_swap",
    "lock",
    "make_plan",
    "manifest_text",
    "parse_manifest",
    "recover",
]
