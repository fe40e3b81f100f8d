"""Content inside JSON: every kind of value that a caller can have, in the form that the API takes."""

from __future__ import annotations

import base64
import io
import json
import mmap
import os
import re
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._core.uploads import Upload
from acme_client._runtime.errors import ParameterError
from acme_client._runtime.params import _check_value as checked_by_pydantic
from acme_client.models.blend import Blend
from acme_support.server import Reply
from PIL import Image

from tests.thorough import cases

from .test_files import JPEG, Pipe, encode, fifo, make_closed, sparse

if TYPE_CHECKING:
    from collections.abc import Callable

numpy = pytest.importorskip("numpy", reason="arrays are an option of callers")

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x00\x00\x00\x00" + bytes(60)
WIDE = PNG.replace(b"IHDR\x00\x00\x00\x02", b"IHDR\x00\x00\x20\x00")
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(60)
ADDRESS = "https://example.com/fox.png"


def uri(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{encode(content)}"


def blend(acme: Any, **arguments: Any) -> Any:
    client = acme.client(max_retries=arguments.pop("max_retries", 0), clock=arguments.pop("clock", None))
    return acme.run(client.blend.generate(**arguments))


def list_sent(server: Any) -> dict[str, Any]:
    request = server.requests[-1]
    assert request.headers["content-type"] == "application/json"
    body: dict[str, Any] = json.loads(request.body)
    return body


def pixels(text: str) -> tuple[str | None, str, tuple[int, ...]]:
    """Format, mode and first pixel of a picture in a data URI."""
    content = base64.b64decode(text.partition(",")[2])
    image = Image.open(io.BytesIO(content))
    first = image.getpixel((0, 0))
    return image.format, image.mode, first if isinstance(first, tuple) else (int(first or 0),)


def map_file(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class Result:
    """A result of another client."""

    def __init__(self, *outputs: Any) -> None:
        self._outputs = outputs

    @property
    def outputs(self) -> list[Any]:
        return list(self._outputs)


class Output:
    """An output of another client."""

    name = "fox.png"
    content_type = "image/png"

    def __init__(self, kind: str, content: bytes | None = None, url: str | None = None) -> None:
        self.kind, self.content, self.url = kind, content, url


@pytest.fixture(autouse=True)
def _answers(server: Any) -> None:
    for path in ("/v1/blend", "/v1/scan"):
        server.on(path, Reply(body=PNG, headers={"content-type": "image/png"}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "fox.jpg"
    place.write_bytes(PNG)
    return place


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: path, uri(PNG)),
        (lambda path: path.read_bytes(), uri(PNG)),
        (lambda path: bytearray(PNG), uri(PNG)),
        (lambda path: memoryview(PNG + b"ab")[::2], uri((PNG + b"ab")[::2], "application/octet-stream")),
        (lambda path: path.open("rb"), uri(PNG)),
        (lambda path: io.BytesIO(JPEG), uri(JPEG, "image/jpeg")),
        (lambda path: Pipe(PNG), uri(PNG)),
        (map_file, uri(PNG)),
        (lambda path: ("fox.gif", PNG), uri(PNG)),
        (lambda path: ("fox", JPEG, "image/x-fox"), uri(JPEG, "image/x-fox")),
        (lambda path: ADDRESS, ADDRESS),
        (lambda path: uri(PNG), uri(PNG)),
        (lambda path: encode(PNG), encode(PNG)),
        (lambda path: Result(Output("json", b"{}"), Output("image", PNG)), uri(PNG)),
        (lambda path: Output("image", url=ADDRESS), ADDRESS),
        (lambda path: Result(Output("image", url=ADDRESS)), ADDRESS),
    ],
)
def test_content_is_sent_in_the_best_form(
    acme: Any, server: Any, path: Path, make: Callable[[Path], object], expected: str
) -> None:
    blend(acme, image=make(path), steps=3)
    assert list_sent(server) == {"image": expected, "steps": 3}
    length = server.requests[-1].headers.get("content-length")
    assert length in (None, str(len(server.requests[-1].body)))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Image.new("RGB", (2, 1), (1, 2, 3)), ("PNG", "RGB", (1, 2, 3))),
        (lambda: Image.new("RGBA", (2, 1), (1, 2, 3, 4)), ("PNG", "RGBA", (1, 2, 3, 4))),
        (lambda: Image.new("CMYK", (2, 1), (0, 0, 0, 0)), ("PNG", "RGB", (255, 255, 255))),
        (lambda: numpy.full((1, 2, 3), 7, "uint8"), ("PNG", "RGB", (7, 7, 7))),
        (lambda: numpy.full((1, 2), 7, "uint8"), ("PNG", "L", (7,))),
        (lambda: numpy.full((1, 2, 1), 7, "uint8"), ("PNG", "L", (7,))),
    ],
)
def test_a_picture_is_sent_as_a_file(
    acme: Any, server: Any, make: Callable[[], object], expected: tuple[str, str, tuple[int, ...]]
) -> None:
    blend(acme, image=make(), either=make())
    assert pixels(list_sent(server)["image"]) == expected
    assert pixels(list_sent(server)["either"])[0] == "JPEG"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Image.new("I", (2, 1), 0x8040),
        lambda: Image.new("I;16", (2, 1), 0x8040),
        lambda: Image.frombytes("I;16B", (2, 1), b"\x80\x40" * 2),
        lambda: numpy.full((1, 2), 0x8040, "uint16"),
    ],
)
def test_a_picture_of_16_bits_keeps_them_or_their_brightness(
    acme: Any, server: Any, make: Callable[[], object]
) -> None:
    blend(acme, image=make(), either=make())
    kind, mode, number = pixels(list_sent(server)["image"])
    assert (kind, mode[0], number) == ("PNG", "I", (0x8040,))
    assert pixels(list_sent(server)["either"]) == ("JPEG", "L", (0x80,))


def test_a_picture_with_multiplied_alpha_is_sent(acme: Any, server: Any) -> None:
    blend(acme, image=Image.new("LA", (2, 1), (9, 255)).convert("La"))
    assert pixels(list_sent(server)["image"]) == ("PNG", "LA", (9, 255))


def test_content_is_found_in_lists_objects_and_unions(acme: Any, server: Any, path: Path) -> None:
    scene = {"face": path}
    either = [path, Result(Output("image", PNG))]
    blend(acme, image=ADDRESS, film=FILM, images=(path, ADDRESS), scene=scene, either=either)
    assert list_sent(server) == {
        "image": ADDRESS,
        "film": encode(FILM),
        "images": [encode(PNG), ADDRESS],
        "scene": {"face": uri(PNG), "name": "a"},
        "either": [encode(PNG), encode(PNG)],
    }
    blend(acme, image=ADDRESS, images=Result(Output("image", PNG), Output("image", url=ADDRESS)), either=7)
    assert list_sent(server) == {"image": ADDRESS, "images": [encode(PNG), ADDRESS], "either": 7}
    blend(acme, image=ADDRESS, images=numpy.zeros((3, 1, 2, 3), "uint8"), scene={"face": None})
    assert len(list_sent(server)["images"]) == 3
    assert list_sent(server)["scene"] == {"face": None, "name": "a"}


def test_the_result_of_a_call_is_the_input_of_the_next_one(acme: Any, server: Any) -> None:
    first = blend(acme, image=ADDRESS)
    second = blend(acme, image=first, images=[first.outputs[0]])
    assert list_sent(server) == {"image": uri(PNG), "images": [encode(PNG)]}
    acme.run(acme.client().scan.generate(image=second))
    assert b'filename="blend.png"' in server.requests[-1].body


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "none.png", "cannot read {folder}/none.png: No such file or directory"),
        (lambda folder: folder, "cannot read {folder}: Is a directory"),
        (lambda folder: fifo(folder / "pipe"), "{folder}/pipe is not a regular file"),
        (lambda folder: Path("a\0b"), "embedded null byte"),
        (lambda folder: Path(os.fsdecode(bytes(folder) + b"/\xff")), "cannot read {folder}/?: No such file"),
        (lambda folder: str(sparse(folder / "a.png", 9)), "pass Path('{folder}/a.png')"),
        (lambda folder: "fox", "must be an image as URL, base64 or data URI"),
        (lambda folder: "red fox.png", "base64 or data URI; to send a file, pass Path('red fox.png')"),
        (lambda folder: "ftp://example.com/fox.png", "must be an image as URL, base64 or data URI"),
        (lambda folder: "a\ud800", "half of a surrogate pair"),
        (lambda folder: io.StringIO("text"), "is open as text: open it in binary mode"),
        (lambda folder: make_closed(PNG), "I/O operation on closed file"),
        (lambda folder: b"", "the content is empty"),
        (lambda folder: at_end(PNG), "the file object has no content after its position {size}: seek to the beginning"),
        (lambda folder: Pipe(b""), "the content is empty"),
        (lambda folder: FILM, "must be an image as URL, base64 or data URI, not video/mp4"),
        (lambda folder: ("fox.png", b"a text that is no picture"), "must be an image"),
        (lambda folder: encode(FILM), "not video/mp4"),
        (lambda folder: sparse(folder / "a.png", 2**28 + 1), "must have at most 256 MiB"),
        (lambda folder: sparse(folder / "a.png", 2**40), "must have at most 256 MiB"),
        (lambda folder: WIDE, "must be at most 4096 pixels wide"),
        (lambda folder: 7, "must be a file: a path (Path), bytes, a binary file object or a picture, not int"),
        (lambda folder: [PNG], "must be a file: a path (Path), bytes, a binary file object or a picture, not list"),
        (lambda folder: None, "must be an image"),
        (lambda folder: Broken(), "cannot be read: the connection broke"),
        (lambda folder: Broken().path, "cannot be read: the connection broke"),
        (lambda folder: Result(None, 1), "cannot be read: "),
        (lambda folder: truncate(), "is a picture that Pillow cannot encode"),
        (lambda folder: numpy.zeros((2, 2, 7), "uint8"), "is an array of uint8 and 2x2x7, which is not a picture"),
        (lambda folder: numpy.zeros((2, 2, 3), "float32"), "is an array of float32 and 2x2x3"),
        (lambda folder: numpy.ones((2, 2)), "is an array of float64 and 2x2"),
        (lambda folder: numpy.ones((2, 2), "int32"), "is an array of int32 and 2x2"),
        (lambda folder: numpy.ones((2,), "uint8"), "is an array of uint8 and 2, which is not a picture"),
        (lambda folder: Image.new("F", (2, 2)), "is a picture of the mode F, whose numbers have no known range"),
        (lambda folder: Image.new("I", (2, 2), -1), "is a picture of the mode I, whose numbers have no known range"),
        (lambda folder: Unreadable(), "read() of the file object returned NoneType, not bytes"),
        (lambda folder: Result(Output("video", FILM)), "has no output that this parameter takes (outputs: video)"),
        (lambda folder: Result(), "has no output that this parameter takes (outputs: none)"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_before_a_request(
    acme: Any, server: Any, tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        blend(acme, image=make(tmp_path), steps=10)
    of_image, of_steps = caught.value.violations
    assert (of_image.parameter, of_steps.parameter) == ("image", "steps")
    assert message.format(folder=tmp_path, size=len(PNG)) in of_image.message
    assert "\n" not in of_image.value
    assert not server.requests


def test_pictures_are_named_only_where_a_parameter_can_take_them(acme: Any) -> None:
    with pytest.raises(ParameterError, match=r"\(Path\), bytes or a binary file object, not int"):
        blend(acme, image=ADDRESS, film=7)


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda: Path("no.png"), "Path('no.png')"),
        (lambda: Path("w.bin").open("wb"), "open('w.bin', 'wb')"),  # noqa: SIM115  # closed below
        (lambda: io.BytesIO(FILM), "<BytesIO>"),
        (lambda: FILM, f"b'\\x00\\x00\\x00\\x18ftyp'… ({len(FILM)} bytes)"),
        (lambda: b"fox", "b'fox'"),
        (lambda: bytearray(b"fox"), "b'fox'"),
        (lambda: memoryview(FILM), f"<{len(FILM)} bytes>"),
        (lambda: ("a.mp4", FILM), f"('a.mp4', b'\\x00\\x00\\x00\\x18ftyp'… ({len(FILM)} bytes))"),
        (lambda: numpy.zeros((2, 2, 7), "uint8"), "<ndarray uint8 2x2x7>"),
        (lambda: numpy.uint8(4), repr(numpy.uint8(4))),
        (lambda: truncate(), "<picture L 64x64>"),  # noqa: PLW0108  # defined below
        (lambda: "file:///tmp/a%20fox.png", "'file:///tmp/a%20fox.png'"),
        (lambda: 7, "7"),
    ],
)  # fmt: skip
def test_violations_show_a_value_as_it_was_written(
    acme: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], object], value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = make()
    with pytest.raises(ParameterError) as caught:
        blend(acme, image=given, images=[ADDRESS, given, 7, 7])
    found = {each.parameter: each for each in caught.value.violations}
    assert found.keys() == {"image", "images", "images[1]", "images[2]", "images[3]"}
    assert (found["image"].value, found["images[1]"].value, found["images[2]"].value) == (value, value, "7")
    assert found["images"].value == f"['{ADDRESS}', {value}, 7, 7]"
    assert found["images"].message == "must have at most 3 items, not 4"
    if hasattr(given, "close"):
        given.close()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "file:///tmp/a%20fox.png",
            "is the address of a file: to send the file, pass Path('/tmp/a fox.png')",
        ),
        ("FILE:a.png", "to send the file, pass Path('a.png')"),
    ],
)
def test_addresses_of_files_are_refused(acme: Any, value: str, message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        blend(acme, image=value)


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_file_that_is_not_open_for_reading_is_refused(acme: Any, tmp_path: Path, buffering: int) -> None:
    with (
        (tmp_path / "w.bin").open("wb", buffering) as file,
        pytest.raises(ParameterError, match=r"w\.bin is not open for reading"),
    ):
        blend(acme, image=file)


class Unreadable:
    """An object whose `read` returns nothing, such as that of a socket that does not wait."""

    def read(self, _size: int = -1) -> None: ...


class Broken:
    """An object whose methods raise errors of another class."""

    def read(self, *_: object) -> bytes:
        raise LookupError("the connection broke")

    @property
    def path(self) -> Any:
        path = type("Path", (os.PathLike,), {"__fspath__": self.read, "__repr__": self.read})
        return path()


def at_end(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.seek(0, io.SEEK_END)
    return file


def truncate() -> Any:
    content = io.BytesIO()
    Image.effect_noise((64, 64), 9).save(content, "PNG")
    return Image.open(io.BytesIO(content.getvalue()[:-200]))


@pytest.mark.parametrize(
    ("arguments", "violations"),
    [
        ({"images": [PNG, FILM, "fox"]}, ["images[1]", "images[2]"]),
        ({"images": PNG}, ["images"]),
        ({"images": Path("fox.png")}, ["images"]),
        ({"scene": {"face": ADDRESS}}, ["scene.face"]),
        ({"scene": {"face": FILM}}, ["scene.face"]),
        ({"either": [PNG, 7]}, ["either[1]"]),
        ({"either": FILM, "film": PNG}, ["film", "either"]),
        ({"film": ADDRESS}, ["film"]),
        ({"film": Output("video", url=ADDRESS)}, ["film"]),
    ],
)
def test_each_violation_is_named_by_its_place(
    acme: Any, arguments: dict[str, Any], violations: list[str]
) -> None:
    with pytest.raises(ParameterError) as caught:
        blend(acme, image=ADDRESS, **arguments)
    assert [each.parameter for each in caught.value.violations] == violations


def test_without_checks_texts_are_sent_as_they_are_and_files_as_files(
    acme: Any, server: Any, path: Path
) -> None:
    arguments = {"images": [path, 7], "scene": {"face": path, "other": 1}, "either": "x"}
    blend(acme, image=str(path), film=PNG, validate=False, **arguments)
    assert list_sent(server) == {
        "image": str(path),
        "film": encode(PNG),
        "images": [encode(PNG), 7],
        "scene": {"face": uri(PNG), "other": 1},
        "either": "x",
    }
    with pytest.raises(ParameterError, match="No such file"):
        blend(acme, image=path.with_name("none"), validate=False)


def test_extra_body_takes_content_for_parameters(acme: Any, server: Any, path: Path) -> None:
    blend(acme, image=ADDRESS, extra_body={"image": path, "film": "x"})
    assert list_sent(server) == {"image": uri(PNG), "film": "x"}
    with pytest.raises(ParameterError, match=r"other.*is a path"):
        blend(acme, image=ADDRESS, extra_body={"other": path})


def test_a_rejected_request_is_repeated_if_the_content_can_be_read_again(
    acme: Any, server: Any, clock: Any, path: Path
) -> None:
    server.on("/v1/blend", Reply(429), Reply(body=PNG, headers={"content-type": "image/png"}), Reply(429))
    blend(acme, image=path, max_retries=1, clock=clock)
    first, second = server.requests
    assert first.body == second.body
    with pytest.raises(
        Exception, match="not repeated, because a file object that cannot seek was already read"
    ):
        blend(acme, image=Pipe(PNG), max_retries=1, clock=clock)
    assert len(server.requests) == 3


def test_a_large_file_is_not_read_into_memory(acme: Any, tmp_path: Path) -> None:
    size, sizes = cases(48 << 20, 210 << 20), list[int]()

    class Sync(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            sizes.append(sum(map(len, request.stream)))  # type: ignore[arg-type] # a synchronous stream
            return httpx2.Response(200, content=PNG, headers={"content-type": "image/png"})

    class Async(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            chunks: Any = request.stream
            sizes.append(sum([len(chunk) async for chunk in chunks]))
            return httpx2.Response(200, content=PNG, headers={"content-type": "image/png"})

    http: Any = httpx2.AsyncClient(transport=Async()) if acme.is_async else httpx2.Client(transport=Sync())
    image = sparse(tmp_path / "large.png", size)
    tracemalloc.start()
    acme.run(acme.client(http_client=http).blend.generate(image=image))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    acme.close_http(http)
    assert sizes == [len('{"image":"data:image/png;base64,"}') + -(-size // 3) * 4]
    assert peak < 8 * 2**20


def test_parameter_models_keep_content(path: Path) -> None:
    parameters = {each.wire: each for each in Blend.parameters}
    problems: list[Any] = []
    assert checked_by_pydantic(parameters["image"], path, problems) is path
    assert checked_by_pydantic(parameters["images"], [path], problems) == [path]
    nested: Any = checked_by_pydantic(parameters["scene"], {"face": path}, problems)
    assert isinstance(nested["face"], Upload)
    assert re.fullmatch(r"<fox\.jpg, image/png, \d+ bytes>", repr(nested["face"]))
    assert not problems
    checked_by_pydantic(parameters["image"], FILM, problems)
    assert len(problems) == 1
