"""Where the emulator finds the text that a request is about."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.emulator.output_request import _text_in


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A fox?"}], "A fox?"),
        ([{"role": "user", "content": [{"type": "text", "text": "A fox?"}]}], "A fox?"),
        (
            [{"content": [{"type": "text", "text": "A fox?"}, {"type": "image_url", "image_url": {}}]}],
            "A fox?",
        ),
        ([{"role": "user", "parts": [{"text": "A fox?"}]}], "A fox?"),
        ([{"role": "user", "content": "A fox?"}, {"role": "assistant", "content": None}], "A fox?"),
        ("A fox?", "A fox?"),
        ([{"role": "user"}], ""),
        ([], ""),
    ],
)
def test_the_text_in_of_a_conversation_is_the_prompt(messages: Any, text: str) -> None:
    assert _text_in(messages) == text
