"""Saving outputs: names, atomic writes, and which parts of a response are outputs."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from acme_client._runtime.errors import OutputError
from acme_client._runtime.job_results import JobResult
from acme_client._runtime.outputs import OutputSource
from acme_client.models.fox_1_5 import AsyncFox15, Fox15
from acme_support.results import JPEG, PNG, files, image, job
from acme_support.server import Reply

pytestmark = pytest.mark.usefixtures("in_empty_folder")


def test_a_file_with_a_full_name_is_replaced(acme: Any, server: Any, tmp_path: Path) -> None:
    result = image(acme, server)
    Path("fox.png").write_text("old")
    assert acme.run(result.save("fox.png")) == [Path("fox.png")]
    assert Path("fox.png").read_bytes() == JPEG
    assert acme.run(result.save(tmp_path / "fox.png")) == [tmp_path / "fox.png"]
    assert files() == ["fox.png"]


def test_a_file_is_not_replaced_without_overwrite(acme: Any, server: Any) -> None:
    Path("fox.png").write_text("old")
    with pytest.raises(OutputError, match=r"fox\.png already exists"):
        acme.run(image(acme, server).save("fox.png", overwrite=False))
    assert Path("fox.png").read_text() == "old"
    assert files() == ["fox.png"]


def test_a_generated_name_never_replaces_a_file(acme: Any, server: Any) -> None:
    result = image(acme, server)
    Path("fox-1.5-2.jpg").write_text("mine")
    assert acme.run(result.save()) == [Path("fox-1.5.jpg")]
    assert acme.run(result.save()) == [Path("fox-1.5-1.jpg")]
    assert acme.run(result.save()) == [Path("fox-1.5-3.jpg")]
    assert Path("fox-1.5-2.jpg").read_text() == "mine"
    assert acme.run(result.save(overwrite=True)) == [Path("fox-1.5.jpg")]


def test_a_folder_is_created_and_gets_a_generated_name(acme: Any, server: Any) -> None:
    result = image(acme, server)
    Path("there").mkdir()
    assert acme.run(result.save("there")) == [Path("there/fox-1.5.jpg")]
    assert acme.run(result.save(Path("there"))) == [Path("there/fox-1.5-1.jpg")]
    assert acme.run(result.save("not/yet/")) == [Path("not/yet/fox-1.5.jpg")]
    assert acme.run(result.save("nor/yet/a.jpg")) == [Path("nor/yet/a.jpg")]


def test_a_name_without_an_extension_gets_one_and_does_not_replace(acme: Any, server: Any) -> None:
    result = image(acme, server)
    assert acme.run(result.save("fox")) == [Path("fox.jpg")]
    assert acme.run(result.save("fox")) == [Path("fox-1.jpg")]


def test_several_images_are_numbered(acme: Any, server: Any) -> None:
    texts = [base64.b64encode(content).decode() for content in (PNG, JPEG, PNG)]
    result = image(acme, server, {"images": texts})
    assert acme.run(result.save("fox.png")) == [Path("fox-1.png"), Path("fox-2.png"), Path("fox-3.png")]
    assert acme.run(result.save("fox.png", overwrite=True)) == [
        Path("fox-1.png"),
        Path("fox-2.png"),
        Path("fox-3.png"),
    ]
    assert acme.run(result.save("f")) == [Path("f-1.png"), Path("f-2.jpg"), Path("f-3.png")]
    assert Path("f-2.jpg").read_bytes() == JPEG
    assert not set(acme.run(result.save("f"))) & {Path("f-1.png"), Path("f-2.jpg"), Path("f-3.png")}


def test_json_without_media_is_saved_unchanged(acme: Any, server: Any) -> None:
    assert acme.run(image(acme, server, {"text": "hello"}).save()) == [Path("fox-1.5.json")]
    assert json.loads(Path("fox-1.5.json").read_text()) == {"text": "hello"}


def test_text_is_saved_as_text(acme: Any, server: Any) -> None:
    assert acme.run(image(acme, server, "hello").save("a")) == [Path("a.txt")]


def test_an_empty_output_cannot_be_saved(acme: Any, server: Any) -> None:
    outputs: tuple[object, ...] = (None, "", [], {})
    for output in outputs:
        with pytest.raises(OutputError, match="no output"):
            acme.run(job(acme, server, output).save())
    assert files() == []


def test_a_file_gets_the_permissions_of_any_new_file(acme: Any, server: Any) -> None:
    (path,) = acme.run(image(acme, server).save())
    Path("other").touch()
    assert path.stat().st_mode == Path("other").stat().st_mode


def test_a_symbolic_link_is_followed(acme: Any, server: Any) -> None:
    Path("real.jpg").write_text("old")
    Path("link.jpg").symlink_to("real.jpg")
    acme.run(image(acme, server).save("link.jpg"))
    assert Path("link.jpg").is_symlink()
    assert Path("real.jpg").read_bytes() == JPEG


def test_only_regular_files_are_replaced(acme: Any, server: Any) -> None:
    os.mkfifo("pipe")
    with pytest.raises(OutputError, match="not a regular file"):
        acme.run(image(acme, server).save("pipe"))


def test_a_path_that_cannot_be_written_is_an_error(acme: Any, server: Any) -> None:
    Path("file").touch()
    with pytest.raises(OutputError, match="cannot write file/x"):
        acme.run(image(acme, server).save("file/x/a.jpg"))
    with pytest.raises(OutputError, match=r"cannot write .*File name too long"):
        acme.run(image(acme, server).save("a" * 300 + ".jpg"))
    with pytest.raises(OutputError, match="cannot write"):
        acme.run(image(acme, server).save("a\0.jpg"))
    assert files() == ["file"]


@pytest.mark.parametrize(
    ("output", "names"),
    [
        (["{url}/a", "{url}/b"], ["j-1-1.png", "j-1-2.jpg"]),
        ({"images": [{"url": "{url}/a"}, {"url": "{url}/b"}]}, ["j-1-1.png", "j-1-2.jpg"]),
        ({"video": "{url}/b", "seed": 7}, ["j-1.jpg"]),
        (f"data:image/png;base64,{base64.b64encode(PNG).decode()}", ["j-1.png"]),
        ("a poem", ["j-1.txt"]),
        ({"scores": [1, 2]}, ["j-1.json"]),
        (3, ["j-1.json"]),
    ],
)
def test_outputs_of_any_shape_are_saved(acme: Any, server: Any, output: Any, names: list[str]) -> None:
    server.on("/a", Reply(body=PNG))
    server.on("/b", Reply(body=JPEG))
    output = json.loads(json.dumps(output).replace("{url}", server.url))
    assert [path.name for path in acme.run(job(acme, server, output).save())] == names


def test_a_link_in_the_response_of_a_blocking_call_is_downloaded(acme: Any, server: Any) -> None:
    server.on("/a", Reply(body=PNG))
    result = image(acme, server, {"image": f"{server.url}/a"})
    assert acme.run(result.save("a")) == [Path("a.png")]
    assert "x-acme-key" not in server.requests[-1].headers


@pytest.mark.parametrize(
    ("output", "target"),
    [
        ("{url}/a", "/a"),
        ({"anything": [{"deep": {"down": "{url}/a"}}]}, "/a"),
        ("{url}/a red fox.png?sig=a b", "/a%20red%20fox.png?sig=a%20b"),
        (" {url}/a\n", "/a"),
        ("/outputs/a", "/outputs/a"),
        ("/outputs/a red fox.png", "/outputs/a%20red%20fox.png"),
        ("outputs/a.png", "/v2/requests/outputs/a.png"),
        ("../a.png", "/v2/a.png"),
        ({"image": "a.png"}, "/v2/requests/a.png"),
        ({"url": "{url}/a", "file_name": "b.png", "content_type": "image/png"}, "/a"),
        ({"path": "/tmp/b.png", "url": "{url}/a"}, "/a"),
        ({"input": {"image": "{url}/b"}, "result": "{url}/a"}, "/a"),
        (["{url}/a", {"url": "{url}/a"}], "/a"),
        ({"url": "//{host}/a"}, "/a"),
    ],
)
@pytest.mark.parametrize("is_job", [True, False])
def test_outputs_are_found_by_their_addresses(
    acme: Any, server: Any, output: Any, target: str, is_job: bool
) -> None:
    if not is_job:
        target = target.replace("/v2/requests/", "/v1/").replace("/v2/", "/")
    server.on(target.partition("?")[0], Reply(body=PNG))
    host = server.url.removeprefix("http://")
    output = json.loads(json.dumps(output).replace("{url}", server.url).replace("{host}", host))
    if is_job:
        saved = acme.run(job(acme, server, output).save("fox"))
    else:
        body = output if isinstance(output, dict | list) else {"output": output}
        saved = acme.run(image(acme, server, body).save("fox"))
    assert saved == [Path("fox.png")]
    assert [each.target for each in server.requests[1:]] == [target]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"output": {"error": "out of memory"}}, "the output is an error: out of memory"),
        ({"output": None, "error": "out of memory"}, "no output in the result; the API says: out of memory"),
        ({"output": []}, "no output in the result"),
        ({"output": None, "video": {"url": "https://cdn.test/a.mp4"}}, "no output in the result"),
    ],
)
def test_an_error_is_not_an_output(acme: Any, server: Any, body: Any, problem: str) -> None:
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", **body}))
    with pytest.raises(OutputError, match=problem):
        acme.run(acme.run(acme.client().job("j-1").result()).save())


@pytest.mark.parametrize(
    "output",
    [
        "a caption of letters and spaces alone and of sixty four or more of them",
        "e3b0c442" * 8,
        "16/9",
        "and/or",
    ],
)
def test_text_is_not_mistaken_for_an_address_or_base64(acme: Any, server: Any, output: str) -> None:
    (path,) = acme.run(job(acme, server, output).save("fox"))
    assert (path.name, path.read_text()) == ("fox.txt", output)


@pytest.mark.parametrize(
    "output",
    [
        '{"url": "https://cdn.test/a.png"}',
        '[{"image": {"url": "https://cdn.test/a.png"}}]',
        '"https://cdn.test/a.png"',
        "![a fox](https://cdn.test/a.png)",
        "[a fox](https://cdn.test/a)",
        "<https://cdn.test/a.png>",
        "//",
        "`https://cdn.test/a.png`",
        "(https://cdn.test/a.png)",
        "**[a fox](https://cdn.test/a.png)**",
        "https://cdn.test/a.png\nhttps://cdn.test/b.png",
        '<img src="https://cdn.test/a.png" alt="a fox">',
        "<a href='https://cdn.test/a.png'>a fox</a>",
        "blob:https://cdn.test/7b1c",
        "https:/cdn.test/a.png",
    ],
)
def test_an_address_in_markup_is_not_saved_as_text(acme: Any, server: Any, output: str) -> None:
    with pytest.raises(OutputError, match="the output is not an address, a data URL or base64"):
        acme.run(job(acme, server, output).save("fox.png"))
    assert files() == []


@pytest.mark.parametrize(
    "output",
    [
        "see https://cdn.test/a.png",
        "[a fox](https://cdn.test/a.png) runs",
        "a\n![fox](https://cdn.test/a.png)",
        "http: a protocol",
        "<p>a fox</p>",
    ],
)
def test_a_text_with_an_address_is_a_text(acme: Any, server: Any, output: str) -> None:
    acme.run(job(acme, server, output).save("fox"))
    assert files() == ["fox.txt"]


@pytest.mark.parametrize("output", ["a caption", "//", "[a fox](https://cdn.test/a.png)"])
def test_text_is_not_the_output_of_a_model_that_returns_images(output: str) -> None:
    result = JobResult({"output": output})
    result.__dict__["_source"] = OutputSource("fox", returns=("image/png", "image/jpeg"))
    with pytest.raises(OutputError, match="not an address"):
        result.save("fox.png")
    result.__dict__["_source"] = OutputSource("fox", returns=("text/plain", "image/jpeg"))
    assert result.save("fox") == [Path("fox.txt")]


def test_links_of_a_model_that_returns_json_are_not_followed(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fox15, "returns", ("application/json",))
    monkeypatch.setattr(AsyncFox15, "returns", ("application/json",))
    body = {"choices": [{"text": "see the sources"}], "citations": [f"{server.url}/page"]}
    assert acme.run(image(acme, server, body).save("fox")) == [Path("fox.json")]
    server.on("/a.png", Reply(body=PNG))
    assert acme.run(image(acme, server, {"picture_url": f"{server.url}/a.png"}).save("f")) == [Path("f.png")]


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("sd2.1-txt2img", "sd2.1-txt2img.jpg"),
        ("v1.5", "v1.5.jpg"),
        ("fox-1.5", "fox-1.5.jpg"),
        ("flux.1-dev", "flux.1-dev.jpg"),
        ("Stable Diffusion 3.5 Large", "Stable Diffusion 3.5 Large.jpg"),
        ("fox.", "fox.jpg"),
        (".fox", ".fox.jpg"),
        ("fox.JPEG", "fox.JPEG"),
        ("fox.dat", "fox.dat"),
        ("~/fox", "home/fox.jpg"),
        ("~nobody-here/fox.png", "~nobody-here/fox.png"),
        ("~", "home/fox-1.5.jpg"),
    ],
)
def test_names_of_files(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch, name: str, saved: str
) -> None:
    Path("home").mkdir()
    monkeypatch.setenv("HOME", str(Path("home").absolute()))
    (path,) = acme.run(image(acme, server).save(name))
    assert path.resolve() == Path(saved).resolve()


def test_a_replaced_file_keeps_its_permissions(acme: Any, server: Any) -> None:
    result = image(acme, server)
    for mode in (0o600, 0o640, 0o666):
        Path("fox.jpg").touch()
        Path("fox.jpg").chmod(mode)
        acme.run(result.save("fox.jpg"))
        assert Path("fox.jpg").stat().st_mode & 0o777 == mode
        assert Path("fox.jpg").read_bytes() == JPEG
