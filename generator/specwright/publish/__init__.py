"""Publish: the last step. The files that are wanted meet the disk; the result is a plan, and then a swap.

What holds here, whatever happens: every file is whole at every moment, nothing is removed that the manifest does not
own, what a person wrote is kept, and nothing outside of the output is touched.
"""

from specwright.publish.differences import diff, diff_of
from specwright.publish.manifest import MANIFEST, Manifest, manifest_text, parse_manifest
from specwright.publish.plan import Action, Entry, Plan, State, Target, make_plan
from specwright.publish.transaction import Lock, apply, lock, recover

__all__ = [
    "MANIFEST",
    "Action",
    "Entry",
    "Lock",
    "Manifest",
    "Plan",
    "State",
    "Target",
    "apply",
    "diff",
    "diff_of",
    "lock",
    "make_plan",
    "manifest_text",
    "parse_manifest",
    "recover",
]
