"""Texts as a language model might write them: about the prompt, and the same for the same request and seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.emulator.output_request import OutputRequest

MAX_TOPIC = 200
"""Characters of the prompt that a text quotes."""

_OPENINGS = (
    "Here is a short answer to “{topic}”.",
    "You asked: “{topic}”.",
    "Let us look at “{topic}”.",
    "A few words about “{topic}”.",
)
_SENTENCES = (
    "It depends on what you already know about it.",
    "The first thing to notice is how simple it is.",
    "Most people would start with an example.",
    "There is more than one way to see it.",
    "A picture would show it better than words.",
    "In short, it is worth a second look.",
    "Two of its parts matter more than the others.",
    "Ask again for more detail.",
)


def write_text(output: OutputRequest, number: int = 0) -> str:
    """Return one of the requested texts, numbered from 0, with at most as many words as the request allows."""
    draws = random.Random(f"{output.slug} {output.seed} {number} {output.prompt}")
    topic = " ".join(output.prompt.encode("utf-8", "replace").decode("utf-8").split())
    if len(topic) > MAX_TOPIC:
        topic = topic[:MAX_TOPIC].rstrip() + "…"
    opening = draws.choice(_OPENINGS).replace("{topic}", topic)
    words = " ".join([opening, *draws.sample(_SENTENCES, 3)]).split(" ")
    return " ".join(words[: output.words])
