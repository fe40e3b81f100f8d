"""Checks specs, between loading and generation.

    linter         runs the rules of a selection over loaded specs
    rules/         one module for each family of rules; `rule` is their interface, `context` what they check
    catalog        all rules by code, including those that the reader of specs and the targets contribute
    selection      which rules run, and with which severity
    comments       finds suppressions, and `suppressions` applies and checks them
    session        one run of `speccast lint`: paths, baseline, fixes
    reports/       formats of the result

A target can contribute rules: those of `speccast.targets.<name>.lint` run only where the target is generated.
"""
