"""Client, parameter model, emulator and plain JSON Schema agree for every body on whether it is valid, and on the invalid parameters."""

from __future__ import annotations

import importlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speccast.emulator.sample_files import sample_file
from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings
from speccast.specs.bundle import Bundle, read_bundle
from speccast.specs.load import load
from tests.media import wrong_media
from tests.thorough import cases, one_of_each

from .oracle import Arguments, Client, JsonSchema, ParamsModel, interesting, minimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
INVENTED = ROOT / "tests" / "apis"
APIS = {
    "segmind": ROOT / "specs" / "segmind",
    "harmonia": INVENTED / "harmonia",
    "minimal": INVENTED / "minimal",
}
SPECS = {
    (name, str(spec["slug"])): spec
    for name, folder in APIS.items()
    for api in load(folder).apis
    for spec in (cast("dict[str, Any]", model.value) for model in api.models)
}
MODELS = [key for key, spec in SPECS.items() if "body" not in spec]
FORMS = [slug for (name, slug), spec in SPECS.items() if "body" in spec]

NAMED = ("type", "format", "forms", "media", "multipleOf", "pattern", "required")
"""Keywords whose values decide what is checked."""
PROSE = ("default", "description", "examples", "name", "note")


def kind(spec: object) -> str:
    """Return the types and keywords of a parameter, without its texts and numbers."""
    if isinstance(spec, dict):
        return str(
            {key: each if key in NAMED else kind(each) for key, each in spec.items() if key not in PROSE}
        )
    return str([kind(each) for each in spec]) if isinstance(spec, list) else type(spec).__name__


PARAMETERS = [(key, wire, spec) for key in MODELS for wire, spec in SPECS[key]["parameters"].items()]
WIRES: dict[tuple[str, str], list[str]] = {key: [] for key in MODELS}
"""The parameters to check in a model: in a usual run, one of each kind in all models."""
for key, wire, _ in one_of_each(lambda parameter: kind(parameter[2]), PARAMETERS):
    WIRES[key].append(wire)
PNG, JPEG, TEXT = (sample_file(kind)[1] for kind in ("image/png", "image/jpeg", "text/plain"))
FILES = (PNG, JPEG, TEXT, *(PNG.ljust(size, b"\0") for size in (4096, 4097, 65536, 65537)))

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)

WITHOUT_EFFECT = pytest.mark.filterwarnings("ignore:.*no effect")
"""The client warns about parameters without an effect, which the tests try as well."""


@dataclass(frozen=True, eq=False)
class Oracle:
    """The four implementations that check requests to a model."""

    slug: str
    spec: Mapping[str, Any]
    client: Client
    schema: JsonSchema
    params: ParamsModel

    @property
    def as_job(self) -> bool:
        return "async" in self.spec["surfaces"]

    @cached_property
    def least(self) -> Arguments:
        """The smallest valid request."""
        return minimal(self.spec["parameters"])

    def is_valid(self, wire: str, value: Any) -> bool:
        """Return whether a value of one parameter is valid."""
        body = json.dumps({**self.least, wire: value}).encode()
        return self.schema.check(body).is_valid

    def agrees(self, arguments: Arguments) -> bool:
        """Check that all agree on the body that the client sends, and return whether it is valid."""
        own, body, answered = self.client.check(self.slug, arguments, as_job=self.as_job)
        plain = self.schema.check(body)
        assert self.params.check(body) == plain, body
        if own.is_valid:
            assert (answered, plain) == (own, own), body
        else:
            assert own == answered == plain, body
        return plain.is_valid

    def agrees_on(self, arguments: Arguments, extra: Arguments) -> None:
        """Check that emulator and schema agree on a body that the client sends unchecked."""
        body, answered = self.client.check_unchecked(self.slug, arguments, extra, as_job=self.as_job)
        assert json.loads(body) == json.loads(json.dumps({**arguments, **extra}))
        assert answered == self.schema.check(body), body


@pytest.fixture(scope="module")
def oracles(generated: Path) -> Iterator[Callable[[str, str], Oracle]]:
    """Return the oracle of a model, by API and slug. The emulators send JSON, which is faster than pictures."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        bundles: dict[str, Bundle] = {}
        clients: dict[str, Client] = {}
        packages: dict[str, ModuleType] = {}
        for name in APIS:
            project = generated / "generated" / name / "python"
            [specs] = project.glob("*/_specs.json")
            bundle = bundles[name] = read_bundle(specs)
            patch.syspath_prepend(project)
            package = packages[name] = importlib.import_module(bundle.api["package"])
            quick = {
                slug: {**model, "returns": ["application/json"]} for slug, model in bundle.models.items()
            }
            emulator = stack.enter_context(
                start_emulator(Bundle(bundle.api, quick), EmulatorSettings(journal=1))
            )
            clients[name] = Client(package, bundle, emulator)

        @cache
        def oracle(name: str, slug: str) -> Oracle:
            spec = bundles[name].models[slug]
            return Oracle(
                slug, spec, clients[name], JsonSchema(spec), ParamsModel(packages[name], slug, spec)
            )

        yield oracle


@WITHOUT_EFFECT
@pytest.mark.parametrize(("name", "slug"), MODELS)
def test_they_agree_at_every_bound_step_and_enum_value(
    oracles: Callable[[str, str], Oracle], name: str, slug: str
) -> None:
    oracle = oracles(name, slug)
    least = oracle.least
    assert oracle.agrees(least)
    for wire in WIRES[name, slug]:
        values = interesting(oracle.spec["parameters"][wire])
        found = [oracle.agrees({**least, wire: value}) for value in values]
        assert any(found)
        assert not all(found)
        oracle.agrees({other: value for other, value in least.items() if other != wire})
        for value in values[::5]:
            oracle.agrees_on(least, {wire: value})


@WITHOUT_EFFECT
@pytest.mark.parametrize(("name", "slug"), MODELS)
@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=cases(10, 100),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_they_agree_on_any_parameters_together(
    oracles: Callable[[str, str], Oracle], name: str, slug: str, data: st.DataObject
) -> None:
    oracle = oracles(name, slug)
    oracle.agrees(data.draw(_arguments(oracle)))


@cache
def _arguments(oracle: Oracle) -> st.SearchStrategy[Arguments]:
    """Return any subset of the parameters, most of them valid, and sometimes an unknown name."""
    parameters = oracle.spec["parameters"]
    least = minimal(parameters)
    values = {}
    for wire, spec in parameters.items():
        good = [value for value in interesting(spec) if oracle.is_valid(wire, value)]
        values[wire] = st.one_of(*[st.sampled_from(good)] * 4, st.sampled_from(interesting(spec)), ANYTHING)
    needed = {wire: values[wire] for wire in least}
    free = {wire: value for wire, value in values.items() if wire not in needed}
    known = st.fixed_dictionaries(needed, optional=free)
    unknown = st.dictionaries(
        st.text(max_size=8).filter(lambda text: text not in parameters), ANYTHING, max_size=1
    )
    return st.one_of(*[known] * 4, st.tuples(known, unknown).map(lambda both: {**both[1], **both[0]}))


@WITHOUT_EFFECT
@pytest.mark.parametrize("slug", FORMS)
def test_they_agree_on_forms(oracles: Callable[[str, str], Oracle], slug: str) -> None:
    """A form has texts only, so what the client refuses can be valid: 1 for a text is the text 1."""
    oracle = oracles("harmonia", slug)
    parameters = oracle.spec["parameters"]
    least = {"image": PNG} if "image" in parameters and parameters["image"]["type"] == "file" else {}
    least |= minimal({wire: spec for wire, spec in parameters.items() if wire not in least})
    for wire, spec in parameters.items():
        is_files = spec["type"] == "array" and spec["items"]["type"] == "file"
        files = [[file] for file in FILES] + [[PNG] * 3, [PNG] * 4, [PNG, 1]] if is_files else FILES
        values = [
            *interesting({} if is_files else spec),
            *(files if is_files or spec["type"] == "file" else ()),
        ]
        found: set[bool] = set()
        for value in values:
            arguments = {**least, wire: value}
            checked = oracle.client.check_form(slug, arguments)
            if checked is None:
                continue
            own, decoded, answered = checked
            assert oracle.params.check_arguments(arguments) == own, arguments
            wrong = oracle.schema.check(json.dumps(decoded).encode()).wrong | wrong_media(parameters, decoded)
            assert answered.wrong == wrong, decoded
            is_ambiguous = not isinstance(value, bytes) and value not in files
            # Without checks, a client sends the text of an encoded file as it is.
            is_encoded = spec["type"] == "file" and isinstance(value, str) and own.is_valid
            assert is_encoded or (is_ambiguous and answered.is_valid) or answered == own, arguments
            assert is_encoded or own.is_valid <= answered.is_valid or value == [], arguments
            found.add(answered.is_valid)
        assert found == {True, False} or spec["type"] == "string" or spec == {"type": "file"} | spec
