"""Segmind's old SDK, which sends numbers as texts. The current one is tested in `tests/end_to_end/test_vendor_sdk.py`.

Its address is fixed, except that of `T2I`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools.judges.sdks.apis import KEY, SEGMIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.testing import Emulator
    from tools.judges.sdks.conftest import Resolver

HOST = "api.segmind.com"

pytestmark = pytest.mark.speccast(SEGMIND, key=KEY, lenient=True, tls=True, url=f"https://{HOST}")


@pytest.fixture(scope="module")
def sdk() -> Iterator[Any]:
    """The old SDK, imported in place of the current one."""
    current = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "segmind"
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(sys.prefix) / "segmind-0.2.3")
        yield importlib.import_module("segmind")
    for name in [name for name in sys.modules if name.partition(".")[0] == "segmind"]:
        del sys.modules[name]
    sys.modules.update(current)


def test_a_model_returns_a_picture(
    sdk: Any, resolve: Resolver, speccast_emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    resolve(HOST)
    assert sdk.SD2_1(KEY).generate("a red fox").format == "JPEG"
    assert "credits remaining" in capsys.readouterr().out
    [request] = speccast_emulator.journal()
    assert request.body["samples"] == "1"


def test_a_model_by_its_address_returns_a_picture_and_unknown_names_are_ignored(
    sdk: Any, resolve: Resolver, speccast_emulator: Emulator
) -> None:
    url = f"{speccast_emulator.url}/v1/sd2.1-txt2img"
    assert sdk.T2I.T2I(url, KEY).generate("a red fox", scheduler="DDIM").size == (1024, 1024)
    [request] = speccast_emulator.journal()
    assert "strength" in request.body


@pytest.mark.parametrize(
    ("key", "options", "status"),
    [("a-wrong-key", {}, 401), (KEY, {"samples": 11}, 400), (KEY, {"num_inference_steps": "many"}, 400)],
)
def test_errors_have_their_status(
    sdk: Any, resolve: Resolver, key: str, options: dict[str, Any], status: int
) -> None:
    resolve(HOST)
    with pytest.raises(Exception, match=f"^Error: {status}$"):
        sdk.SD2_1(key).generate("a red fox", **options)


def test_a_failure_of_the_model_is_an_error(sdk: Any, resolve: Resolver, speccast_emulator: Emulator) -> None:
    resolve(HOST)
    speccast_emulator.fault("status=500")
    with pytest.raises(Exception, match=r"^Error: 500$"):
        sdk.SD2_1(KEY).generate("a red fox")
