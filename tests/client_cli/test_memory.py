"""A command that sends and writes a film needs little memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.film_server import films, peak_of, write_film
from tests.thorough import cases

if TYPE_CHECKING:
    from .conftest import Cli

MIB = 1 << 20
SIZE = cases(16 * MIB, 200 * MIB)
LIMIT = cases(8 * MIB, 100 * MIB)

SCRIPT = """
import os, sys
from acme_client.cli import main

folder, *arguments = sys.argv[1:]

def work(small):
    name = "small" if small else "large"
    sys.stdout.flush()
    before = os.dup(1)
    with open(f"{folder}/out.mp4", "wb") as file:
        os.dup2(file.fileno(), 1)
    code = main([each.replace("NAME", name) for each in arguments])
    sys.stdout.flush()
    os.dup2(before, 1)
    assert code == 0, code

print(measured(work))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize(
    "arguments",
    [
        ["speak", "--text", "NAME", "--views", "{folder}/NAME.mp4", "-o", "{folder}/out.mp3"],
        ["speak", "--text", "NAME", "--views", "{folder}/NAME.mp4", "-o", "{folder}/out.mp3", "--embed"],
        ["speak", "--text", "NAME", "--views", "{folder}/NAME.mp4", "-o", "-"],
        ["film", "--prompt", "NAME", "-o", "-"],
    ],
)
def test_a_film_is_not_kept_in_memory(arguments: list[str], cli: Cli) -> None:
    write_film(cli.folder / "small.mp4", 100)
    write_film(cli.folder / "large.mp4", SIZE)
    given = [each.format(folder=cli.folder) for each in arguments]
    with films(SIZE, b"ID3\3") as server:
        environment = {**cli.environment, "ACME_BASE_URL": server.url}
        peak = peak_of(SCRIPT, str(cli.folder), *given, environment=environment)
    assert server.received > SIZE or "--views" not in arguments
    written = max(path.stat().st_size for path in cli.folder.glob("out.*"))
    assert written == SIZE
    assert peak < LIMIT
