"""Files of jobs: in the journal, with separate faults, whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def url(studio: httpx2.Client) -> Iterator[str]:
    """The address of a file, in an emulator in its initial state."""
    studio.post("/_emulator/reset").raise_for_status()
    job = studio.post("/v2/painter-1.5", json={"prompt": "a", "seed": 1}).json()
    found: str = studio.get(job["response_url"]).json()["output"]
    studio.delete("/_emulator/journal").raise_for_status()
    yield found
    studio.post("/_emulator/reset").raise_for_status()


def arm(studio: httpx2.Client, *faults: str) -> None:
    studio.post("/_emulator/faults", json=list(faults)).raise_for_status()


def test_a_download_is_in_the_journal(studio: httpx2.Client, url: str) -> None:
    content = httpx2.get(url).content
    httpx2.get(f"{url}x")
    found, unknown = studio.get("/_emulator/journal").json()["requests"]
    assert (found["surface"], found["model"], found["status"]) == ("output", "painter-1.5", 200)
    assert found["response"] == f"image/jpeg, {len(content)} bytes"
    assert (unknown["surface"], unknown["status"]) == ("output", 404)


def test_a_status_can_replace_a_download(studio: httpx2.Client, url: str) -> None:
    arm(studio, "status=503;surface=output;retry-after=1;times=1")
    refused = httpx2.get(url)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert httpx2.get(url).status_code == 200
    [first, _] = studio.get("/_emulator/journal").json()["requests"]
    assert first["faults"] == ["status=503;surface=output;retry-after=1;times=1"]


@pytest.mark.parametrize("fault", ["truncate", "reset", "reset=after"])
def test_a_download_can_break(studio: httpx2.Client, url: str, fault: str) -> None:
    arm(studio, f"{fault};surface=output;model=painter-1.5;times=1")
    with pytest.raises(httpx2.TransportError):
        httpx2.get(url)
    assert httpx2.get(url).status_code == 200


def test_a_download_can_be_late(studio: httpx2.Client, url: str) -> None:
    arm(studio, "latency=5;surface=output")
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.get(url, timeout=0.2)


def test_a_fault_of_the_api_does_not_reach_downloads_if_it_says_so(studio: httpx2.Client, url: str) -> None:
    arm(studio, "status=500;surface=result")
    assert httpx2.get(url).status_code == 200
    response = studio.post("/_emulator/faults", json=["malformed-json;surface=output"])
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=10-10", 10, 11),
        ("bytes=5-99999999", 5, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_range_of_a_file_can_be_requested(url: str, header: str, first: int, last: int | None) -> None:
    whole = httpx2.get(url)
    part = httpx2.get(url, headers={"range": header})
    assert part.status_code == 206
    assert part.content == whole.content[first:last]
    size = len(whole.content)
    first = first if first >= 0 else size + first
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.content) - 1}/{size}"
    assert whole.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=-0", "bytes=99999999-99999999"])
def test_a_range_outside_of_the_file_gets_416(url: str, header: str) -> None:
    refused = httpx2.get(url, headers={"range": header})
    size = len(httpx2.get(url).content)
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("header", ["bytes=-", "bytes=9-5", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", ""])
def test_other_ranges_are_ignored(url: str, header: str) -> None:
    assert httpx2.get(url, headers={"range": header}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [("{}", 304), ("W/{}", 304), ('"a", {}', 304), ("*", 304), ('"other"', 200), ("", 200)],
)
def test_a_file_that_the_client_has_is_not_sent_again(url: str, sent: str, status: int) -> None:
    tag = httpx2.get(url).headers["etag"]
    response = httpx2.get(url, headers={"if-none-match": sent.format(tag), "range": "bytes=0-"})
    assert response.status_code == (206 if status == 200 else status)
    assert (response.headers["etag"], not response.content) == (tag, status == 304)


def test_a_range_of_another_version_of_the_file_is_the_whole_file(url: str) -> None:
    tag = httpx2.get(url).headers["etag"]
    for sent, status in ((tag, 206), ('"other"', 200)):
        assert httpx2.get(url, headers={"range": "bytes=0-1", "if-range": sent}).status_code == status


def test_the_size_can_be_requested_without_the_file(url: str) -> None:
    head = httpx2.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(httpx2.get(url).content))
    refused = httpx2.post(url)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
