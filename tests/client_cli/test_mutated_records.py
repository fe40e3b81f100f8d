"""`show` and `again` of files whose records were changed: an answer or an error, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.thorough import cases

from .conftest import PNG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

SCRIPT = r"""
import contextlib, io, json, pathlib, random, sys
from acme_client.cli.app import start

number, *names = sys.argv[1:]
random = random.Random(20261129)
ODD = [
    None, True, -1, 1e308, 10**400, "", "\x1b[31m", "\u202e", "a" * 5000, [], {}, {"$content": None},
    {"$content": {"sha256": 5, "name": [1], "size": "x"}}, {"$content": {"name": "\x1b]0;t\x07"}}, [[]],
    [{"$content": {}}], {"a": {"$content": {"sha256": "x"}}}, "data:image/png;base64,iVBORw0KGgo=",
    "https://x.example/a.png", "in.png", "file:///a.png", "-", "@x", {"face": [{"$content": {}}]},
]
INPUTS = [
    ["--set", "image=in.png", "--set", "images=in.png"] if "blend" in name else ["--set", "scan=in.png", "--set", "views=in.png"]
    for name in names
]
records = [json.loads(pathlib.Path(name).read_text()) for name in names]

def places(value, path=()):
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))

def change(record):
    found = [each for each in places(record) if each[0] == "parameters" or random.random() < 0.05]
    *path, last = random.choice(found or [("model",)])
    place = record
    for step in path:
        place = place[step]
    if isinstance(place, dict) and random.random() < 0.2:
        place.pop(last, None)
    else:
        place[last] = json.loads(json.dumps(random.choice(ODD)))

codes = set()
for each in range(int(number)):
    record = json.loads(json.dumps(records[each % len(records)]))
    record.pop("sha256", None)
    for _ in range(random.randint(1, 4)):
        change(record)
    pathlib.Path("m.json").write_text(json.dumps(record))
    inputs = INPUTS[each % len(records)]
    for words in (["show"], ["again", "--dry-run"], ["again", *inputs], ["again", "--dry-run", *inputs]):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = start([words[0], "m.json", *words[1:]])
        codes.add((words[0], code))
        text = output.getvalue()
        is_wrong = code not in (0, 1, 2) or any(mark in text for mark in ("Traceback", "a bug", "\x1b", "\u202e"))
        assert not is_wrong, (words, code, record, text)
print(sorted(codes))
"""


def test_changed_records_are_shown_repeated_or_refused(cli: Cli, server: Server) -> None:
    (cli.folder / "in.png").write_bytes(PNG)
    server.on("POST /v1/speak", Reply(b"ID3\x04" + bytes(30), content_type="audio/mpeg"))
    server.on("POST /v1/blend", Reply(b"\0\0\0\x18ftypmp42" + bytes(30), content_type="video/mp4"))
    image = ("--image", "in.png", "--images", "in.png", "--images", "https://x.example/a.png")
    speech = ("--text", "x", "--scan", "in.png", "--views", "in.png")
    assert cli("blend", *image, "--embed", "--no-validate", "-o", "blend").returncode == 0
    assert cli("speak", *speech, "--embed", "--no-validate", "-o", "speak").returncode == 0
    names = [path.name for path in cli.folder.glob("*.*.json")]
    assert len(names) == 2
    sent = len(server.received)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(cases(100, 4000)), *names],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "('show', 0)" in done.stdout
    assert "('again', 0)" in done.stdout
    assert len(server.received) == sent
