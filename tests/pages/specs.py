"""Random specs, with texts that are awkward to read back, as Hypothesis strategies."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

AWKWARD = (
    "Range: 0 - 1",
    "0.5",
    '"a" or "b"',
    '"quoted"',
    "optional",
    "required string",
    "Default: 3",
    "Allowed values of the model",
    "true",
    "[1, 2]",
    "+3 more",
    "null",
    "seed",
    "Select 'custom' to set width and height; see https://acme.example/a?b=c#d",
    "Prompts to exclude, eg. 'bad anatomy'",
    "An apostrophe's \\ backslash, 50% & <b>bold</b>",
    "Größe in µm, 図",
)
NAMES = (
    "prompt",
    "negative_prompt",
    "is_optional",
    "optional_mode",
    "required_items",
    "scale",
    "guidance_scale",
    "image",
    "image_format",
    "base64",
    "fps",
    "trueness",
    "nullable_seed",
    "false_color",
    "e4",
    "Range",
    "Default",
)
LITERALS = ("true", "false", "null")
"""Beginnings of names that read like a value where the text before them has none."""
HEADER = re.compile(r"\w(required|optional)\n?(string|integer|number|boolean|object|array)")

names = st.one_of(st.sampled_from(NAMES), st.from_regex(r"[a-z][a-z0-9_]{0,14}", fullmatch=True)).filter(
    lambda name: not re.search(r"(required|optional)(string|integer|number|boolean|object|array)", name)
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
sentences = st.lists(words, min_size=1, max_size=8).map(" ".join)
descriptions = (
    st.one_of(
        st.sampled_from(AWKWARD), st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,8}){0,6}\.?", fullmatch=True)
    )
    .filter(lambda text: not HEADER.search(text))
    .map(str.strip)
)
values = st.one_of(
    st.sampled_from(
        ["euler", "1:1 square", 'a "quoted" text', "", "no", "16:9", "DPM++ 2M", "a\nb", "null", "1"]
    ),
    sentences,
)
integers = st.integers(-(10**12), 10**12)
numbers = st.one_of(
    integers, st.decimals(-1000, 1000, places=2).map(float).filter(lambda each: not each.is_integer())
)


@st.composite
def nested(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an array of objects, whose members are not sorted."""
    described = st.dictionaries(
        names.filter(lambda name: not name.startswith(LITERALS)), parameters(), min_size=1, max_size=3
    )
    item = {"type": "object", "properties": draw(described)}
    return {"type": "array", "items": item, "description": draw(descriptions)}


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["string", "string", "integer", "number", "boolean", "uri", "array"]))
    parameter: dict[str, Any] = {"type": "string" if kind == "uri" else kind}
    if kind == "uri":
        parameter["format"] = "uri"
    if kind == "array":
        parameter["items"] = {"type": draw(st.sampled_from(["string", "integer"]))}
    if draw(st.booleans()):
        parameter["required"] = True
    if kind == "boolean" and draw(st.booleans()):
        parameter["default"] = draw(st.booleans())
    if kind == "integer" and draw(st.integers(0, 3)) == 0:
        listed = sorted(draw(st.sets(st.integers(0, 2000), min_size=2, max_size=5)))
        parameter |= {"default": draw(st.sampled_from(listed)), "enum": listed}
    elif kind in ("integer", "number"):
        of_kind = integers if kind == "integer" else numbers
        low, high = sorted([draw(of_kind), draw(of_kind)])
        if draw(st.booleans()):
            parameter["default"] = low
        if draw(st.booleans()):
            parameter |= {"minimum": low, "maximum": high}
    if kind == "string":
        parameter |= draw(lists(is_required=parameter.get("required", False)))
    parameter["description"] = draw(descriptions)
    return parameter


@st.composite
def lists(draw: st.DrawFn, *, is_required: bool) -> dict[str, Any]:
    """Draw default and values of a text: none, a default, a list with its default, or a shortened list."""
    case = draw(st.sampled_from(["none", "default", "list", "hidden"]))
    if case == "none":
        return {}
    if case == "default":
        if is_required:
            return {"examples": [f"https://acme.example/{draw(st.integers(0, 99))}.png"]}
        return {"default": draw(values)}
    if case == "list":
        listed = draw(st.lists(values, min_size=2, max_size=9, unique=True))
        return {"default": draw(st.sampled_from(listed)), "enum": listed}
    listed = draw(st.lists(values, min_size=10, max_size=10, unique=True))
    hidden = {"enum": listed, "hidden_values": draw(st.integers(1, 40))}
    return hidden if draw(st.booleans()) else {"default": draw(values), **hidden}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    slug = draw(st.from_regex(r"[a-z][a-z0-9]{1,6}(-[a-z0-9.]{0,5}[a-z0-9]){0,3}", fullmatch=True))
    chosen = draw(st.lists(names, min_size=1, max_size=7, unique=True))
    described = {name: draw(parameters()) for name in chosen}
    if draw(st.integers(0, 4)) == 0:
        described[draw(names)] = draw(nested())
    return {
        "slug": slug,
        "title": draw(st.sampled_from(["Acme Image 1", "Fox", "1 Step Diffusion", "POST-Processing"])),
        "description": draw(st.sampled_from(["Makes pictures.", 'Say it: "now". Costs ~$1, or 2 s.'])),
        "surfaces": ["sync"],
        "returns": ["image/jpeg"],
        "parameters": described,
        "example": draw(samples(described)),
    }


@st.composite
def samples(draw: st.DrawFn, described: dict[str, Any]) -> dict[str, Any]:
    """Draw the request of a sample: some of the parameters in any order, with their defaults or other values."""
    chosen = draw(st.permutations(sorted(described)))
    chosen = chosen[: draw(st.integers(0, len(chosen)))]
    chosen += [name for name in described if name.startswith(LITERALS) and name not in chosen]
    return {name: list_sent(described[name], other=draw(st.booleans())) for name in chosen}


def list_sent(parameter: dict[str, Any], *, other: bool) -> Any:
    """Return a value for the sample: the default, or another one."""
    if "default" in parameter and not other:
        return parameter["default"]
    if "examples" in parameter:
        return parameter["examples"][0]
    if "enum" in parameter:
        return parameter["enum"][0]
    kind = parameter["type"]
    return {"string": "a fox", "boolean": True, "array": [], "integer": 7, "number": 0.5}[kind]
