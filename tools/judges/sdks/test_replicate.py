"""The SDK of Replicate. Its pauses between polls, half a second, are set to almost none. Outputs at `https` are files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import replicate
from PIL import Image
from replicate.exceptions import ModelError, ReplicateError

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "replicate", key=KEY, progress="polls:2", tls=True)

FLUX = "black-forest-labs/flux-schnell"
LLAMA = "meta/meta-llama-3.1-405b-instruct"


@pytest.fixture
def client(trusted: Emulator) -> Any:
    client = replicate.Client(api_token=KEY, base_url=trusted.url)
    client.poll_interval = 0.001
    return client


def picture(client: Any, **options: Any) -> Any:
    return client.models.predictions.create(model=FLUX, input={"prompt": "a red fox", **options}, wait=False)


def test_a_prediction_passes_through_its_states(client: Any) -> None:
    prediction = picture(client)
    assert (prediction.status, prediction.model, prediction.output) == ("starting", FLUX, None)
    states = set()
    while prediction.status != "succeeded":
        prediction.reload()
        states.add(prediction.status)
    assert states <= {"starting", "processing", "succeeded"}
    assert prediction.metrics["predict_time"] > 0


def test_pictures_are_downloaded(client: Any) -> None:
    first, second = client.run(FLUX, input={"prompt": "a red fox", "num_outputs": 2, "output_format": "png"})
    assert first.url != second.url
    assert Image.open(io.BytesIO(first.read())).format == "PNG"


def test_a_language_model_writes_text(client: Any) -> None:
    assert "".join(client.run(LLAMA, input={"prompt": "Why is the sky blue?"}))


def test_a_prediction_can_be_canceled(client: Any) -> None:
    prediction = picture(client)
    prediction.cancel()
    prediction.reload()
    assert prediction.status == "canceled"


def test_a_failed_prediction_is_an_error_of_the_model(client: Any, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("job-failed=out of memory;times=1")
    with pytest.raises(ModelError, match="out of memory"):
        client.run(FLUX, input={"prompt": "a red fox"})


def test_an_invalid_parameter_is_refused_by_name(client: Any) -> None:
    with pytest.raises(ReplicateError, match="num_outputs") as caught:
        picture(client, num_outputs=9)
    assert (caught.value.status, caught.value.title) == (422, "Input validation failed")


def test_a_wrong_token_and_an_unknown_model_are_refused(speccast_emulator: Emulator, client: Any) -> None:
    other = replicate.Client(api_token="wrong", base_url=speccast_emulator.url)
    with pytest.raises(ReplicateError) as caught:
        picture(other)
    assert caught.value.status == 401
    with pytest.raises(ReplicateError) as caught:
        client.models.predictions.create(model="nobody/nothing", input={})
    assert caught.value.status == 404
