"""The SDK of Replicate. It waits for files only if their addresses are https, so the emulator serves that."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import replicate
from PIL import Image
from replicate.exceptions import ModelError, ReplicateError

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "replicate", key=KEY, tls=True, progress="polls:2")

FLUX = "black-forest-labs/flux-schnell"
LLAMA = "meta/meta-llama-3.1-405b-instruct"
FOX = {"prompt": "a red fox"}


@pytest.fixture
def client(trusted: Emulator) -> Any:
    client = replicate.Client(api_token=KEY, base_url=trusted.url)
    client.poll_interval = 0.01
    return client


def test_run_returns_files(client: Any) -> None:
    outputs = client.run(FLUX, input={**FOX, "num_outputs": 2, "output_format": "png"})
    assert [Image.open(io.BytesIO(output.read())).format for output in outputs] == ["PNG", "PNG"]


def test_run_returns_the_parts_of_a_text(client: Any) -> None:
    output = client.run(LLAMA, input=FOX)
    assert "fox" in "".join(output)


def test_a_file_is_uploaded_and_found_at_its_address(client: Any, tmp_path: Path) -> None:
    picture = tmp_path / "fox.png"
    Image.new("RGB", (3, 2), "red").save(picture)
    for uploaded in (client.files.create(picture), client.files.create(io.BytesIO(picture.read_bytes()))):
        assert uploaded.size == picture.stat().st_size
        content = httpx.get(uploaded.urls["get"]).content
        assert content == picture.read_bytes()
    with pytest.raises(ReplicateError) as caught:
        replicate.Client(api_token="a-wrong-key", base_url=client._base_url).files.create(picture)
    assert caught.value.status == 401


def test_a_prediction_passes_through_its_states(client: Any, speccast_emulator: Emulator) -> None:
    prediction = client.models.predictions.create(FLUX, input=FOX)
    assert (prediction.status, prediction.output, prediction.error) == ("starting", None, None)
    assert prediction.model == FLUX
    assert prediction.urls["get"].startswith(speccast_emulator.url)
    states: list[str] = []
    while not states or states[-1] not in ("succeeded", "failed", "canceled"):
        prediction.reload()
        states.append(prediction.status)
    assert states[-1] == "succeeded"
    assert set(states) <= {"starting", "processing", "succeeded"}
    assert prediction.output[0].startswith(speccast_emulator.url)
    assert client.predictions.get(prediction.id).status == "succeeded"


def test_a_prediction_can_be_canceled(client: Any) -> None:
    prediction = client.models.predictions.create(FLUX, input=FOX)
    prediction.cancel()
    assert prediction.status == "canceled"
    prediction.reload()
    assert (prediction.status, prediction.output) == ("canceled", None)


def test_a_failure_of_the_model_is_a_model_error(client: Any, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("job-failed=Out of memory")
    with pytest.raises(ModelError, match="Out of memory") as caught:
        client.run(FLUX, input=FOX)
    assert caught.value.prediction.status == "failed"


@pytest.mark.parametrize(
    ("key", "model", "options", "status"),
    [
        (KEY, FLUX, {"num_outputs": 9}, 422),
        ("a-wrong-key", FLUX, {}, 401),
        (KEY, "nobody/nothing", {}, 404),
    ],
)
def test_errors_have_a_status_and_a_detail(
    trusted: Emulator, key: str, model: str, options: dict[str, Any], status: int
) -> None:
    client = replicate.Client(api_token=key, base_url=trusted.url)
    with pytest.raises(ReplicateError) as caught:
        client.run(model, input={**FOX, **options})
    assert caught.value.status == status
    assert caught.value.detail


def test_the_generated_client_does_the_same(trusted: Emulator, client_of: Callable[[str], Any]) -> None:
    package, client_class = client_of("replicate")
    client = client_class(KEY, base_url=trusted.url)
    job = client.submit_async(FLUX, **FOX, num_outputs=2)
    result = job.wait(interval=0.01)
    assert result["status"] == "succeeded"
    assert len(result.output) == 2
    job = client.submit_async(FLUX, **FOX)
    job.cancel()
    with pytest.raises(package.JobFailedError):
        job.wait(interval=0.01)
    trusted.fault("job-failed=Out of memory;times=1")
    with pytest.raises(package.JobFailedError, match="Out of memory"):
        client.submit_async(FLUX, **FOX).wait(interval=0.01)
    assert "fox" in client.submit_async(LLAMA, **FOX).wait(interval=0.01).text
