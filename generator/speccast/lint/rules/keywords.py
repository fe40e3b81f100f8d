"""Keywords that have no effect where they are.

P101 keyword-does-not-fit

    Each keyword applies to certain types: `minimum` to numbers, `pattern` to strings, `items` to arrays. On other
    types it has no effect, as in JSON Schema, so an intended limit would be missing. `forms` and limits of size, pixels
    and seconds apply to content: to files, and to strings with `media`.

    Bad::

        parameters:
          prompt: { type: string, maximum: 1000 }

    Good::

        parameters:
          prompt: { type: string, maxLength: 1000 }

P102 keyword-on-items

    `items` describes the items of an array, and `anyOf` what a value can be. Neither items nor branches have a name or
    can be omitted, so they have no default and no condition. Move these keywords to the array or to the parameter with `anyOf`.

    Bad::

        parameters:
          urls: { type: array, items: { type: string, required: true } }

    Good::

        parameters:
          urls: { type: array, required: true, items: { type: string } }
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.jsonschema import MEDIA_LIMITS, PIXEL_LIMITS
from speccast.specs.wording import ARTICLES

_NUMBERS: Final = ("integer", "number")
_VALUES: Final = ("string", "integer", "number", "boolean", "array", "object")
_SECONDS: Final = ("min_duration", "max_duration")
_OF_MEDIA: Final = ("forms", "media_types", *MEDIA_LIMITS)
_TYPES: Final = {
    "enum": ("string", "integer", "number", "boolean"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBERS),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string",)),
    **dict.fromkeys(("items", "minItems", "maxItems"), ("array",)),
    "properties": ("object",),
    "forms": ("string",),
    **dict.fromkeys(("media", "media_types", *MEDIA_LIMITS), ("string", "file")),
    # A spec contains no files.
    **dict.fromkeys(("default", "examples"), (*_VALUES, "union")),
    "also_accepts": ("integer", "number", "boolean"),
    "type": (*_VALUES, "file"),
    **dict.fromkeys(("open", "hidden_values", "format"), _VALUES),
}
_INSTEAD: Final = {
    ("string", "minimum"): "minLength",
    ("string", "maximum"): "maxLength",
    ("array", "minimum"): "minItems",
    ("array", "maximum"): "maxItems",
    ("string", "minItems"): "minLength",
    ("string", "maxItems"): "maxLength",
    ("array", "minLength"): "minItems",
    ("array", "maxLength"): "maxItems",
    ("integer", "minLength"): "minimum",
    ("integer", "maxLength"): "maximum",
    ("number", "minLength"): "minimum",
    ("number", "maxLength"): "maximum",
    ("array", "properties"): "items",
    ("object", "items"): "properties",
}
_NOT_ON_ITEMS: Final[tuple[str, ...]] = ("required", "name", "applies_when", "default")
_NOT_ON_BRANCHES: Final[tuple[str, ...]] = (*_NOT_ON_ITEMS, "also_accepts")


@parameter_rule("P101", Severity.ERROR, "a keyword that has no effect on the type of the parameter")
def keyword_does_not_fit(context: ParameterContext) -> Violations:
    kind = context.parameter.type
    for keyword in context.spec:
        types = _TYPES.get(keyword)
        if types is None or kind in types:
            yield from _of_media(context, keyword)
            continue
        if kind == "union":
            yield RuleViolation(
                context.key(keyword),
                f"`{keyword}` has no effect on `{context.label}`, which has `anyOf`",
                "move it to the branches that it is meant for, or remove it",
            )
            continue
        instead = _INSTEAD.get((kind, keyword))
        first = f"write `{instead}`" if instead else "remove it"
        yield RuleViolation(
            context.key(keyword),
            f"`{keyword}` has no effect on `{context.label}`, which is {ARTICLES[kind]}",
            f"{first}, or correct `type` to {' or '.join(types)}",
        )


def _of_media(context: ParameterContext, keyword: str) -> Violations:
    """Yield a violation for a keyword of content where there is none, or content of another kind."""
    media = context.parameter.media
    if keyword not in _OF_MEDIA:
        return
    if not context.parameter.is_media:
        yield RuleViolation(
            context.key(keyword),
            f"`{keyword}` has no effect on `{context.label}`, which is a string without `media`",
            "add `media: image`, or what the text contains, or remove it",
        )
        return
    kinds = media
    if keyword in PIXEL_LIMITS:
        kinds = ("image", "video")
    elif keyword in _SECONDS:
        kinds = ("audio", "video")
    if media and not set(media) & set(kinds):
        yield RuleViolation(
            context.key(keyword),
            f"`{keyword}` has no effect on `{context.label}`, which is {context.parameter.content}",
            f"remove it, or correct `media` to {' or '.join(kinds)}",
        )


@parameter_rule(
    "P102",
    Severity.ERROR,
    "a keyword of parameters on the items of an array or on a branch",
    keywords=_NOT_ON_BRANCHES,
)
def keyword_on_items(context: ParameterContext) -> Violations:
    match context.role:
        case "item":
            keywords, place = _NOT_ON_ITEMS, "the items of an array"
            above = f"up to `{context.label.removesuffix('[]')}` itself"
        case "branch":
            keywords, place, above = _NOT_ON_BRANCHES, "a branch of `anyOf`", "up, beside `anyOf`"
        case _:
            return
    for keyword in context.spec:
        if keyword in keywords:
            advice = "add a branch for text" if keyword == "also_accepts" else f"move it {above}"
            yield RuleViolation(
                context.key(keyword),
                f"`{keyword}` has no effect on {place}",
                f"{advice}, or remove it",
            )
