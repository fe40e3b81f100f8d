"""Unions: parameters with `anyOf`, of which every value must belong to one branch.

P401 branches-of-one-type

    The branches of a union must have different JSON types, so that a client can say what is wrong with a value. Every
    integer is a number. Only objects may occur twice, see P402.

    Bad::

        parameters:
          size:
            anyOf:
              - { type: string, enum: [small, large] }
              - { type: string }

    Good::

        parameters:
          size: { type: string, enum: [small, large], open: true }

P402 objects-without-tag

    Several objects in a union are distinguished by one member that is text and has a single `enum` value in each of them,
    another one in each. That member is always required.

    Bad::

        parameters:
          part:
            anyOf:
              - { type: object, properties: { text: { type: string } } }
              - { type: object, properties: { url: { type: string } } }

    Good::

        parameters:
          part:
            anyOf:
              - { type: object, properties: { type: { type: string, enum: [text] }, text: { type: string } } }
              - { type: object, properties: { type: { type: string, enum: [image] }, url: { type: string } } }

P403 single-branch

    A union with one branch accepts the same values as the branch alone. Perhaps the page names another type that the spec lacks.

    Bad::

        parameters:
          prompt: { anyOf: [{ type: string }] }

    Good::

        parameters:
          prompt: { type: string }

P404 nested-union

    A branch that is a union itself adds nothing: its branches belong to the outer one.

    Bad::

        parameters:
          stop: { anyOf: [{ type: string }, { anyOf: [{ type: integer }, { type: boolean }] }] }

    Good::

        parameters:
          stop: { anyOf: [{ type: string }, { type: integer }, { type: boolean }] }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.jsonschema import is_constant
from speccast.specs.wording import format_value

if TYPE_CHECKING:
    from speccast.core.parameter import Parameter


@parameter_rule(
    "P401", Severity.ERROR, "branches of a union that have the same type", needed=True, keywords={"anyOf"}
)
def branches_of_one_type(context: ParameterContext) -> Violations:
    first: dict[str, ParameterContext] = {}
    for branch in context.branches:
        kind = branch.parameter.type
        key = "number" if kind == "integer" else kind
        other = first.setdefault(key, branch)
        if other is branch or kind in ("object", "union"):
            continue
        is_same = other.parameter.type == kind
        what = (
            f"are both of type {kind}"
            if is_same
            else "are an integer and a number, and every integer is a number"
        )
        yield RuleViolation(
            branch.value("type"),
            f"two branches of `{context.label}` {what}",
            _merging(branch.parameter, other.parameter),
            related=((other.value("type"), "the other one is here"),),
        )


def _merging(one: Parameter, other: Parameter) -> str:
    if one.type != other.type:
        return "keep the number"
    if one.type == "array":
        return "write one array, whose `items` have `anyOf`"
    if one.choices or other.choices:
        return "write one branch with all values in `enum`, and `open: true` if others are valid as well"
    return "write one branch that allows what both allow"


@parameter_rule(
    "P402", Severity.ERROR, "objects of a union that no member distinguishes", needed=True, keywords={"anyOf"}
)
def objects_without_tag(context: ParameterContext) -> Violations:
    objects = [branch for branch in context.branches if branch.parameter.type == "object"]
    if len(objects) < 2 or context.parameter.tag:
        return
    first: dict[tuple[str, str], ParameterContext] = {}
    for branch in objects:
        for member in branch.members.values():
            if not is_constant(member.keywords):
                continue
            value = str(member.parameter.choices[0])
            other = first.setdefault((member.parameter.wire, value), member)
            if other is not member:
                yield RuleViolation(
                    member.value("enum"),
                    f"two objects of `{context.label}` have the same `{member.parameter.wire}` {format_value(value)}",
                    "give each of them its own value, or write one object with the members of both",
                    related=((other.value("enum"), "the other one is here"),),
                )
                return
    yield RuleViolation(
        objects[1].value("type"),
        f"no member distinguishes the objects of `{context.label}`",
        "give each of them the member that differs, such as `type: { type: string, enum: [text] }`, or write one object",
        related=((objects[0].value("type"), "the first object is here"),),
    )


@parameter_rule("P403", Severity.WARNING, "a union with one branch", keywords={"anyOf"})
def single_branch(context: ParameterContext) -> Violations:
    if len(context.branches) == 1:
        yield RuleViolation(
            context.key("anyOf"),
            f"`{context.label}` has one branch only",
            "write the keys of the branch instead of `anyOf`, or add the other branches",
        )


@parameter_rule("P404", Severity.ERROR, "a union in a union", needed=True, keywords={"anyOf"})
def nested_union(context: ParameterContext) -> Violations:
    for branch in context.branches:
        if branch.branches:
            yield RuleViolation(
                branch.key("anyOf"),
                f"a branch of `{context.label}` is a union itself",
                "move its branches to the outer `anyOf`",
            )
