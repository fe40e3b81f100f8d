"""What editors, documentation tools, mocks and frameworks read from a generated package without running a type checker."""

from __future__ import annotations

import importlib
import inspect
import pydoc
import sys
import typing
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from pydantic import TypeAdapter, create_model, validate_call

from speccast.targets.rendering import render
from tests.targets.support import EVERYTHING, NO_OVERLAY, api_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The client of the API that uses every key of the format."""
    folder = tmp_path_factory.mktemp("package")
    for path, content in render(api_of(EVERYTHING), "python", NO_OVERLAY).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("benign_client")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "benign_client"]:
        del sys.modules[name]


def test_the_class_of_the_client_has_the_models(package: Any) -> None:
    assert "everything_named" in dir(package.Benign)
    assert package.Benign.everything_named is package.models.EverythingNamed
    assert package.AsyncBenign.everything_named is package.models.AsyncEverythingNamed
    assert package.BenignClient.everything_named is package.models.EverythingNamed
    assert "Describes the model." in pydoc.render_doc(package.Benign)


def test_the_client_lists_its_models(package: Any) -> None:
    entry = package.Benign.models["everything_named"]
    assert isinstance(entry, package.ModelEntry)
    assert (entry.slug, entry.title, entry.surfaces) == ("everything", "Everything", ("sync", "async"))
    assert package.Benign("key").models is package.Benign.models


def test_an_unknown_attribute_is_an_attribute_error_with_a_suggestion(package: Any) -> None:
    client = package.Benign("key")
    with pytest.raises(AttributeError) as caught:
        _ = client.everything_name
    assert (caught.value.name, caught.value.obj) == ("everything_name", client)


def test_a_mock_of_the_client_has_the_methods_of_the_models(package: Any) -> None:
    client = mock.create_autospec(package.Benign, instance=True)
    client.everything_named.generate(words="a fox")
    with pytest.raises(TypeError, match="promt"):
        client.everything_named.generate(words="a fox", promt="a fox")
    with pytest.raises(AttributeError):
        _ = client.everything
    asynchronous = mock.create_autospec(package.AsyncBenign, instance=True)
    assert inspect.iscoroutinefunction(asynchronous.everything_named.submit)


def public_callables(package: Any) -> Iterator[tuple[str, Any]]:
    """Yield every public function, class, method and property of the package, with a name for messages."""
    for module in (package, package.models):
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) and value.__module__.startswith("benign_client"):
                yield name, value
                for member, attribute in inspect.getmembers(value):
                    own = inspect.unwrap(getattr(attribute, "__func__", attribute))
                    own = own.fget if isinstance(own, property) else own
                    is_ours = str(getattr(own, "__module__", "")).startswith("benign_client")
                    if inspect.isfunction(own) and is_ours and (member == "__init__" or member[0] != "_"):
                        yield f"{name}.{member}", own
            elif inspect.isfunction(value):
                yield name, value


def test_every_annotation_can_be_evaluated(package: Any) -> None:
    found = dict(public_callables(package))
    assert {"run", "Benign.__init__", "EverythingNamed.submit", "Job.wait", "JobResult.save"} <= found.keys()
    failed = []
    for name, value in found.items():
        try:
            typing.get_type_hints(value, include_extras=True)
            if not hasattr(value, "__total__"):  # a TypedDict has no signature
                inspect.signature(value, eval_str=True)
        except Exception as error:
            failed.append(f"{name}: {error!r}")
    assert not failed
    hints = typing.get_type_hints(package.models.EverythingNamed.submit)
    assert hints["return"] is package.Job
    assert package.Timeout in typing.get_args(hints["timeout"])


def test_pydantic_validates_calls_and_describes_arguments(package: Any) -> None:
    """As LangChain's `StructuredTool` and MCP's `FastMCP.tool` do, which make a model of the arguments."""
    functions = [
        (name, value)
        for name, value in public_callables(package)
        if inspect.isfunction(value) and not name.endswith("__init__")
    ]
    failed = []
    for name, function in functions:
        try:
            validate_call(function)
            arguments = {
                f"argument_{parameter.name}": (
                    Any if parameter.annotation is parameter.empty else parameter.annotation,
                    ...,
                )
                for parameter in inspect.signature(function, eval_str=True).parameters.values()
                # What `**options` takes is several arguments.
                if parameter.name not in ("self", "cls") and parameter.kind != parameter.VAR_KEYWORD
            }
            create_model(name, **arguments).model_json_schema()  # type: ignore[call-overload] # names that no overload has
        except Exception as error:
            failed.append(f"{name}: {error!r}")
    assert not failed


def test_classes_of_nested_objects_can_be_imported_from_the_models(package: Any) -> None:
    voice: Any = package.models.EverythingNamedVoice
    assert "EverythingNamedVoice" in package.models.__all__
    assert voice.__doc__ == "Describes an object."
    hints = typing.get_type_hints(voice)
    item = package.models.EverythingNamedVoiceStepsItem
    assert (hints["pitch"], typing.get_args(hints["steps"])) == (str, (item,))
    assert TypeAdapter(voice).validate_python({"steps": [{"at": 1.0}]}) == {"steps": [{"at": 1.0}]}
