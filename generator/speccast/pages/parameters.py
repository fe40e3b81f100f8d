"""What the printed parts of one parameter mean: type, default or example, allowed values, limits.

Decisions rest on what holds on every page that was checked (see docs/drafting.md): a default of a list is printed before the
list and again within it; a list that ends in `+N more` shows ten values; `N total` is the shown values and the hidden ones.
A page that contradicts one of these gives a doubtful fact.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from speccast.core.values import is_equal, is_kind
from speccast.pages import prose
from speccast.pages.facts import ABSENT, Fact
from speccast.pages.keys import ORDER
from speccast.pages.literals import other_values
from speccast.pages.touching import single_value, split_values
from speccast.pages.values import SHOWN_VALUES, Token

if TYPE_CHECKING:
    from speccast.core.parameter import Kind
    from speccast.pages.entries import Entry
    from speccast.pages.literals import SampleValue
    from speccast.pages.values import TextBlock
    from speccast.specs.problems import Span

KINDS: Final[dict[str, Kind]] = {
    "string": "string",
    "str": "string",
    "text": "string",
    "integer": "integer",
    "int": "integer",
    "number": "number",
    "float": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "array": "array",
    "list": "array",
    "object": "object",
    "dict": "object",
    "file": "file",
    "binary": "file",
}
_TYPE: Final = re.compile(
    r"(?P<base>[A-Za-z]+)(?P<arrays>(?:\[\])*)(?: ?\((?P<format>[\w -]+)\))?(?P<null> ?\| ?null)?"
)
_Keyed: TypeAlias = tuple[tuple[str, ...], Fact]


def parameter_facts(entry: Entry, sample: SampleValue | None) -> dict[tuple[str, ...], Fact]:
    """Return the facts of one parameter by key, such as ("type",) or ("items", "type")."""
    facts: dict[tuple[str, ...], Fact] = {}
    kind = _add_type(facts, entry)
    if entry.requirement == "required":
        facts["required",] = Fact(True, (entry.requirement_span,))
    default, values = _values(entry, kind, sample)
    _add_default(facts, entry, kind, default)
    if entry.doubtful_default is not None:
        facts["default",] = entry.doubtful_default
    if values is not None and entry.block.has_touching_captions:
        values = values.with_doubt("the values touch the words before them")
    if values is not None and entry.doubtful_values:
        values = values.with_doubt(entry.doubtful_values)
    if values is not None and values.value is not ABSENT:
        _add_enum(facts, entry, values, kind)
    elif values is not None:
        facts["enum",] = values
    _add_limits(facts, entry, kind)
    _add_bounds(facts, entry.block.bounds, kind)
    if entry.first_line is not None:
        _doubt_first_line(facts, kind, *entry.first_line)
    if entry.description:
        assert entry.description_span is not None
        facts["description",] = Fact(entry.description, (entry.description_span,))
        for key, fact in prose.limits(entry.description, kind, entry.description_span.start):
            known = facts.get((key,))
            if known is None and not (key == "enum" and kind == "string" and values is not None):
                facts[key,] = fact
            elif known is not None and known.is_certain and fact.is_certain and known.value != fact.value:
                facts[key,] = known.with_doubt("the description states another limit", [fact.value])
    for doubt in entry.doubts:
        target = ("description",) if "description" in doubt and ("description",) in facts else ("type",)
        facts[target] = facts[target].with_doubt(doubt)
    return _order(facts)


def _doubt_first_line(facts: dict[tuple[str, ...], Fact], kind: Kind, text: str, span: Span) -> None:
    """Doubt what was read from the first line, if it is a value that can be the description instead."""
    for key in ("default", "examples", "enum", "hidden_values", "minimum", "maximum"):
        if (key,) in facts:
            facts[key,] = facts[key,].with_doubt("the first line can be the description", [ABSENT])
    if text.endswith("null"):
        facts["type",] = facts["type",].with_doubt("the first line can be the description", [kind])
    facts["description",] = Fact(ABSENT, (span,), (text,), "the first line is a value, or the description")


def _order(facts: dict[tuple[str, ...], Fact]) -> dict[tuple[str, ...], Fact]:
    order = {key: index for index, key in enumerate(ORDER)}
    return dict(sorted(facts.items(), key=lambda pair: order.get(pair[0][0], len(order))))


def _add_type(facts: dict[tuple[str, ...], Fact], entry: Entry) -> Kind:
    match = _TYPE.fullmatch(entry.type)
    span = entry.type_span
    words = re.split(r"\s*(?:\||/|,|\bor\b)\s*", entry.type.lower())
    if len(words) > 1 and all(word.removesuffix("[]") in KINDS for word in words):
        branches = ", ".join(dict.fromkeys(map(_branch, words)))
        kind = "array" if words[0].endswith("[]") else KINDS[words[0]]
        doubt = f'the page says "{entry.type}"; instead of `type`, write `anyOf: [{branches}]`'
        facts["type",] = Fact(kind, (span,)).with_doubt(doubt)
        return kind
    if match is None or match["base"].lower() not in KINDS:
        doubt = f'the page says "{entry.type}", which is not a JSON type'
        facts["type",] = Fact("string", (span,)).with_doubt(doubt)
        return "string"
    base = KINDS[match["base"].lower()]
    is_file = base == "string" and match["format"] == "binary"
    base = "file" if is_file else base
    depth = len(match["arrays"]) // 2
    inner: tuple[str, ...] = ("items",) * depth
    if match["format"] and not is_file:
        facts[*inner, "format"] = Fact(match["format"], (span,))
    for level in range(depth):
        facts[*("items",) * level, "type"] = Fact("array", (span,))
    facts[*inner, "type"] = Fact(base, (span,))
    kind = "array" if depth else base
    if match["null"]:
        facts["type",] = Fact([kind, "null"], (span,))
    return kind


def _branch(word: str) -> str:
    """Return the branch of a union for a type, such as `{ type: array, items: { type: string } }` for `string[]`."""
    branch = f"{{ type: {KINDS[word.removesuffix('[]')]} }}"
    return f"{{ type: array, items: {branch} }}" if word.endswith("[]") else branch


def _add_default(facts: dict[tuple[str, ...], Fact], entry: Entry, kind: Kind, default: Fact | None) -> None:
    if default is None:
        return
    is_required = entry.requirement == "required"
    value = default.value
    if value is None:
        known = facts["type",]
        facts["type",] = Fact([kind, "null"], (*known.spans, *default.spans), reason=known.reason)
    elif value is not ABSENT and not is_kind(value, kind):
        default = default.with_doubt(f"the value is not of the type {kind}")
    can_be_example = kind in ("string", "array", "object") and not _has_list(entry.block)
    if is_required and default.is_certain and can_be_example:
        if _is_content(value):
            facts["examples",] = Fact([value], default.spans)
            return
        reason = "a default or an example? It is printed after a required parameter"
        facts["examples",] = Fact([value], default.spans).with_doubt(reason, [ABSENT])
        facts["default",] = Fact(ABSENT, default.spans, (value,), reason)
        return
    facts["default",] = default


def _is_content(value: Any) -> bool:
    """Return whether a value is clearly what a caller has to provide, not a setting: an address, a sentence, a list."""
    if isinstance(value, str):
        return bool(re.match(r"(?:https?|data):", value)) or (
            len(re.findall(r"[^\W\d_]{2,}", value)) >= 2 and " " in value
        )
    return isinstance(value, list | dict)


def _has_list(block: TextBlock) -> bool:
    return bool(block.values) or block.has_values_label or len(block.tokens) > 1 or block.more is not None


def _values(entry: Entry, kind: Kind, sample: SampleValue | None) -> tuple[Fact | None, Fact | None]:
    """Return the default and the allowed values of a parameter."""
    block = entry.block
    if block.is_labelled:
        default = None if block.default is None else Fact(block.default.value, (block.default.span,))
        if not block.has_values_label:
            return default, None
        if not block.values:
            return default, Fact(ABSENT, (entry.type_span,), reason="the page lists values, which are lost")
        return default, _join(block.values, block, kind, default, sample)
    tokens = block.tokens
    if not tokens:
        return None, None
    if tokens[0].text == "null" and len(tokens) > 1 and block.more is None:
        default = Fact(None, (tokens[0].span,)).with_doubt(
            "a default, or one of the allowed values", [ABSENT]
        )
        return default, _join(tokens[1:], block, kind, None, sample)
    can_be_run = kind in ("integer", "number") and len(tokens[0].text) > SHOWN_VALUES
    if len(tokens) == 1 and (block.more is None or (can_be_run and entry.layout.glues_names)):
        return single_value(tokens[0], entry, kind, sample)
    first, rest = tokens[0], tokens[1:]
    is_repeated = any(is_equal(first.value, token.value) for token in rest)
    shown = SHOWN_VALUES
    if block.more is not None and len(tokens) == shown:
        listed = _join(tokens, block, kind, None, sample)
        if is_repeated:
            listed = listed.with_doubt("the first value is printed twice", [[token.value for token in rest]])
        return None, listed
    default = Fact(first.value, (first.span,))
    if is_repeated or len(tokens) == shown + 1:
        if block.more is None and not is_repeated:
            default = default.with_doubt("the value is printed once, before ten others", [ABSENT])
        return default, _join(rest, block, kind, default, sample)
    if block.more is not None:
        reason = f"{len(tokens)} values precede +{block.more.value} more, not {shown} or {shown + 1}"
        listed = _join(tokens, block, kind, None, sample).with_doubt(
            reason, [[token.value for token in rest]]
        )
        return Fact(ABSENT, (first.span,), (first.value,), reason), listed
    reason = "the first value is a default, or one of the allowed values"
    listed = _join(tokens, block, kind, None, sample).with_doubt(reason, [[token.value for token in rest]])
    return Fact(ABSENT, (first.span,), (first.value,), reason), listed


def _join(
    tokens: list[Token], block: TextBlock, kind: Kind, default: Fact | None, sample: SampleValue | None
) -> Fact:
    spans = tuple(token.span for token in tokens)
    values: list[Any] = [token.value for token in tokens]
    if kind in ("integer", "number") and len(tokens) == 1 and len(tokens[0].text) > 1:
        return split_values(tokens[0], block, kind, default, sample)
    if any(token.is_run for token in tokens):
        return Fact(ABSENT, spans, (), f"the values touch: {', '.join(token.text for token in tokens)}")
    fact = Fact(values, spans)
    if any(is_equal(value, other) for index, value in enumerate(values) for other in values[:index]):
        distinct = [value for index, value in enumerate(values) if value not in values[:index]]
        fact = Fact(distinct, spans, (values,), "a value is printed twice")
    if block.more is not None and len(tokens) != SHOWN_VALUES and not fact.reason:
        fact = fact.with_doubt(
            f"{len(tokens)} values are shown before +{block.more.value} more, not {SHOWN_VALUES}"
        )
    return fact


def _add_enum(facts: dict[tuple[str, ...], Fact], entry: Entry, values: Fact, kind: Kind) -> None:
    block = entry.block
    listed: list[Any] = list(values.value) if isinstance(values.value, list) else []
    if any(value is not None and not is_kind(value, kind) for value in listed) and kind != "array":
        values = values.with_doubt(f"a value is not of the type {kind}")
    default = facts.get(("default",))
    if default is not None and default.value is None and block.more is None and None not in listed:
        values = Fact([*listed, None], values.spans, values.readings, values.reason)
    if kind == "array":
        facts["items", "enum"] = values.with_doubt("the values of the items, or of the whole parameter?")
    else:
        facts["enum",] = values
    if block.more is not None:
        hidden = Fact(block.more.value, (block.more.span,))
        if block.total is not None and block.total.value != len(listed) + int(str(block.more.value)):
            shown = f"{len(listed)} shown and {block.more.value} more are not {block.total.value}"
            hidden = hidden.with_doubt(shown)
            facts["enum",] = facts.get(("enum",), values).with_doubt(shown)
        facts["hidden_values",] = hidden
    elif block.total is not None and block.total.value != len(listed) and values.is_certain:
        missing = int(str(block.total.value)) - len(listed)
        reason = f"{len(listed)} of {block.total.value} values are shown"
        facts["enum",] = values.with_doubt(reason)
        if missing > 0:
            facts["hidden_values",] = Fact(missing, (block.total.span,)).with_doubt(reason, [ABSENT])


def _add_limits(facts: dict[tuple[str, ...], Fact], entry: Entry, kind: Kind) -> None:
    low, high = entry.block.low, entry.block.high
    for key, token in (("minimum", low), ("maximum", high)):
        if token is not None:
            fact = Fact(token.value, (token.span,))
            doubt = entry.doubtful_limits or (
                "" if kind in ("integer", "number") else f"a {kind} has no such limit"
            )
            facts[key,] = fact.with_doubt(doubt, [ABSENT]) if doubt else fact
    if low is not None and high is not None and float(str(low.value)) > float(str(high.value)):
        for key in ("minimum", "maximum"):
            facts[key,] = facts[key,].with_doubt("the range is reversed")


def _add_bounds(facts: dict[tuple[str, ...], Fact], bounds: dict[str, Token], kind: Kind) -> None:
    """Add limits other than those of a range. One of another type is doubtful."""
    owner = {"multipleOf": ("integer", "number"), "minLength": ("string",), "maxLength": ("string",)}
    for key, token in bounds.items():
        fact = Fact(token.value, (token.span,))
        is_own = kind in owner.get(key, ("array",))
        facts[key,] = fact if is_own else fact.with_doubt(f"a {kind} has no such limit", [ABSENT])


def sample_facts(value: SampleValue) -> dict[tuple[str, ...], Fact]:
    """Return what a value of a sample shows about a parameter that is documented nowhere else."""
    spans = (value.span,)
    if value.is_file:
        if isinstance(value.value, list):
            return {("type",): Fact("array", spans), ("items", "type"): Fact("file", spans)}
        return {("type",): Fact("file", spans)}
    if value.is_text and (others := other_values(str(value.value))):
        kinds = [_sample(other, value.span)[0][1] for other in others]
        readings = [each for kind in kinds for each in (kind.value, *kind.readings)]
        text = Fact("string", spans).with_doubt(
            "a form sends texts: the page does not say the type", readings
        )
        return {("type",): text}
    return _order(dict(_sample(value.value, value.span)))


def _sample(value: Any, span: Span) -> list[_Keyed]:
    def typed(kind: str, doubt: str = "", *readings: str) -> _Keyed:
        fact = Fact(kind, (span,))
        return ("type",), fact.with_doubt(doubt, readings) if doubt else fact

    match value:
        case None:
            return [typed("string", "the sample sends null or a computed value")]
        case bool():
            return [typed("boolean")]
        case int():
            return [typed("integer", "the sample sends an integer; other numbers may be valid", "number")]
        case float():
            is_whole = value.is_integer()
            return [typed("number", "the sample sends a whole number" if is_whole else "", "integer")]
        case str() if re.match(r"https?://", value):
            address = Fact("uri", (span,)).with_doubt("the sample sends an address", [ABSENT])
            return [typed("string"), (("format",), address)]
        case str():
            return [typed("string")]
        case list():
            items = [(("items", *key), fact) for item in value[:1] for key, fact in _sample(item, span)]
            return [typed("array"), *items]
    members = [
        (("properties", str(name), *key), fact)
        for name, inner in value.items()
        for key, fact in _sample(inner, span)
    ]
    return [typed("object"), *members]
