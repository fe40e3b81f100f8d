"""Many hostile texts: in each of many renderings, every field of an API has a different one.

What is rendered is the same code as with harmless texts (see `test_hostile_text`), the document of the API and the
emulator's page have the same structure, and when the packages are imported nothing runs that harmless ones do not run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import pytest

from speccast.emulator.pages import index
from speccast.emulator.routes import Routes
from speccast.specs.build import build_api, build_bundle
from speccast.specs.bundle import Bundle
from speccast.targets.openapi import openapi_document
from speccast.targets.rendering import draft, render
from tests.targets.hostile import FREE, assert_means_the_same, faults, hostile_texts
from tests.targets.support import (
    NO_OVERLAY,
    benign,
    change_each,
    change_everywhere,
    drafted,
    markdown_shape,
    objections,
    unseen,
)
from tests.thorough import cases, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speccast.specs.load import LoadedApi

BATCHES, RENDERINGS = cases(2, 20), 6
"""Batches are what the workers share."""


def test_there_are_many_cases() -> None:
    """A case is a hostile text in a field that is free to have any."""
    assert BATCHES * RENDERINGS * len(FREE) > cases(1_000, 10_000)
    texts = set(islice(hostile_texts(0), 1000))
    assert len(texts) > 800


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_hostile_text_in_every_field_gives_the_same_code(batch: int) -> None:
    for seed in range(batch * RENDERINGS, (batch + 1) * RENDERINGS):
        api = change_each(hostile_texts(seed))
        assert not objections(api), seed
        built = build_api(api)
        texts = drafted(built)
        assert not faults(texts, None), seed
        assert_means_the_same(api, texts)

        (document,) = render(built, "openapi", NO_OVERLAY).values()
        assert not unseen(document.decode()), seed
        assert json.loads(document) == openapi_document(built), seed
        assert not [text for text in descriptions(json.loads(document)) if is_markup(text)], seed

        page = page_of(api)
        assert elements(page) == elements(page_of(benign())), seed
        assert page_text(page).count("(emulator)") == 2, seed


def descriptions(value: Any) -> Iterator[str]:
    """Yield the texts of a document of OpenAPI that viewers take for Markdown."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "description" and isinstance(item, str):
                yield item
            yield from descriptions(item)
    elif isinstance(value, list):
        for item in value:
            yield from descriptions(item)


def is_markup(text: str) -> bool:
    """Return whether there is HTML, a link or a picture in a text that is taken for Markdown."""
    return any(kind in repr(markdown_shape(text)) for kind in ("'html_", "'link_open'", "'image'"))


def page_of(api: LoadedApi) -> str:
    """Return the page that the emulator shows of an API."""
    spec = {"id": "benign"} | cast("dict[str, Any]", api.api.value)
    models = {model.value["slug"]: model.value for model in cast("Any", api.models)}
    bundle = Bundle(spec, models)
    built = build_bundle(bundle)
    response = index(built, Routes(built), "http://127.0.0.1:8000")
    return bytes(response.body).decode("utf-8")


class Elements(HTMLParser):
    """The elements of a page with their attributes, its comments and declarations, and apart from them its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", data))

    def handle_data(self, data: str) -> None:
        self.text += data


def elements(page: str) -> list[object]:
    return Elements(page).found


def page_text(page: str) -> str:
    return Elements(page).text


WATCHER = """
import importlib, pkgutil, sys, sysconfig

roots = tuple({sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()})
seen = set()
here = sys.argv[1]

def watch(event, arguments):
    if not watching or event in ("import", "compile", "exec", "marshal.loads", "os.listdir", "os.scandir", "object.__getattr__"):
        return
    if event.startswith(("sys._getframe", "code.__new__", "builtins.id", "object.", "ctypes.", "gc.", "sys.set", "sys.unraisable")):
        return
    if event == "open" and arguments[1] in ("r", "rb", None) and not (arguments[2] or 0) & 3:
        return
    seen.add(f"{event} {arguments[0] if arguments else ''}")

watching = False
sys.addaudithook(watch)
sys.path.insert(0, here)
for package in sys.argv[2:]:
    watching = True
    found = importlib.import_module(package)
    for module in list(pkgutil.walk_packages(found.__path__, f"{package}.")):
        if not module.name.endswith(("__main__", ".batch.ray")):  # a static module, which needs Ray
            importlib.import_module(module.name)
    for name in found.__all__:
        getattr(found, name)
    watching = False
    print(package, len([name for name in sys.modules if name.startswith(f"{package}.")]), *sorted(seen))
    seen.clear()
"""


def test_rendered_modules_run_no_code_of_a_spec_on_import(tmp_path: Path) -> None:
    """Two ways to notice: an audit hook that hears of every file, process and connection, and a file that would appear."""
    payload = f"open('{(tmp_path / 'canary').as_posix()}', 'w')"
    wrapped = (
        f'"""\n{payload}\n"""',
        f"'+str({payload})+'",
        f'"+str({payload})+"',
        f"{{{payload}}}",
        f"{{{{ {payload} }}}}",
        f"\\\n{payload}\n",
        f"]\n{payload}\n[",
        f") or {payload} or (",
        payload,
    )
    apis = [benign(), *(change_everywhere(text) for text in some(2, wrapped))]
    apis += [change_each(hostile_texts(seed)) for seed in range(10_000, 10_000 + cases(2, 6))]
    packages = []
    for number, api in enumerate(apis):
        assert not objections(api)
        packages.append(f"client_{number}")
        write_package(tmp_path / packages[-1], api)
    ran = subprocess.run(
        [sys.executable, "-I", "-B", "-c", WATCHER, tmp_path, *packages],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    lines = [line.split(" ", 1) for line in ran.stdout.splitlines()]
    assert [package for package, _ in lines] == packages
    harmless, *others = [rest for _, rest in lines]
    assert int(harmless.split()[0]) > 40
    # What the first one loads of other packages is loaded once, so later ones do less.
    assert set(others) == {harmless.split()[0]}
    assert not (tmp_path / "canary").exists()


def write_package(folder: Path, api: LoadedApi) -> None:
    """The generated package under the name of the folder, which makes no difference to it."""
    made = draft(build_api(api), "python", NO_OVERLAY)
    contents = {path: text.encode() for path, text in (made.texts | made.selected).items()}
    contents |= {path: file.read_bytes() for path, file in made.copied.items()}
    for path, content in contents.items():
        package, _, inside = path.partition("/")
        if package == "benign_client":
            place = folder / inside
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
