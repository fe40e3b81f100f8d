"""`huggingface_hub`: its inference client with a key of fal, whose models it calls at fal's own hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from huggingface_hub import InferenceClient, close_session
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference._providers._common import HARDCODED_MODEL_INFERENCE_MAPPING

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.testing import Emulator
    from tools.judges.sdks.conftest import Resolver

FLUX = "black-forest-labs/FLUX.1-schnell"

pytestmark = pytest.mark.speccast(EXAMPLES / "fal", key=KEY, tls=True, hosts=("fal.run", "queue.fal.run"))


@pytest.fixture
def client(resolve: Resolver, monkeypatch: pytest.MonkeyPatch) -> Iterator[InferenceClient]:
    resolve("fal.run", "queue.fal.run")
    # What the Hub says about the model.
    known = InferenceProviderMapping(
        provider="fal-ai",
        hf_model_id=FLUX,
        providerId="fal-ai/flux-1/schnell",
        status="live",
        task="text-to-image",
    )
    monkeypatch.setitem(HARDCODED_MODEL_INFERENCE_MAPPING, "fal-ai", {FLUX: known})
    close_session()  # the next one reads the certificate from the environment
    yield InferenceClient(provider="fal-ai", api_key=KEY)
    close_session()


def test_a_picture_is_made(client: InferenceClient, speccast_emulator: Emulator) -> None:
    assert client.text_to_image("a red fox", model=FLUX, seed=1).format == "JPEG"
    [call, _] = speccast_emulator.journal()
    assert (call.headers["host"], call.surface) == ("fal.run", "sync")


def test_a_refused_parameter_is_an_error(client: InferenceClient) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        client.text_to_image("a red fox", model=FLUX, num_inference_steps=99)
    assert caught.value.response.status_code == 422
