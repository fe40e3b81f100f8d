"""The SDK of fal. Its host is fixed, so the name leads to the emulator."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import fal_client
import httpx
import pytest
from PIL import Image

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.testing import Emulator
    from tools.judges.sdks.conftest import Resolver

HOST = "queue.fal.run"
FLUX = "fal-ai/flux-1/schnell"
FOX = {"prompt": "a red fox"}

pytestmark = pytest.mark.speccast(
    EXAMPLES / "fal", key=KEY, tls=True, url=f"https://{HOST}", progress="polls:2"
)


@pytest.fixture
def client(resolve: Resolver) -> Iterator[fal_client.SyncClient]:
    resolve(HOST)
    yield fal_client.SyncClient(key=KEY)


@pytest.fixture
def read(trusted: Emulator) -> Callable[[str], Image.Image]:
    return lambda url: Image.open(io.BytesIO(httpx.get(url).content))


def test_subscribe_waits_for_the_result(client: Any, read: Callable[[str], Image.Image]) -> None:
    seen: list[Any] = []
    result = client.subscribe(
        FLUX, {**FOX, "num_images": 2}, interval=0.01, with_logs=True, on_queue_update=seen.append
    )
    assert [read(picture["url"]).format for picture in result["images"]] == ["JPEG", "JPEG"]
    assert isinstance(result["seed"], int)
    assert isinstance(seen[0], fal_client.Queued)
    assert isinstance(seen[-1], fal_client.Completed)


def test_a_request_passes_through_its_states(client: Any) -> None:
    handle = client.submit(FLUX, FOX)
    assert isinstance(handle.status(), fal_client.Queued)
    while not isinstance(client.status(FLUX, handle.request_id, with_logs=True), fal_client.Completed):
        pass
    assert client.result(FLUX, handle.request_id)["images"]


def test_a_request_can_be_canceled(client: Any) -> None:
    handle = client.submit(FLUX, FOX)
    handle.cancel()
    client.cancel(FLUX, client.submit(FLUX, FOX).request_id)


def test_a_failure_of_the_model_is_an_error_of_the_result(client: Any, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("job-failed=Out of memory")
    handle = client.submit(FLUX, FOX)
    with pytest.raises(fal_client.FalClientHTTPError, match="Out of memory") as caught:
        handle.get(interval=0.01)
    assert caught.value.status_code == 422


def test_invalid_parameters_are_listed(client: Any) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        client.subscribe(FLUX, {**FOX, "num_images": 9})
    assert caught.value.status_code == 422
    [problem] = caught.value.message
    assert problem["loc"] == ["body", "num_images"]
    assert problem["msg"]


@pytest.mark.parametrize(
    ("key", "model", "status"), [("a-wrong-key", FLUX, 401), (KEY, "fal-ai/nothing", 404)]
)
def test_other_errors_have_their_status(resolve: Resolver, key: str, model: str, status: int) -> None:
    resolve(HOST)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal_client.SyncClient(key=key).submit(model, FOX)
    assert caught.value.status_code == status


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, resolve: Resolver, client_of: Callable[[str], Any]
) -> None:
    resolve(HOST)
    package, client_class = client_of("fal")
    client = client_class(KEY)
    model = client.fal_ai_flux_1_schnell
    job = model.submit(**FOX, num_images=2)
    assert len(job.wait(interval=0.01)["images"]) == 2
    model.submit(**FOX).cancel()
    speccast_emulator.fault("job-failed=Out of memory;times=1")
    with pytest.raises(package.JobFailedError, match="Out of memory"):
        model.submit(**FOX).wait(interval=0.01)
    with pytest.raises(package.UnprocessableEntityError, match="num_images"):
        model.submit(**FOX, num_images=9, validate=False)
