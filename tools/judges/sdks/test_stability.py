"""Stability AI v2beta, whose SDK does not cover it: requests as its documentation shows them, with requests."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from tools.judges.sdks.apis import EXAMPLES, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.testing import Emulator

pytestmark = pytest.mark.speccast(EXAMPLES / "stability", key=KEY)

CORE = "/v2beta/stable-image/generate/core"
UPSCALE = "/v2beta/stable-image/upscale/conservative"


@pytest.fixture
def picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(content, "PNG")
    content.seek(0)
    return content


def post(api: Emulator, path: str, *, accept: str = "image/*", key: str = KEY, **options: Any) -> Any:
    headers = {"authorization": f"Bearer {key}", "accept": accept}
    return requests.post(f"{api.url}{path}", headers=headers, timeout=10, **options)


def test_a_picture_comes_as_bytes(speccast_emulator: Emulator) -> None:
    # The documentation sends an empty file, so that the request is multipart.
    data = {"prompt": "a red fox", "output_format": "webp"}
    response = post(speccast_emulator, CORE, files={"none": ""}, data=data)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(response.content)).format == "WEBP"


def test_a_picture_is_sent_as_a_file(speccast_emulator: Emulator, picture: io.BytesIO) -> None:
    response = post(
        speccast_emulator, UPSCALE, files={"image": picture}, data={"prompt": "a red fox", "creativity": 0.3}
    )
    assert response.status_code == 200, response.text
    assert Image.open(io.BytesIO(response.content)).format == "PNG"


@pytest.mark.parametrize(
    ("path", "data", "name"),
    [
        (CORE, {"prompt": "a", "aspect_ratio": "1:7"}, "aspect_ratio"),
        (CORE, {"prompt": "a", "seed": -1}, "seed"),
        (UPSCALE, {"prompt": "a"}, "image"),
    ],
)
def test_invalid_parameters_are_named(
    speccast_emulator: Emulator, path: str, data: dict[str, Any], name: str
) -> None:
    response = post(speccast_emulator, path, files={"none": ""}, data=data)
    assert response.status_code == 400
    error = response.json()
    assert set(error) == {"id", "name", "errors"}
    assert name in " ".join(error["errors"])


@pytest.mark.parametrize(("fault", "key", "status"), [("", "wrong", 401), ("status=429", KEY, 429)])
def test_other_errors_have_the_same_shape(
    speccast_emulator: Emulator, fault: str, key: str, status: int
) -> None:
    if fault:
        speccast_emulator.fault(fault)
    response = post(speccast_emulator, CORE, key=key, files={"none": ""}, data={"prompt": "a"})
    assert response.status_code == status
    assert set(response.json()) == {"id", "name", "errors"}


def test_the_generated_client_does_the_same(
    speccast_emulator: Emulator, client_of: Callable[[str], Any], picture: io.BytesIO
) -> None:
    package, client_class = client_of("stability")
    client = client_class(KEY, base_url=speccast_emulator.url)
    assert client.run_sync("core", prompt="a red fox").content_type == "image/png"
    assert client.run_sync("conservative", prompt="a red fox", image=picture).content_type == "image/png"
    with pytest.raises(package.BadRequestError, match="aspect_ratio"):
        client.with_options(validate=False).run_sync("core", prompt="a", aspect_ratio="1:7")
