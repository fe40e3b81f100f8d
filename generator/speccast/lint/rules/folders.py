"""Conflicts between files. The loader reports them before any rule runs.

M101 duplicate-slug

    A slug identifies one model of an API, so two files cannot have the same one. Reported in the later file.

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

    The client of an API without models has nothing to call.

M103 no-api

    Specs belong to the API whose `api.yaml` is in the same folder. Without it, their address and authentication are
    unknown.

M104 two-endings

    If the folder has both `flux.yaml` and `flux.yml`, one of them is an unused copy.

M105 folder-name

    The output of an API is in a folder with the name of the API's folder. It must be possible on every system, so it
    cannot be the name of a device on Windows such as `aux`, and it must differ from the names of other APIs in more than
    case and Unicode normal form.
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import ForeignRule, Severity
from speccast.specs.codes import FindingCode

_SUMMARIES: Final = {
    FindingCode.DUPLICATE_SLUG: (Severity.ERROR, "two models of an API with the same slug"),
    FindingCode.NO_MODELS: (Severity.WARNING, "an API without a model"),
    FindingCode.NO_API: (Severity.ERROR, "a folder of specs without an api.yaml"),
    FindingCode.TWO_ENDINGS: (Severity.ERROR, "two files that differ only in .yaml and .yml"),
    FindingCode.FOLDER_NAME: (Severity.ERROR, "a name of an API's folder that other systems do not allow"),
}

RULES: Final = tuple(
    ForeignRule(code.value, code.slug, severity, summary, needed=True, module=__name__)
    for code, (severity, summary) in _SUMMARIES.items()
)
