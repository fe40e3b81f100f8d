"""The SDK of fal. Its hosts are fixed, so the names lead to the emulator: one host for calls, one for the queue."""

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

RUN, QUEUE, REST = "fal.run", "queue.fal.run", "rest.fal.ai"
FLUX = "fal-ai/flux-1/schnell"
SPEECH = "fal-ai/kokoro/american-english"
FOX = {"prompt": "a red fox"}

pytestmark = pytest.mark.speccast(
    EXAMPLES / "fal", key=KEY, tls=True, hosts=(RUN, QUEUE, REST), progress="polls:2"
)


@pytest.fixture
def client(resolve: Resolver) -> Iterator[fal_client.SyncClient]:
    resolve(RUN, QUEUE, REST)
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


def test_run_returns_the_result_at_once(
    client: Any, read: Callable[[str], Image.Image], speccast_emulator: Emulator
) -> None:
    result = client.run(FLUX, {**FOX, "num_images": 2})
    assert [read(picture["url"]).format for picture in result["images"]] == ["JPEG", "JPEG"]
    assert client.run(SPEECH, {"prompt": "The fox sleeps."})["audio"]["content_type"] == "audio/wav"
    assert [request.surface for request in speccast_emulator.journal(model=SPEECH)] == ["sync"]
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        client.run(FLUX, {**FOX, "num_images": 9})
    assert caught.value.status_code == 422


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


def test_a_file_is_uploaded_to_storage(
    client: Any, trusted: Emulator, read: Callable[[str], Image.Image], resolve: Resolver
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(picture, "PNG")
    url = client.upload(picture.getvalue(), "image/png", "fox.png", repository="fal")
    assert url.startswith(f"https://{REST}/")
    assert read(url).size == (3, 2)
    assert [request.surface for request in trusted.journal()][:2] == ["upload", "upload"]
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal_client.SyncClient(key="a-wrong-key").upload(b"x", "image/png", repository="fal")
    assert caught.value.status_code == 401


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
    resolve(RUN, QUEUE)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal_client.SyncClient(key=key).submit(model, FOX)
    assert caught.value.status_code == status


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, resolve: Resolver, client_of: Callable[[str], Any]
) -> None:
    resolve(RUN, QUEUE)
    package, client_class = client_of("fal")
    model = client_class(KEY).fal_ai_flux_1_schnell
    assert len(model.generate(**FOX, num_images=2).outputs) == 2
    job = model.submit(**FOX, num_images=2)
    assert len(job.wait(interval=0.01)["images"]) == 2
    model.submit(**FOX).cancel()
    speccast_emulator.fault("job-failed=Out of memory;times=1")
    with pytest.raises(package.JobFailedError, match="Out of memory"):
        model.submit(**FOX).wait(interval=0.01)
    with pytest.raises(package.UnprocessableEntityError, match="num_images"):
        model.submit(**FOX, num_images=9, validate=False)


@pytest.mark.parametrize("gives_origin", [False, True])
def test_the_generated_client_reaches_both_hosts(
    speccast_emulator: Emulator, resolve: Resolver, client_of: Callable[[str], Any], gives_origin: bool
) -> None:
    resolve(RUN, QUEUE)
    _, client_class = client_of("fal")
    model = client_class(KEY, base_url=speccast_emulator.url if gives_origin else None).fal_ai_flux_1_schnell
    model.generate(**FOX)
    model.submit(**FOX)
    hosts = [
        (each.headers["host"], each.headers.get("x-forwarded-host")) for each in speccast_emulator.journal()
    ]
    own = speccast_emulator.url.partition("://")[2]
    assert hosts == ([(own, None), (own, QUEUE)] if gives_origin else [(RUN, None), (QUEUE, None)])
    assert [each.surface for each in speccast_emulator.journal()] == ["sync", "submit"]
