"""Results of calls and jobs whose outputs tests save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from acme_support.server import Reply

PNG = b"\x89PNG\r\n\x1a\n a png"
JPEG = b"\xff\xd8\xff\xe0 a jpeg"


def image(acme: Any, server: Any, body: Any = JPEG, **options: Any) -> Any:
    server.on("/v1/fox-1.5", Reply(body=body, headers={"content-type": "image/jpeg"} if body == JPEG else {}))
    return acme.run(acme.client(**options).fox_1_5.generate(prompt="a"))


def job(acme: Any, server: Any, output: Any, **options: Any) -> Any:
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": output}))
    return acme.run(acme.client(**options).job("j-1").result())


def files(folder: str = ".") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())
