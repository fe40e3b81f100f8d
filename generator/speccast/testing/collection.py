"""Collects a generated package as tests: its `_specs.json` is a test file, each case of its case tables a test.

A package has no test modules, so `pytest --pyargs acme_client` works for an installed wheel and for a vendored copy,
and tests the client in that folder.
"""

from __future__ import annotations

import reprlib
import sys
from contextlib import ExitStack
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

from speccast.errors import SpeccastError
from speccast.specs.bundle import read_bundle
from speccast.testing.agreement import check_case
from speccast.testing.server import emulator
from speccast.testing.table import cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from speccast.testing.table import Case


class SpecsFile(pytest.File):
    """The `_specs.json` of a package. Its tests share an emulator and a client."""

    client: Any = None

    def collect(self) -> Iterator[pytest.Item]:
        try:
            slugs = list(read_bundle(self.path).models)
        except SpeccastError as error:
            raise self.CollectError(error.message) from error
        for slug in slugs:
            for case in cases(self.path, slug):
                yield CaseItem.from_parent(self, name=f"{slug}[{case.id}]", case=case)

    def setup(self) -> None:
        with ExitStack() as stack:
            try:
                api = stack.enter_context(emulator(self.path))
            except SpeccastError as error:
                pytest.fail(f"{error.message}\nhint: {error.hint}", pytrace=False)
            client_class = getattr(_package(self.path.parent), read_bundle(self.path).api["client"])
            # A retry would only delay a failure.
            self.client = stack.enter_context(client_class(api.key, base_url=api.url, max_retries=0))
            self.addfinalizer(stack.pop_all().close)


class CaseItem(pytest.Item):
    """A case as a test."""

    parent: SpecsFile

    def __init__(self, *, case: Case, **options: Any) -> None:
        super().__init__(**options)
        self.case = case

    def runtest(self) -> None:
        check_case(self.parent.client, self.case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the message alone if client and API disagree, since the traceback leads into Speccast."""
        if excinfo.errisinstance(AssertionError):
            return f"{self.case.slug}: {excinfo.value}\nrequest: {reprlib.repr(self.case.arguments)}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, ""  # pytest would write the dots of a name in a title as `::`


def _package(folder: Path) -> ModuleType:
    """Return the package in a folder, imported. A copy imports relatively, so that its name does not matter."""
    for module in list(sys.modules.values()):
        if str(folder) in getattr(module, "__path__", ()):
            return module
    name = folder.name
    spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise SpeccastError(f"{folder}: not a package")
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
