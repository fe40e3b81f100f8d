"""`speccast.testing.emulator`: an emulator in the process of a test, and its methods."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from speccast.emulator.sample_files import sample_file
from speccast.errors import SpeccastError
from speccast.testing import Emulator, emulator

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "generated" / "segmind" / "python" / "segmind_client" / "_specs.json"
CALL = "/v2/stable-diffusion-3-large-txt2img"


def post(api: Emulator, path: str = CALL, **options: object) -> httpx2.Response:
    body = {"prompt": "a fox", **options}
    return httpx2.post(f"{api.url}{path}", json=body, headers={"x-api-key": api.key})


@pytest.mark.parametrize(
    "source",
    [SPECS, str(SPECS), ROOT / "specs", ROOT / "specs" / "segmind", str(ROOT / "specs" / "segmind"), None],
)
def test_it_serves_specs_a_bundle_or_the_project(source: Path | str | None) -> None:
    with emulator(source, start=ROOT / "specs") as api:
        assert post(api).status_code == 200
        assert repr(api) == f"<Emulator of segmind at {api.url}>"


def test_addresses_are_files_of_a_folder_or_refused_and_the_journal_has_them(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "fox.png").write_bytes(sample_file("image/png")[1])
    (tmp_path / "inputs" / "film.png").write_bytes(sample_file("video/mp4")[1])
    call = "/v1/sd3-med-img2img"

    def send(api: Emulator, name: str) -> int:
        return post(api, call, image=f"https://example.com/{name}").status_code

    specs = ROOT / "specs"
    with emulator(specs, inputs="inputs", start=tmp_path) as api:
        assert [send(api, "fox.png"), send(api, "film.png"), send(api, "other.png")] == [200, 400, 200]
        first, *_ = api.journal()
    [found] = first.inputs
    assert found["url"] == "https://example.com/fox.png"
    assert (found["media_type"], found["width"], found["height"]) == ("image/png", 8, 8)
    with emulator(specs, inputs="deny") as api:
        assert send(api, "fox.png") == 400
    with pytest.raises(SpeccastError, match="not a folder"), emulator(specs, inputs=tmp_path / "no"):
        pass


@pytest.mark.parametrize("name", ["carrier_of_specs", "holder_of_carrier._vendor.carrier_of_specs"])
def test_it_serves_the_specs_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    package = tmp_path.joinpath(*name.split("."))
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "_specs.json").write_bytes(SPECS.read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    with emulator(name) as api:
        assert post(api).status_code == 200


@pytest.mark.parametrize(
    ("source", "message"),
    [("no_such_package", "unknown package 'no_such_package'"), ("a/b.json", "b.json: cannot be read")],
)
def test_a_missing_source_is_reported(source: str, message: str) -> None:
    with pytest.raises(SpeccastError, match=message), emulator(source):
        pass


def test_it_serves_https_for_a_client_whose_address_is_fixed() -> None:
    with emulator(SPECS, tls=True, url="https://api.acme.example", hosts=["api.acme.test"]) as api:
        assert api.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(api.certificate))
        headers = {"x-api-key": api.key, "host": "api.acme.test"}
        with httpx2.Client(verify=trusting) as client:
            answer = client.post(f"{api.url}{CALL}", json={"prompt": "a fox"}, headers=headers).json()
        assert answer["status_url"].startswith("https://api.acme.example/v2/requests/")
    assert api.certificate is not None
    assert not api.certificate.exists()


def test_a_stopped_emulator_is_reported() -> None:
    with emulator(SPECS) as api:
        pass
    with pytest.raises(SpeccastError, match="the emulator has stopped"):
        api.journal()


def test_specs_with_errors_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "specs" / "one"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text("speccast: 1\n", encoding="utf-8")
    with pytest.raises(SpeccastError, match=r"specs/one/api\.yaml:1:1: error"), emulator(start=tmp_path):
        pass


def test_one_of_several_apis_must_be_named(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "specs" / name
        folder.mkdir(parents=True)
        for file in (ROOT / "specs" / "segmind").glob("*.yaml"):
            content = (
                file.read_text(encoding="utf-8").replace("segmind", name).replace("Segmind", name.title())
            )
            (folder / file.name).write_text(content, encoding="utf-8")
    with pytest.raises(SpeccastError, match="several APIs: one, two"), emulator(start=tmp_path):
        pass
    with emulator(start=tmp_path, api="two") as api:
        assert repr(api) == f"<Emulator of two at {api.url}>"


def test_the_environment_has_the_variables_of_the_client() -> None:
    with emulator(SPECS) as api:
        assert api.environment == {"SEGMIND_API_KEY": api.key, "SEGMIND_BASE_URL": api.url}


def test_faults_clock_journal_and_reset() -> None:
    with emulator(SPECS, faults=["status=500;times=1"], progress="time:60") as api:
        assert post(api).status_code == 500
        api.fault("status=501;times=1", "status=502")
        assert [post(api).status_code for _ in range(2)] == [501, 502]
        api.clear_faults()
        job = post(api).json()
        headers = {"x-api-key": api.key}
        assert httpx2.get(job["status_url"], headers=headers).json()["status"] == "QUEUED"
        api.advance(61)
        assert httpx2.get(job["status_url"], headers=headers).json()["status"] == "COMPLETED"
        found = api.journal()
        assert [request.status for request in found] == [500, 501, 502, 200, 200, 200]
        assert [request.number for request in api.journal(status=501)] == [2]
        assert (found[0].body, found[0].faults) == ({"prompt": "a fox"}, ["status=500;times=1"])
        assert api.key not in str(found)
        api.reset()
        assert api.journal() == []
        assert post(api).status_code == 500


@pytest.mark.parametrize("fault", ["explode", "status=500;model=nothing", "status=500;times=0"])
def test_an_invalid_fault_is_an_error(fault: str) -> None:
    with emulator(SPECS) as api:
        with pytest.raises(ValueError, match=r"explode|nothing|times"):
            api.fault("status=500", fault)
        assert post(api).status_code == 200
        with pytest.raises(ValueError, match="only be advanced"):
            api.advance(-1)


def test_settings_are_applied() -> None:
    with emulator(SPECS, key="right", rate="1/60s") as api:
        assert api.key == "right"
        assert [post(api).status_code for _ in range(2)] == [200, 429]
        assert httpx2.post(f"{api.url}{CALL}", headers={"x-api-key": "wrong"}).status_code == 401
    with emulator(SPECS, credits=0.02, journal=2) as api:
        assert [post(api).status_code for _ in range(3)] == [200, 200, 406]
        assert len(api.journal()) == 2


def test_it_can_be_used_from_asynchronous_tests() -> None:
    async def test() -> None:
        with emulator(SPECS) as api:
            async with httpx2.AsyncClient(base_url=api.url, headers={"x-api-key": api.key}) as client:
                api.fault("latency=0.3;times=1")
                waiting = asyncio.create_task(client.post(CALL, json={"prompt": "a"}))
                await asyncio.sleep(0.1)
                # A request in flight delays none of these.
                api.fault("status=500;times=1")
                assert (await client.post(CALL, json={"prompt": "b"})).status_code == 500
                assert [request.status for request in api.journal()] == [None, 500]
                assert (await waiting).status_code == 200

    asyncio.run(test())


def test_several_threads_can_use_it() -> None:
    with emulator(SPECS, journal=1000) as api:

        def work() -> None:
            for _ in range(10):
                api.fault("latency=0;times=1")
                assert post(api).status_code == 200

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        numbers = [request.number for request in api.journal()]
        assert numbers == list(range(1, 41))


def test_it_starts_in_less_than_a_second() -> None:
    with emulator(SPECS):  # imports
        pass
    before = time.process_time()
    with emulator(SPECS) as api:
        post(api)
    assert time.process_time() - before < 1


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys; before = set(sys.modules); import pytest; known = set(sys.modules)\n"
        "import speccast.testing.plugin, json\n"
        "print(json.dumps(sorted(set(sys.modules) - known - before)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in json.loads(ended.stdout) if not name.startswith("json")}
    assert loaded == {"speccast", "speccast.testing", "speccast.testing.plugin"}


def test_the_package_lists_its_names() -> None:
    import speccast.testing

    names = ["Case", "Emulator", "RecordedRequest", "cases", "check_answers", "check_case", "emulator"]
    assert dir(speccast.testing) == names
    assert all(hasattr(speccast.testing, name) for name in speccast.testing.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        speccast.testing.nothing  # noqa: B018 # the access itself is tested


def test_it_works_and_stops_while_the_time_of_the_process_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = time.perf_counter()
    with emulator(SPECS) as api:
        # As freezegun does it, for code that was imported before and after.
        for name in ("monotonic", "time"):
            monkeypatch.setattr(time, name, lambda: 1_600_000_000.0)
        headers = {"x-api-key": api.key, "x-speccast-fault": "latency=0.1"}
        assert httpx2.post(f"{api.url}{CALL}", json={"prompt": "a"}, headers=headers).status_code == 200
        with emulator(SPECS) as other:
            assert post(other).status_code == 200
        assert api.journal()[0].time == 1_600_000_000.0
    assert time.perf_counter() - began < 5


def test_an_answer_can_be_scripted(tmp_path: Path) -> None:
    file = tmp_path / "fox.png"
    file.write_bytes(b"\x89PNG")
    path = "/v1/sd2.1-txt2img"
    with emulator(SPECS) as api:
        api.answer({"said": "{request:/prompt}"}, surface="sync", when={"/prompt": "a hen"}, times=1)
        api.answer(file=file, model="sd2.1-txt2img", status=201, headers={"x-cost": "1"})
        api.answer(file=b"bytes", model="sd3-med-img2img")
        assert post(api, path, prompt="a hen").json() == {"said": "a hen"}
        response = post(api, path, prompt="a hen")
        assert (response.status_code, response.headers["content-type"]) == (201, "image/png")
        assert (response.headers["x-cost"], response.content) == ("1", b"\x89PNG")
        assert [request.answer for request in api.journal()] == [1, 2]
        assert api.lines()[1] == f"POST {path} 201 [scripted answer 2] image/png, 4 bytes"
        api.answer(None, surface="submit")
        assert post(api).content == b"null"
        api.clear_answers()
        assert post(api, path).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"model": "sd2.1"}, "unknown model 'sd2.1'"),
        ({"body": "x", "file": b"x"}, r"an answer has a body or a file \(base64\), not both"),
        ({"status": 100}, "status must be an integer from 200 to 599"),
    ],
)
def test_an_invalid_scripted_answer_is_a_value_error(answer: dict[str, Any], message: str) -> None:
    with emulator(SPECS) as api:
        with pytest.raises(ValueError, match=message):
            api.answer(**answer)
        with pytest.raises(FileNotFoundError):
            api.answer(file="no-such-file.png")
