"""Files that are fine by themselves and do not fit together. The loader finds these, before any rule runs.

M101 duplicate-slug

    A slug names one model of an API, so two files cannot have the same. Reported in the later file.

    Bad::

        # flux.yaml
        slug: flux
        # flux-pro.yaml
        slug: flux

    Good::

        # flux.yaml
        slug: flux
        # flux-pro.yaml
        slug: flux-pro

M102 no-models

    A folder with an `api.yaml` and no other spec gives a client that can call nothing.

M103 no-api

    Specs belong to the API whose `api.yaml` lies beside them; without one there is no address to call and no key.

M104 two-endings

    `flux.yaml` and `flux.yml` side by side: one of them is a copy that somebody will edit in vain.
"""

from __future__ import annotations

from typing import Final

from speccast.findings import Severity
from speccast.lint.rule import ForeignRule
from speccast.specs.codes import Code

_SUMMARIES: Final = {
    Code.DUPLICATE_SLUG: (Severity.ERROR, "two models of one API with the same slug"),
    Code.NO_MODELS: (Severity.WARNING, "an API without a model"),
    Code.NO_API: (Severity.ERROR, "a folder of specs without an api.yaml"),
    Code.TWO_ENDINGS: (Severity.ERROR, "two files that differ only in .yaml and .yml"),
}

RULES: Final = tuple(
    ForeignRule(
        code=code.value, name=code.slug, severity=severity, summary=summary, needed=True, module=__name__
    )
    for code, (severity, summary) in _SUMMARIES.items()
)
