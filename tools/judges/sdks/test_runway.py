"""The SDK of Runway. Its pauses between polls, six seconds, are set to none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import runwayml
from PIL import Image
from runwayml.lib import polling

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "runway", key=KEY, progress="polls:2")

FOX = "https://example.com/fox.png"


@pytest.fixture
def client(speccast_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(polling, "POLL_TIME", 0)
    monkeypatch.setattr(polling, "POLL_JITTER", 0)
    return runwayml.RunwayML(api_key=KEY, base_url=speccast_emulator.url, max_retries=0)


def film(client: Any) -> Any:
    return client.image_to_video.create(
        model="gen4_turbo", prompt_image=FOX, prompt_text="The fox runs", ratio="1280:720", duration=5
    )


def test_a_film_is_there_after_some_polls(client: Any) -> None:
    task = film(client).wait_for_task_output()
    assert task.status == "SUCCEEDED"
    [url] = task.output
    assert httpx.get(url).headers["content-type"] == "video/mp4"


def test_a_picture_is_there_after_some_polls(client: Any) -> None:
    task = client.text_to_image.create(
        model="gen4_image", prompt_text="a red fox", ratio="1920:1080", seed=7
    ).wait_for_task_output()
    [url] = task.output
    assert Image.open(io.BytesIO(httpx.get(url).content)).size == (1920, 1080)


def test_a_file_is_uploaded_by_the_form_of_the_answer(client: Any, speccast_emulator: Emulator) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(picture, "PNG")
    uploaded = client.uploads.create_ephemeral(file=("fox.png", picture.getvalue()))
    assert Image.open(io.BytesIO(httpx.get(uploaded.uri).content)).size == (3, 2)
    assert [request.surface for request in speccast_emulator.journal()][:2] == ["upload", "upload"]
    task = client.image_to_video.create(
        model="gen4_turbo",
        prompt_image=uploaded.uri,
        prompt_text="The fox runs",
        ratio="1280:720",
        duration=5,
    )
    assert task.wait_for_task_output().status == "SUCCEEDED"


def test_a_task_passes_through_its_states(client: Any) -> None:
    created = film(client)
    tasks: list[Any] = []
    while not tasks or tasks[-1].status != "SUCCEEDED":
        tasks.append(client.tasks.retrieve(created.id))
    assert tasks[0].status in ("PENDING", "THROTTLED")
    assert {task.status for task in tasks} <= {"PENDING", "THROTTLED", "RUNNING", "SUCCEEDED"}
    assert {task.id for task in tasks} == {created.id}
    assert tasks[-1].created_at.year > 2000


def test_a_task_can_be_canceled(client: Any) -> None:
    created = film(client)
    client.tasks.delete(created.id)
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(created.id)


def test_a_failure_of_the_model_is_an_error(client: Any, speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("job-failed=Out of memory")
    with pytest.raises(polling.TaskFailedError) as caught:
        film(client).wait_for_task_output()
    assert caught.value.task_details.failure == "Out of memory"


def test_invalid_parameters_are_a_bad_request(client: Any) -> None:
    with pytest.raises(runwayml.BadRequestError) as caught:
        client.image_to_video.create(model="gen4_turbo", prompt_image=FOX, ratio="1:1", duration=5)
    assert "ratio" in str(caught.value.body)


@pytest.mark.parametrize(
    ("key", "version", "error"),
    [
        ("a-wrong-key", "2024-11-06", runwayml.AuthenticationError),
        (KEY, "1999-01-01", runwayml.BadRequestError),
    ],
)
def test_other_errors_are_their_classes(
    speccast_emulator: Emulator, key: str, version: str, error: type[Exception]
) -> None:
    client = runwayml.RunwayML(
        api_key=key, base_url=speccast_emulator.url, max_retries=0, runway_version=version
    )
    with pytest.raises(error):
        film(client)


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, client_of: Callable[[str], Any]
) -> None:
    package, client_class = client_of("runway")
    client = client_class(KEY, base_url=speccast_emulator.url)
    options: Any = {"promptImage": FOX, "ratio": "1280:720", "duration": 5}
    result = client.submit_async("gen4_turbo", **options).wait(interval=0.01)
    assert result["status"] == "SUCCEEDED"
    assert result.output[0].startswith(speccast_emulator.url)
    client.submit_async("gen4_turbo", **options).cancel()
    speccast_emulator.fault("job-failed=Out of memory")
    with pytest.raises(package.JobFailedError, match="Out of memory"):
        client.submit_async("gen4_turbo", **options).wait(interval=0.01)
    with pytest.raises(package.BadRequestError, match="ratio"):
        client.with_options(validate=False).submit_async("gen4_turbo", **{**options, "ratio": "1:1"})
