"""The SDK of OpenAI: pictures, speech and chat."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from PIL import Image

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "openai", key=KEY)

MESSAGES: list[Any] = [
    {"role": "system", "content": "You answer in one sentence."},
    {"role": "user", "content": "What does a red fox eat?"},
]


@pytest.fixture
def client(speccast_emulator: Emulator) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url=f"{speccast_emulator.url}/v1", max_retries=0)


def test_pictures_come_as_addresses(client: openai.OpenAI) -> None:
    response = client.images.generate(model="dall-e-3", prompt="a red fox", size="1792x1024", n=1)
    assert response.created > 1_700_000_000
    [picture] = response.data
    assert picture.b64_json is None
    assert Image.open(io.BytesIO(httpx.get(picture.url).content)).size == (1792, 1024)


def test_pictures_come_as_base64(client: openai.OpenAI) -> None:
    response = client.images.generate(model="dall-e-2", prompt="a red fox", response_format="b64_json", n=2)
    assert [picture.url for picture in response.data] == [None, None]
    pictures = [Image.open(io.BytesIO(base64.b64decode(each.b64_json))) for each in response.data]
    assert [picture.size for picture in pictures] == [(1024, 1024)] * 2


def test_speech_is_a_file(client: openai.OpenAI) -> None:
    speech = client.audio.speech.create(
        model="tts-1", voice="alloy", input="The fox sleeps.", response_format="wav"
    )
    assert speech.read().startswith(b"RIFF")
    assert speech.response.headers["content-type"] == "audio/wav"


def test_speech_is_streamed(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input="The fox sleeps."
    ) as speech:
        assert b"".join(speech.iter_bytes()) != b""


def test_chat_has_an_answer(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, temperature=0.5)
    [choice] = completion.choices
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert "fox" in choice.message.content
    assert completion.object == "chat.completion"
    assert completion.id
    assert completion.usage.total_tokens > 0


def test_chat_is_streamed(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=True)
    chunks = list(stream)
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert chunks[0].choices[0].delta.role == "assistant"
    pieces = [chunk.choices[0].delta.content for chunk in chunks]
    assert "fox" in "".join(piece or "" for piece in pieces)
    assert sum(bool(piece) for piece in pieces) > 5
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]


def test_chat_is_streamed_asynchronously(speccast_emulator: Emulator) -> None:
    async def read() -> list[Any]:
        async with openai.AsyncOpenAI(
            api_key=KEY, base_url=f"{speccast_emulator.url}/v1", max_retries=0
        ) as client:
            stream = await client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=True)
            return [chunk async for chunk in stream]

    assert len(asyncio.run(read())) > 5


def test_the_helper_for_streams_collects_a_completion(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="gpt-4o-mini", messages=MESSAGES) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        completion = stream.get_final_completion()
    assert completion.choices[0].message.content == "".join(deltas)
    assert completion.choices[0].finish_reason == "stop"


def test_an_error_in_a_stream_is_raised(client: openai.OpenAI, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("error-event=Too many foxes")
    with (
        pytest.raises(openai.APIError, match="Too many foxes"),
        client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=True) as stream,
    ):
        list(stream)


def test_messages_can_have_blocks(client: openai.OpenAI) -> None:
    blocks: Any = [
        {"type": "text", "text": "What is a red fox?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/fox.png"}},
    ]
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": blocks}]
    )
    assert "fox" in completion.choices[0].message.content


@pytest.mark.parametrize(
    ("call", "parameter"),
    [
        (lambda client: client.images.generate(model="dall-e-3", prompt="a", n=2), "n"),
        (lambda client: client.images.generate(model="dall-e-3", prompt="a", size="1x1"), "size"),
        (lambda client: client.audio.speech.create(model="tts-1", voice="alloy", input="a", speed=9), "speed"),
        (lambda client: client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, temperature=3), "temperature"),
    ],
    ids=["number", "size", "speed", "temperature"],
)  # fmt: skip
def test_invalid_parameters_are_a_bad_request(
    client: openai.OpenAI, call: Callable[[openai.OpenAI], Any], parameter: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        call(client)
    assert caught.value.param == parameter
    assert caught.value.type == "invalid_request_error"
    assert parameter in caught.value.body["message"]


def test_a_wrong_key_is_an_authentication_error(speccast_emulator: Emulator) -> None:
    client = openai.OpenAI(api_key="a-wrong-key", base_url=f"{speccast_emulator.url}/v1", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.images.generate(model="dall-e-3", prompt="a")
    assert caught.value.body["message"]


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="no-such-model", messages=MESSAGES)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status=429", openai.RateLimitError),
        ("status=500", openai.InternalServerError),
        ("reset", openai.APIConnectionError),
    ],
)
def test_failures_are_their_errors(
    client: openai.OpenAI, speccast_emulator: Emulator, fault: str, error: type[Exception]
) -> None:
    speccast_emulator.fault(fault)
    with pytest.raises(error):
        client.images.generate(model="dall-e-3", prompt="a")


def test_the_sdk_repeats_a_request_after_a_rate_limit(
    client: openai.OpenAI, speccast_emulator: Emulator
) -> None:
    speccast_emulator.fault("status=429;times=1;retry-after=0")
    assert client.with_options(max_retries=1).images.generate(model="dall-e-3", prompt="a").data


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, client_of: Callable[[str], Any]
) -> None:
    package, client_class = client_of("openai")
    client = client_class(KEY, base_url=speccast_emulator.url)
    picture = client.run_sync("dall-e-3", prompt="a red fox", size="1024x1024", response_format="b64_json")
    assert [content[:4] for content in picture.images] == [b"\x89PNG"]
    speech = client.run_sync("tts-1", voice="alloy", input="The fox sleeps.", response_format="wav")
    assert speech.content.startswith(b"RIFF")
    answer = client.run_sync("gpt-4o-mini", messages=MESSAGES)
    assert "fox" in answer.text
    with client.gpt_4o_mini.stream(messages=MESSAGES) as stream:
        assert "".join(stream) == stream.text
    with pytest.raises(package.BadRequestError):
        client.with_options(validate=False).run_sync("dall-e-3", prompt="a", n=2)
