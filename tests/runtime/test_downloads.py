"""Downloads of outputs: without data of the caller, within limits, and only from where the API may refer to."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx2
import pytest
from acme_client._runtime.clock import Deadline
from acme_client._runtime.downloading import Download
from acme_client._runtime.errors import APIConnectionError, OutputError
from acme_client._runtime.hosts import addresses_of, zone_of
from acme_client._runtime.job_results import AsyncJobResult, JobResult
from acme_client._runtime.outputs import OutputSource, Remote
from acme_client._runtime.saving import save
from acme_client._runtime.steps import Block, Open, Returned
from acme_client.client import Acme
from acme_support.adapter import KEY, ROOT
from acme_support.results import PNG, files, job
from acme_support.server import Reply

pytestmark = pytest.mark.usefixtures("in_empty_folder")


def test_a_download_has_no_headers_of_the_caller(acme: Any, server: Any, elsewhere: Any) -> None:
    elsewhere.on("/media/a", Reply(body=PNG, headers={"content-type": "image/png"}))
    result = job(acme, server, f"{elsewhere.url}/media/a?sig=1", extra_headers={"x-team": "secret-team"})
    assert acme.run(result.save("fox")) == [Path("fox.png")]
    assert Path("fox.png").read_bytes() == PNG
    (request,) = elsewhere.requests
    assert request.target == "/media/a?sig=1"
    assert not {"x-acme-key", "x-team", "authorization", "cookie"} & set(request.headers)
    assert KEY not in str(request)


def test_a_download_from_the_apis_origin_has_no_key(acme: Any, server: Any) -> None:
    server.on("/media/a.png", Reply(body=PNG))
    acme.run(job(acme, server, f"{server.url}/media/a.png").save())
    assert files() == ["j-1.png"]
    assert "x-acme-key" not in server.requests[-1].headers


def test_a_callers_http_client_adds_nothing_to_a_download(acme: Any, server: Any, elsewhere: Any) -> None:
    elsewhere.on("/a", Reply(body=PNG))
    kind = httpx2.AsyncClient if acme.is_async else httpx2.Client
    own = kind(headers={"x-mine": "m"}, auth=("user", "password"), cookies={"c": "d"}, params={"p": "q"})
    acme.run(job(acme, server, f"{elsewhere.url}/a", http_client=own).save())
    assert "x-mine" in server.requests[0].headers
    assert elsewhere.requests[0].target == "/a"
    assert not {"x-mine", "authorization", "cookie"} & set(elsewhere.requests[0].headers)
    acme.close_http(own)


def test_redirects_of_downloads_are_followed(acme: Any, server: Any, elsewhere: Any) -> None:
    server.on("/a", Reply(302, headers={"location": "b"}))
    server.on("/b", Reply(307, headers={"location": f"{elsewhere.url}/c"}))
    elsewhere.on("/c", Reply(body=PNG))
    acme.run(job(acme, server, f"{server.url}/a").save())
    assert files() == ["j-1.png"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/y", "javascript:x"])
def test_redirects_to_other_schemes_are_not_followed(acme: Any, server: Any, location: str) -> None:
    server.on("/a", Reply(302, headers={"location": location}))
    with pytest.raises(OutputError, match=r"redirects|cannot be sent"):
        acme.run(job(acme, server, f"{server.url}/a").save())
    assert files() == []


def test_a_redirect_loop_ends(acme: Any, server: Any) -> None:
    server.on("/a", Reply(302, headers={"location": "/a"}))
    with pytest.raises(OutputError, match="more than 10 times"):
        acme.run(job(acme, server, f"{server.url}/a").save())


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    settings = Acme(KEY, base_url="https://api.test")._settings
    download = Download(settings, "https://cdn.test/a", OutputSource("fox"), Deadline(settings.clock))
    with pytest.raises(OutputError, match=r"cdn\.test/a: it redirects from https to http"):
        download._redirect("http://cdn.test/a")


def test_a_content_length_over_the_limit_ends_the_download(acme: Any, server: Any) -> None:
    server.on("/a", Reply(body=b"x" * 1000, drip=1))
    result = job(acme, server, f"{server.url}/a")
    started = time.monotonic()
    with pytest.raises(OutputError, match="larger than 10 bytes"):
        acme.run(result.save("a.bin", max_bytes=10))
    assert time.monotonic() - started < 20


def test_an_aborted_download_releases_its_connection(acme: Any, server: Any) -> None:
    server.on("/a", Reply(body=b"x" * 1_000_000))
    kind = httpx2.AsyncClient if acme.is_async else httpx2.Client
    own = kind(limits=httpx2.Limits(max_connections=1))
    result = job(acme, server, f"{server.url}/a", http_client=own, timeout=1)
    for _ in range(3):
        with pytest.raises(OutputError, match="larger than"):
            acme.run(result.save("a.bin", max_bytes=10))
    acme.close_http(own)


def test_an_output_over_the_limit_is_removed(acme: Any, server: Any) -> None:
    server.on("/a", Reply(body=b"x" * 100_000))
    result = job(acme, server, f"{server.url}/a")
    with pytest.raises(OutputError, match="larger than 99999 bytes; to allow more, pass max_bytes="):
        acme.run(result.save("a.bin", max_bytes=99_999))
    assert files() == []
    acme.run(result.save("a.bin", max_bytes=None))
    assert Path("a.bin").stat().st_size == 100_000


def test_the_limit_applies_to_the_decompressed_size(acme: Any, server: Any) -> None:
    import gzip

    server.on("/a", Reply(body=gzip.compress(b"x" * 1_000_000), headers={"content-encoding": "gzip"}))
    with pytest.raises(OutputError, match="larger than"):
        acme.run(job(acme, server, f"{server.url}/a").save(max_bytes=100_000))
    assert files() == []


def test_a_failed_download_is_repeated(acme: Any, server: Any, clock: Any) -> None:
    server.on("/a", Reply(cut=True, body=PNG), Reply(503), Reply(body=PNG))
    acme.run(job(acme, server, f"{server.url}/a", clock=clock).save("a.png"))
    assert Path("a.png").read_bytes() == PNG
    assert clock.slept == [0.5, 1.0]


def test_a_failed_download_keeps_the_old_file(acme: Any, server: Any, clock: Any) -> None:
    Path("a.png").write_text("old")
    server.on("/a", Reply(cut=True, body=PNG))
    with pytest.raises(APIConnectionError, match=f"cannot download {server.url}/a: the connection"):
        acme.run(job(acme, server, f"{server.url}/a?sig=secret", clock=clock).save("a.png"))
    assert Path("a.png").read_text() == "old"
    assert files() == ["a.png"]


def test_a_missing_output_is_an_error(acme: Any, server: Any) -> None:
    server.on("/a", Reply(404))
    with pytest.raises(
        OutputError, match=r"status 404 Not Found\. Outputs are kept for a limited time"
    ) as caught:
        acme.run(job(acme, server, f"{server.url}/a?sig=secret").save())
    assert "secret" not in str(caught.value)
    assert caught.value.status == 404
    assert server.paths().count("/a") == 1


def test_a_password_in_a_url_is_not_shown(acme: Any, server: Any) -> None:
    server.on("/a", Reply(404))
    with pytest.raises(OutputError) as caught:
        acme.run(job(acme, server, f"{server.url}/a".replace("//", "//user:secret@")).save())
    assert "authorization" not in server.requests[-1].headers
    assert "secret" not in str(caught.value)


def test_outputs_can_be_saved_after_the_client_was_closed(acme: Any, server: Any) -> None:
    server.on("/a", Reply(body=PNG))
    client = acme.client()
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a"}))
    result = acme.run(client.job("j-1").result())
    acme.run(client.close())
    assert acme.run(result.save("a.png")) == [Path("a.png")]


def test_a_constructed_result_cannot_download(acme: Any) -> None:
    kind = AsyncJobResult if acme.is_async else JobResult
    with pytest.raises(OutputError, match="does not belong to a client"):
        acme.run(kind(output="https://cdn.test/a.png").save())
    assert acme.run(kind(output="a poem").save()) == [Path("output.txt")]


def test_a_download_is_streamed(acme: Any, server: Any) -> None:
    """The first bytes are on disk before the last ones are sent."""
    script = textwrap.dedent(
        f"""
        from acme_client import Acme
        job = Acme({KEY!r}, base_url={server.url!r}).job("j-1")
        job.result().save("a.bin")
        """
    )
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a"}))
    server.on("/a", Reply(body=b"x" * 100, drip=0.1))
    process = subprocess.Popen([sys.executable, "-c", script], env={"PYTHONPATH": str(ROOT)})
    try:
        deadline = time.monotonic() + 20
        while not any(Path(name).stat().st_size for name in files()) and time.monotonic() < deadline:
            time.sleep(0.01)
        (part,) = files()
        assert part.endswith(".part")
        assert 0 < Path(part).stat().st_size < 100
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert "a.bin" not in files()


@pytest.mark.parametrize(
    "output", ["s3://bucket/a.png", "ftp://cdn.test/a.png", "file:///etc/passwd", "gs://bucket/a red fox.png"]
)
def test_an_address_that_cannot_be_downloaded_is_an_error(acme: Any, server: Any, output: str) -> None:
    with pytest.raises(OutputError, match=f"cannot download {output[:8]}.* leads from http to"):
        acme.run(job(acme, server, {"file": output}).save("fox.png"))
    assert files() == []


@pytest.mark.parametrize(
    "output",
    [
        "http://a..b/x.png",
        "http://cdn.test:99999/x.png",
        "http://[::1/x.png",
        "http:// cdn.test/x.png",
        "https://\t/x.png",
    ],
)
def test_an_invalid_address_is_an_error(acme: Any, server: Any, output: str) -> None:
    with pytest.raises(OutputError, match="it is not a valid URL"):
        acme.run(job(acme, server, {"file": output}).save("fox.png"))


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("0.0.0.0", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("10.1.2.3", "private"),
        ("192.168.1.1", "private"),
        ("172.16.0.1", "private"),
        ("100.64.0.1", "private"),
        ("fd00::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("2002:a00:1::", "private"),
        ("224.0.0.1", "private"),
        ("1.1.1.1", "public"),
        ("2606:4700::1111", "public"),
    ],
)
def test_zones_of_addresses(address: str, zone: str) -> None:
    assert zone_of(address) == zone


HOSTS = {"api.test": ("1.1.1.1",), "cdn.test": ("8.8.8.8",), "intern.test": ("8.8.8.8", "10.0.0.8")}


@pytest.mark.parametrize(
    ("api", "url", "problem"),
    [
        ("https://api.test", "https://127.0.0.1/a", "127.0.0.1 has a loopback address"),
        ("https://api.test", "https://2130706433/a", "2130706433 has a loopback address"),
        ("https://api.test", "https://localhost:8443/a", "localhost has a loopback address"),
        ("https://api.test", "https://[::1]/a", "::1 has a loopback address"),
        ("https://api.test", "https://169.254.169.254/latest", "169.254.169.254 has a link-local address"),
        ("https://api.test", "https://intern.test/a", "intern.test has a private address"),
        ("https://127.0.0.1", "https://10.0.0.1/a", "10.0.0.1 has a private address"),
        ("https://10.0.0.1", "https://127.0.0.1/a", "127.0.0.1 has a loopback address"),
        ("https://api.test", "https://cdn.test/a", None),
        ("https://127.0.0.1:8000", "https://localhost/a", None),
        ("http://10.0.0.1", "http://10.0.0.2:9000/a", None),
        ("https://intern.test", "https://10.0.0.2/a", None),
        ("https://169.254.169.254", "https://169.254.169.254/a", None),
        ("https://api.test", "https://unresolved.test/a", None),
        ("https://api.test", "http://cdn.test/a", "from https to http"),
        ("https://api.test", "http://localhost/a", "from https to http"),
    ],
)
def test_private_addresses_are_refused_unless_the_api_is_there(
    acme: Any, tmp_path: Path, api: str, url: str, problem: str | None
) -> None:
    """Steps as a driver would get them: nothing is sent."""
    settings = acme.client(base_url=api)._settings
    source = OutputSource("fox", f"{api}/v1/fox")
    program = save(settings, [Remote(url)], "fox", source=source, overwrite=None, max_bytes=None)
    with pytest.raises(OutputError, match=problem) if problem else nullcontext():
        step = next(program)
        while isinstance(step, Block):
            [host] = step.function.args
            known = HOSTS.get(host)
            is_local = host == "localhost" or host.strip("[]:.0123456789") == ""
            step = program.send(Returned(known or (addresses_of(host) if is_local else ())))
        assert isinstance(step, Open)
    program.close()


def test_a_redirect_to_a_private_address_is_refused(acme: Any, server: Any) -> None:
    server.on("/a", Reply(302, headers={"location": "http://10.255.255.1/a"}))
    with pytest.raises(OutputError, match=r"10\.255\.255\.1 has a private address, and the API has not"):
        acme.run(job(acme, server, f"{server.url}/a").save("fox.png"))
