"""Black Forest Labs, which has no SDK: requests as its documentation shows them, with httpx.

The documentation tells to poll the `polling_url` of the response every half a second.
"""

from __future__ import annotations

import base64
import io
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "bfl", key=KEY, progress="polls:2")

HEADERS = {"accept": "application/json", "x-key": KEY, "Content-Type": "application/json"}
FINAL = ("Ready", "Error", "Failed", "Request Moderated", "Content Moderated")


def picture_in_base64() -> str:
    """Return a small picture as `input_image` takes it."""
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def submit(api: Emulator, model: str = "flux-pro-1.1", **parameters: Any) -> httpx.Response:
    return httpx.post(f"{api.url}/v1/{model}", headers=HEADERS, json={"prompt": "a red fox", **parameters})


def wait(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Poll as the documentation does, and return all responses."""
    results: list[dict[str, Any]] = []
    while not results or results[-1]["status"] not in FINAL:
        response = httpx.get(request["polling_url"], headers=HEADERS, params={"id": request["id"]})
        results.append(response.raise_for_status().json())
        time.sleep(0.01)
    return results


@pytest.mark.parametrize(
    ("model", "options", "size", "kind"),
    [
        ("flux-pro-1.1", {"width": 1024, "height": 768}, (1024, 768), "JPEG"),
        ("flux-dev", {"width": 512, "height": 256, "output_format": "png", "seed": 42}, (512, 256), "PNG"),
        (
            "flux-kontext-pro",
            {"aspect_ratio": "1:1", "input_image": picture_in_base64()},
            (1024, 1024),
            "PNG",
        ),
    ],
)
def test_a_picture_is_ready_after_some_polls(
    speccast_emulator: Emulator, model: str, options: dict[str, Any], size: tuple[int, int], kind: str
) -> None:
    request = submit(speccast_emulator, model, **options).json()
    assert set(request) == {"id", "polling_url"}
    results = wait(request)
    assert [result["status"] for result in results] == ["Pending", "Pending", "Ready"]
    assert {result["id"] for result in results} == {request["id"]}
    assert [result["result"] for result in results[:2]] == [None, None]
    picture = Image.open(io.BytesIO(httpx.get(results[-1]["result"]["sample"]).content))
    assert (picture.size, picture.format) == (size, kind)


def test_the_id_alone_is_enough_to_poll(speccast_emulator: Emulator) -> None:
    request = submit(speccast_emulator).json()
    url = f"{speccast_emulator.url}/v1/get_result"
    assert httpx.get(url, headers=HEADERS, params={"id": request["id"]}).json()["status"] == "Pending"


def test_a_job_that_fails_ends_with_error(speccast_emulator: Emulator) -> None:
    speccast_emulator.fault("job-failed=Out of memory")
    result = wait(submit(speccast_emulator).json())[-1]
    assert (result["status"], result["result"]) == ("Error", None)
    assert "Out of memory" in str(result["details"])


def test_invalid_parameters_are_listed_as_fastapi_does(speccast_emulator: Emulator) -> None:
    response = submit(speccast_emulator, width=1000)
    assert response.status_code == 422
    [problem] = response.json()["detail"]
    assert problem["loc"] == ["body", "width"]
    assert "32" in problem["msg"]
    assert isinstance(problem["type"], str)


def test_a_text_that_is_not_a_picture_is_refused(speccast_emulator: Emulator) -> None:
    text = base64.b64encode(b"hello").decode()
    response = submit(speccast_emulator, "flux-kontext-pro", input_image=text)
    assert response.status_code == 422
    [problem] = response.json()["detail"]
    assert problem["loc"] == ["body", "input_image"]


@pytest.mark.parametrize(
    ("fault", "key", "status"),
    [("", "a-wrong-key", 403), ("status=402", KEY, 402), ("status=429", KEY, 429), ("status=503", KEY, 503)],
)
def test_other_errors_have_a_text(speccast_emulator: Emulator, fault: str, key: str, status: int) -> None:
    if fault:
        speccast_emulator.fault(fault)
    response = httpx.post(
        f"{speccast_emulator.url}/v1/flux-dev", headers={**HEADERS, "x-key": key}, json={"prompt": "a"}
    )
    assert response.status_code == status
    assert isinstance(response.json()["detail"], str)


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, client_of: Callable[[str], Any]
) -> None:
    bfl, client_class = client_of("bfl")
    client = client_class(KEY, base_url=speccast_emulator.url)
    job = client.flux_pro_1_1.submit(prompt="a red fox", width=1024, height=768)
    assert job.status()["status"] == "Pending"
    result = job.wait(interval=0.01)
    assert result["status"] == "Ready"
    assert result.output.startswith(speccast_emulator.url)
    speccast_emulator.fault("job-failed=Out of memory")
    with pytest.raises(bfl.JobFailedError, match="Out of memory"):
        client.flux_dev.submit(prompt="a red fox").wait(interval=0.01)
    with pytest.raises(bfl.UnprocessableEntityError, match="width") as caught:
        client.with_options(validate=False).flux_dev.submit(prompt="a", width=1000)
    assert caught.value.status == 422
    with pytest.raises(bfl.PermissionDeniedError):
        client_class("a-wrong-key", base_url=speccast_emulator.url).flux_dev.submit(prompt="a")
