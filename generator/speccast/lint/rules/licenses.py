"""Licenses: whether the license in `api.yaml` is an SPDX expression.

A112 unknown-license

    `license` must be an SPDX expression. pip refuses to build a package with a name that is not on the SPDX list.
    Write a license that is not on the list as `LicenseRef-` and a name.

    Bad::

        # api.yaml
        license: Apache 2

    Good::

        # api.yaml
        license: Apache-2.0
"""

from __future__ import annotations

from speccast.lint.rule import ApiContext, RuleViolation, Severity, Violations, api_rule
from speccast.specs.problems import shorten_value


@api_rule("A112", Severity.ERROR, "an unknown license", needed=True)
def unknown_license(context: ApiContext) -> Violations:
    stated = context.spec.get("license")
    if stated is None:
        return
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    hint = "write an SPDX expression, such as `MIT`, `Apache-2.0` or `LicenseRef-Proprietary`"
    try:
        known = canonicalize_license_expression(stated)
    except InvalidLicenseExpression:
        yield RuleViolation(
            context.value("license"), f"`{shorten_value(stated)}` is not on the list of SPDX licenses", hint
        )
        return
    if known != stated:
        message = f"the license is written `{shorten_value(known)}`, not `{shorten_value(stated)}`"
        yield RuleViolation(context.value("license"), message, f"write `license: {known}`")
