"""Records of requests: in saved files, beside them, and read from hostile ones."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import pickle
import random
import stat
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acme_client import RecordError
from acme_client._api import API
from acme_client._runtime.containers import with_text
from acme_client._runtime.errors import OutputError
from acme_client._runtime.record import SIDECAR, find_record, read_record
from acme_client.client import Acme
from acme_support.adapter import KEY
from acme_support.server import Reply
from PIL import Image

from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

HEADERS = {"x-request-id": "r-1", "x-cost": "0.25", "x-seed": "7"}


def picture(kind: str, **options: Any) -> bytes:
    """Return a picture with noise, so that a lossy step would change it."""
    image = Image.frombytes("RGBA", (9, 7), random.Random(1).randbytes(9 * 7 * 4))
    file = BytesIO()
    (image if kind != "JPEG" else image.convert("RGB")).save(file, kind, **options)
    return file.getvalue()


EXIF = Image.Exif()
EXIF[0x010E] = "A fox"
PICTURES = {
    "png": picture("PNG"),
    "jpg": picture("JPEG"),
    "jpg-exif": picture("JPEG", exif=EXIF),
    "webp": picture("WEBP"),
    "webp-lossless": picture("WEBP", lossless=True),
    "webp-animated": picture("WEBP", save_all=True, append_images=[Image.new("RGBA", (9, 7))], duration=9),
    "webp-exif": picture("WEBP", exif=EXIF),
}


def frames(content: bytes) -> list[bytes]:
    """Return the pixels of all frames, and what they mean."""
    image = Image.open(BytesIO(content))
    found: list[bytes] = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        found.append(f"{image.format} {image.mode} {image.size}".encode() + image.tobytes())
    return found


def generate(acme: Any, server: Any, content: bytes, **parameters: Any) -> Any:
    server.on("/v1/fox-1.5", Reply(body=content, headers=HEADERS))
    return acme.run(acme.client().fox_1_5.generate(**{"prompt": "a fox", "validate": False, **parameters}))


@pytest.fixture
def saved(acme: Any, server: Any, tmp_path: Path) -> Callable[..., Path]:
    """Saves content with the record of its request."""

    def save(content: bytes, name: str = "fox", **parameters: Any) -> Path:
        [path] = acme.run(generate(acme, server, content, **parameters).save(tmp_path / name, embed=True))
        return Path(path)

    return save


def save_stream(acme: Any, stream: Any, path: Path, **options: Any) -> Path:
    """Save a stream with the record of its request."""
    if not acme.is_async:
        with stream as opened:
            [saved] = opened.save(path, embed=True, **options)
        return Path(saved)

    async def awaited() -> Path:
        async with stream as opened:
            [saved] = await opened.save(path, embed=True, **options)
        return Path(saved)

    found: Path = acme.run(awaited())
    return found


@pytest.mark.parametrize(
    ("content", "beside"), [(picture("PNG"), False), (b"\0\0\0\x18ftypmp42" + bytes(300_000), True)]
)
def test_a_stream_has_the_record_of_its_call(
    acme: Any, server: Any, tmp_path: Path, content: bytes, beside: bool
) -> None:
    server.on("/v1/fox-1.5", Reply(body=content, headers=HEADERS))
    stream = acme.client().fox_1_5.stream(prompt="a fox", validate=False)
    path = save_stream(acme, stream, tmp_path / "fox")
    record = read_record(path)
    assert (record.model, record.seed, record.cost, record.request_id) == ("fox-1.5", 7, 0.25, "r-1")
    assert (record.parameters, record.surface) == ({"prompt": "a fox"}, "sync")
    assert (tmp_path / f"{path.name}{SIDECAR}").exists() == beside
    assert len(server.requests) == 1
    assert len(list(tmp_path.iterdir())) == 1 + beside
    again = acme.client().fox_1_5.stream(prompt="a fox", validate=False)
    with pytest.raises(OutputError, match="already exists"):
        save_stream(acme, again, path, overwrite=False)


def test_streams_of_results_have_the_record_of_their_call(acme: Any, server: Any, tmp_path: Path) -> None:
    text = base64.b64encode(picture("PNG")).decode()
    server.on("/v1/fox-1.5", Reply(body={"image": text}, headers=HEADERS))
    client = acme.client()
    in_json = client.fox_1_5.stream(prompt="a fox")
    result = acme.run(client.fox_1_5.generate(prompt="a fox"))
    for name, stream in (("a", in_json), ("b", result.stream()), ("c", result.outputs[0].stream())):
        record = read_record(save_stream(acme, stream, tmp_path / name))
        assert (record.model, record.seed, record.cost) == ("fox-1.5", 7, 0.25)


def test_a_stream_without_a_known_request_has_no_record(acme: Any, server: Any, tmp_path: Path) -> None:
    result = generate(acme, server, picture("PNG"))
    output = pickle.loads(pickle.dumps(result.outputs[0]))
    with pytest.raises(OutputError, match="the request of this result is not known"):
        save_stream(acme, output.stream(), tmp_path / "fox")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_a_record_can_still_be_saved(acme: Any, server: Any, tmp_path: Path) -> None:
    output = pickle.loads(pickle.dumps(generate(acme, server, picture("PNG")).outputs[0]))
    stream = output.stream()

    async def save_async() -> None:
        async with stream:
            with pytest.raises(OutputError):
                await stream.save(tmp_path / "fox", embed=True)
            await stream.save(tmp_path / "fox")

    if acme.is_async:
        acme.run(save_async())
    else:
        with stream:
            with pytest.raises(OutputError):
                stream.save(tmp_path / "fox", embed=True)
            stream.save(tmp_path / "fox")
    assert [path.name for path in tmp_path.iterdir()] == ["fox.png"]


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_has_the_record_and_the_same_pixels(saved: Any, kind: str, tmp_path: Path) -> None:
    path = saved(PICTURES[kind], prompt='a "fox" & <a hare>\n\x07 狐')
    record = read_record(path)
    assert (record.model, record.seed, record.cost, record.request_id) == ("fox-1.5", 7, 0.25, "r-1")
    assert record.parameters["prompt"] == 'a "fox" & <a hare>\n\x07 狐'
    assert (record.api, record.package, record.version, record.surface) == (
        "acme",
        "acme-client",
        "1.2.3",
        "sync",
    )
    assert frames(path.read_bytes()) == frames(PICTURES[kind])
    assert [*tmp_path.iterdir()] == [path]
    assert Image.open(path).getexif() == Image.open(BytesIO(PICTURES[kind])).getexif()


def test_other_readers_find_the_record(saved: Any) -> None:
    text = Image.open(saved(PICTURES["png"])).info["speccast.record"]
    assert json.loads(text)["model"] == "fox-1.5"
    for kind in ("jpg", "webp", "webp-lossless"):
        assert b"speccast:record" in Image.open(saved(PICTURES[kind])).info["xmp"]


def test_without_embed_a_file_is_what_the_api_sent(acme: Any, server: Any, tmp_path: Path) -> None:
    [path] = acme.run(generate(acme, server, PICTURES["png"]).save(tmp_path))
    assert path.read_bytes() == PICTURES["png"]
    with pytest.raises(RecordError, match="has no record of its request"):
        read_record(path)


WITHOUT_ROOM = {
    "film": b"\x00\x00\x00\x18ftypmp42" + bytes(100),
    "jpeg-with-xmp": picture("JPEG", xmp=b"<x:xmpmeta/>"),
    "webp-with-xmp": picture("WEBP", xmp=b"<x:xmpmeta/>"),
    "damaged-jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "damaged-webp": PICTURES["webp"][:20],
    "damaged-png": PICTURES["png"][:20],
}


@pytest.mark.parametrize("kind", WITHOUT_ROOM)
def test_other_files_have_the_record_beside_them(saved: Any, kind: str, tmp_path: Path) -> None:
    path = saved(WITHOUT_ROOM[kind])
    assert path.read_bytes() == WITHOUT_ROOM[kind]
    beside = path.with_name(path.name + SIDECAR)
    assert sorted(tmp_path.iterdir()) == sorted([path, beside])
    assert read_record(path) == read_record(beside)
    path.write_bytes(b"other")
    with pytest.raises(RecordError, match="is about another file"):
        read_record(path)


def test_a_record_too_long_for_a_jpeg_is_beside_it(saved: Any) -> None:
    path = saved(PICTURES["jpg"], extra_body={"note": "fox " * 20_000})
    assert path.read_bytes() == PICTURES["jpg"]
    assert read_record(path).parameters["note"] == "fox " * 20_000


def test_a_generated_name_never_replaces_a_json_file(saved: Any, tmp_path: Path) -> None:
    (tmp_path / "fox.mp4.json").write_text("mine")
    assert saved(WITHOUT_ROOM["film"]).name == "fox-1.mp4"
    assert (tmp_path / "fox.mp4.json").read_text() == "mine"
    assert saved(WITHOUT_ROOM["film"], "fox.mp4").name == "fox.mp4"
    assert read_record(tmp_path / "fox.mp4").model == "fox-1.5"


def test_a_file_that_is_replaced_keeps_its_permissions(saved: Any, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(b"old")
    path.chmod(0o600)
    saved(PICTURES["png"], "fox.png")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert frames(path.read_bytes()) == frames(PICTURES["png"])


def test_a_download_of_a_job_has_the_record(acme: Any, server: Any, tmp_path: Path) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    server.on("/v2/requests/j-1/status", Reply(body={"status": "COMPLETED"}))
    output = [f"{server.url}/out/{number}.png" for number in (1, 2)]
    result = {"status": "COMPLETED", "output": output, "metrics": {"cost": 0.5}}
    server.on("/v2/requests/j-1", Reply(body=result, headers={"x-seed": "9"}))
    for number in (1, 2):
        server.on(f"/out/{number}.png", Reply(body=PICTURES["png"], headers={"content-type": "image/png"}))
    client = acme.client()
    job = acme.run(client.fox_1_5.submit(prompt="a fox"))
    paths = acme.run(acme.run(job.wait()).save(tmp_path, embed=True))
    assert [path.name for path in paths] == ["fox-1.5-1.png", "fox-1.5-2.png"]
    for path in paths:
        record = read_record(path)
        assert (record.surface, record.seed, record.cost, record.request_id) == ("async", 9, 0.5, "j-1")
        assert frames(path.read_bytes()) == frames(PICTURES["png"])
    resumed = acme.run(client.job("j-1").result())
    with pytest.raises(OutputError, match="the request of this result is not known"):
        acme.run(resumed.save(tmp_path, embed=True))


def test_a_copy_knows_its_request_but_no_client(acme: Any, server: Any, tmp_path: Path) -> None:
    result = pickle.loads(pickle.dumps(generate(acme, server, PICTURES["png"])))
    with pytest.raises(OutputError, match="a copy without a client"):
        acme.run(result.save(tmp_path, embed=True))


def test_a_record_has_neither_the_key_nor_the_content_of_inputs(saved: Any) -> None:
    content = PICTURES["png"]
    text = base64.b64encode(content).decode()
    path = saved(
        PICTURES["jpg"],
        prompt=f"say {KEY}",
        extra_body={
            "image": text,
            "images": [f"data:image/png;base64,{text}", "https://files.test/fox.png?signature=1"],
            "nested": {
                "raw": base64.b64encode(bytes(300)).decode(),
                "words": "x" * 300,
                "prose": "red fox " * 100,
                "names": "foxx\n" * 100,
            },
            "tiny": "data:,fox",
        },
        extra_headers={"x-team": "secret-header"},
    )
    data = path.read_bytes()
    for secret in (KEY.encode(), b"secret-header", text.encode()[:60], content[:60]):
        assert secret not in data
    parameters = read_record(path).parameters
    image = parameters["image"]["$content"]
    assert (image["media_type"], image["size"]) == ("image/png", len(content))
    assert len(image["sha256"]) == 64
    assert parameters["images"] == [{"$content": image}, "https://files.test/fox.png?signature=1"]
    assert parameters["nested"]["raw"]["$content"]["size"] == 300
    assert parameters["nested"]["words"]["$content"]["size"] == 225
    assert parameters["nested"]["prose"] == "red fox " * 100
    assert parameters["nested"]["names"] == "foxx\n" * 100
    assert parameters["tiny"]["$content"]["size"] == 3


def test_a_file_is_described_by_what_was_sent(acme: Any, server: Any, tmp_path: Path) -> None:
    server.on("/v1/scan", Reply(body=PICTURES["png"], headers=HEADERS))
    (tmp_path / "in.png").write_bytes(PICTURES["png"])
    result = acme.run(acme.client().scan.generate(image=tmp_path / "in.png"))
    (tmp_path / "in.png").write_bytes(b"changed")
    [path] = acme.run(result.save(tmp_path / "out.png", embed=True))
    from hashlib import sha256

    assert read_record(path).parameters["image"] == {
        "$content": {
            "name": "in.png",
            "media_type": "image/png",
            "size": len(PICTURES["png"]),
            "sha256": sha256(PICTURES["png"]).hexdigest(),
        }
    }


def chunk(kind: bytes, data: bytes) -> bytes:
    content = kind + data
    return len(data).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")


def png_with(kind: bytes, data: bytes) -> bytes:
    return PICTURES["png"][:33] + chunk(kind, data) + PICTURES["png"][33:]


VALID = {
    "speccast_record": 1, "model": "fox-1.5", "parameters": {"prompt": "x"}, "surface": "sync", "time": "2026-01-01T00:00:00Z",
    "api": "acme", "package": "acme-client", "version": "1.2.3", "spec": "0",
}  # fmt: skip
NAME = b"speccast.record\x00"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"api": "harmonia", "package": "harmonia.client"}, "record of the API harmonia, made by harmonia.client"),
        ({"package": "other-client"}, "made by other-client; this is acme-client"),
        ({"speccast_record": 2}, "a record in version 2 of the format; this package reads 1"),
        ({"speccast_record": "x" * 99}, "a record in version 'xxx"),
        ({"speccast_record": True}, "a record in version True"),
        ({"model": None}, "damaged record: model is not text"),
        ({"parameters": []}, "damaged record: parameters is not an object"),
        ({"parameters": json.loads("[" * 99 + "]" * 99)}, "damaged record: parameters is not an object"),
        ({"parameters": {"a": json.loads("[" * 99 + "]" * 99)}}, "parameters is nested too deeply"),
        ({"seed": 1.5}, "seed is neither an integer nor text"),
        ({"seed": True}, "seed is neither an integer nor text"),
        ({"cost": "1"}, "cost is not a finite number"),
        ({"cost": float("nan")}, "other data where one would be"),
        ({"request_id": 1}, "request_id is not text"),
        ({"model": "\ud800"}, "other data where one would be"),
    ],
)  # fmt: skip
def test_a_wrong_record_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "fox.png"
    text = json.dumps({**VALID, **changes})
    path.write_bytes(png_with(b"iTXt", NAME + b"\x00" * 4 + text.encode()))
    with pytest.raises(RecordError) as caught:
        read_record(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


BOMB = zlib.compress(json.dumps({**VALID, "parameters": {"prompt": "x" * 10_000_000}}).encode())


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (b"iTXt", NAME + b"\x01\x00\x00\x00" + BOMB, "compressed"),
        (b"zTXt", NAME + b"\x00" + BOMB, "compressed"),
        (b"tEXt", NAME + json.dumps(VALID).encode(), "another chunk"),
        (b"iTXt", NAME + b"\x00\x00\x00\x00" + b" " * (1024 * 1024 + 1), "larger than"),
        (b"iTXt", NAME + b"\x00\x00", "damaged"),
        (b"iTXt", NAME + b"\x00\x00\x00\x00\xff", "not UTF-8"),
        (b"iTXt", NAME + b"\x00\x00\x00\x00" + b"[" * 100_000, "other data"),
        (b"iTXt", NAME + b"\x00\x00\x00\x00" + b"9" * 100_000, "other data"),
    ],
)  # fmt: skip
def test_a_hostile_chunk_is_refused(tmp_path: Path, kind: bytes, data: bytes, message: str) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(png_with(kind, data))
    with pytest.raises(RecordError, match=message):
        read_record(path)


def test_entities_in_xmp_are_not_expanded(tmp_path: Path) -> None:
    text = json.dumps(VALID)
    pieces = with_text(
        lambda offset, length: PICTURES["jpg"][offset : offset + length], len(PICTURES["jpg"]), text
    )
    assert pieces is not None
    content = b"".join(
        piece if isinstance(piece, bytes) else PICTURES["jpg"][slice(*piece)] for piece in pieces
    )
    path = tmp_path / "fox.jpg"
    path.write_bytes(content.replace(b'"fox-1.5"', b'"&lol;56"'))
    with pytest.raises(RecordError, match="other markup"):
        read_record(path)
    path.write_bytes(content)
    assert read_record(path).model == "fox-1.5"


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, message in (
        ("pipe", "not a regular file"),
        (".", "not a regular file"),
        ("none", "No such file"),
    ):
        with pytest.raises(RecordError, match=message):
            read_record(tmp_path / name)
    (tmp_path / "fox.mp4").write_bytes(WITHOUT_ROOM["film"])
    (tmp_path / "fox.mp4.json").write_text(" " * (1024 * 1024 + 1))
    with pytest.raises(RecordError, match="larger than"):
        read_record(tmp_path / "fox.mp4")


def mutated(content: bytes, random: random.Random) -> bytes:
    """Return the content with a few bytes changed, removed, repeated or inserted; most often near the record."""
    data = bytearray(content)
    at = data.find(b"speccast") if random.random() < 0.7 else 0
    for _ in range(random.randint(1, 6)):
        place = min(
            max(0, at + random.randint(-60, 500) if at > 0 else random.randrange(len(data))), len(data) - 1
        )
        match random.randrange(5):
            case 0:
                data[place] = random.randrange(256)
            case 1:
                del data[place : place + random.randint(1, 40)]
            case 2:
                data[place:place] = random.randbytes(random.randint(1, 9))
            case 3:
                data[place:place] = data[place : place + random.randint(1, 99)] * random.randint(1, 50)
            case _:
                data[place : place + 4] = random.choice(
                    (b"\xff" * 4, b"\x00" * 4, b"\x7f\xff\xff\xff", b"\\ud8")
                )
        if not data:
            break
    return bytes(data[: random.randint(1, len(data))] if data and random.random() < 0.1 else data)


def test_mutated_files_are_read_or_refused(server: Any, tmp_path: Path) -> None:
    client = Acme(KEY, base_url=server.url)
    originals: list[bytes] = []
    for kind in ("png", "jpg", "webp", "webp-lossless", "film"):
        server.on("/v1/fox-1.5", Reply(body={**PICTURES, **WITHOUT_ROOM}[kind], headers=HEADERS))
        [path] = client.fox_1_5.generate(prompt="a fox", validate=False).save(tmp_path / kind, embed=True)
        originals.append((path if kind != "film" else Path(f"{path}{SIDECAR}")).read_bytes())
    client.close()
    place, seeded = tmp_path / "mutated", random.Random(20261129)
    read = refused = 0
    for number in range(cases(400, 10_000)):
        place.write_bytes(mutated(originals[number % len(originals)], seeded))
        try:
            record = find_record(place, API)
        except RecordError as error:
            str(error).encode()
            refused += 1
        else:
            json.dumps(dataclasses.asdict(record), ensure_ascii=False).encode()
            read += 1
    assert min(read, refused) > number // 20
