"""`again` gives the same picture from the emulator, because it sends the seed of the response."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speccast.testing import emulator

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """\
import os
from pathlib import Path

from PIL import Image
from segmind_client import Segmind, read_record
from segmind_client.cli import main

def again(*words):
    before = set(Path().iterdir())
    assert main(["again", *words, "--yes"]) == 0
    [new] = set(Path().iterdir()) - before
    return new

with Segmind() as client:
    fox = client.stable_diffusion_3_5_large_txt2img.generate(prompt="a red fox")
    fox.save("fox.jpg", embed=True)
    cat = client.sd3_med_img2img.generate(image=fox, prompt="a cat", base64=True)
    cat.save("cat.jpg", embed=True)
    job = client.stable_diffusion_3_large_txt2img.submit(prompt="a blue hare")
    job.wait(interval=0.05).save("hare.jpg", embed=True)
    job.result()
    assert client.spent == 0.03
Path("in.jpg").write_bytes(fox.content)
assert "seed" not in read_record("fox.jpg").parameters
assert again("fox.jpg", "--no-embed").read_bytes() == fox.content
assert again("cat.jpg", "--set", "image=in.jpg", "--no-embed").read_bytes() == cat.images[0]
hares = [read_record(path) for path in ("hare.jpg", again("hare.jpg", "--interval", "0.05"))]
assert hares[0].parameters == hares[1].parameters
assert hares[0].request_id != hares[1].request_id
other = again("fox.jpg", "--set", "seed=7")
assert Image.open(other).tobytes() != Image.open("fox.jpg").tobytes()
assert read_record(other).parameters["seed"] == 7
"""


def test_again_gives_the_same_bytes(run: Callable[..., Any], tmp_path: Path) -> None:
    with emulator(ROOT / "specs" / "segmind") as api:
        environment = {
            "SEGMIND_BASE_URL": api.url,
            "SEGMIND_API_KEY": api.key,
            "PYTHONPATH": str(ROOT / "generated" / "segmind" / "python"),
        }
        run([sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, code=0)
