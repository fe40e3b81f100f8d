"""Calls and submits with the same path on different hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.emulator.conftest import Start

RUN, QUEUE = "run.studio.example", "queue.studio.example:8443"
NAMES = frozenset({RUN, "queue.studio.example"})


@pytest.fixture(scope="module")
def surface_of(start: Start, studio_api: dict[str, Any], spec_of: Any) -> Iterator[Callable[..., str]]:
    """The surface that gets a POST with some headers, in an API whose surfaces have these origins."""
    with start(
        spec_of("fox", {}),
        spec_of("owl", {}, surfaces=["async"]),
        api=studio_api
        | {
            "base_url": f"https://{RUN}",
            "sync": {"path": "/{slug}"},
            "async": {**studio_api["async"], "base_url": f"https://{QUEUE}", "submit": "/{slug}"},
        },
        settings=EmulatorSettings(hosts=NAMES),
    ) as client:

        def surface(slug: str = "fox", **headers: str) -> str:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            response = client.post(f"/{slug}", json={}, headers=named)
            assert response.is_success, response.text
            return str(client.get("/_emulator/journal").json()["requests"][-1]["surface"])

        yield surface


@pytest.mark.parametrize(
    ("headers", "surface"),
    [
        ({}, "sync"),
        ({"host": RUN}, "sync"),
        ({"host": f"{RUN}:443"}, "sync"),
        ({"host": QUEUE}, "submit"),
        ({"host": QUEUE.upper()}, "submit"),
        ({"host": "queue.studio.example"}, "submit"),
        ({"host": "queue.studio.example:1"}, "submit"),
        ({"x_forwarded_host": QUEUE}, "submit"),
        ({"x_forwarded_host": RUN}, "sync"),
        ({"x_forwarded_host": "other.example"}, "sync"),
        ({"host": RUN, "x_forwarded_host": QUEUE}, "sync"),
        ({"host": QUEUE, "x_forwarded_host": RUN}, "submit"),
    ],
)
def test_the_host_decides(surface_of: Callable[..., str], headers: dict[str, str], surface: str) -> None:
    assert surface_of(**headers) == surface


@pytest.mark.parametrize("headers", [{}, {"host": RUN}, {"host": QUEUE}, {"x_forwarded_host": RUN}])
def test_hosts_do_not_matter_for_other_paths(surface_of: Callable[..., str], headers: dict[str, str]) -> None:
    assert surface_of("owl", **headers) == "submit"


def test_without_a_known_host_the_surface_at_the_origin_of_the_api_is_meant(
    start: Start, studio_api: dict[str, Any], spec_of: Any
) -> None:
    api = studio_api | {
        "sync": {"path": "/{slug}", "base_url": f"https://{RUN}"},
        "async": {**studio_api["async"], "submit": "/{slug}"},
    }
    with start(spec_of("fox", {}), api=api) as client:
        assert "request_id" in client.post("/fox", json={}).json()
        forwarded = client.post("/fox", json={}, headers={"x-forwarded-host": RUN})
        assert forwarded.headers["content-type"] == "image/jpeg"
