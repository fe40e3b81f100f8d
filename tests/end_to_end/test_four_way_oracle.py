"""Client, parameter model, emulator and plain JSON Schema agree on every body as it is sent: whether it is valid, and where it is not."""

from __future__ import annotations

import importlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speccast.emulator.server import running
from speccast.specs.bundle import Bundle, read_bundle
from speccast.specs.load import load

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
MODELS = [
    (name, str(cast("dict[str, Any]", model.value)["slug"]))
    for name, folder in APIS.items()
    for api in load(folder).apis
    for model in api.models
]

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
"""Parameters are tried one by one, also where they have no effect, of which the client warns."""


@dataclass(frozen=True, eq=False)
class Court:
    """All that judges the requests of one model, and the model."""

    slug: str
    spec: Mapping[str, Any]
    client: Client
    schema: JsonSchema
    params: ParamsModel

    @property
    def as_job(self) -> bool:
        return "async" in self.spec["surfaces"]

    def is_good(self, wire: str, value: Any) -> bool:
        """Whether nothing is wrong with a value of one parameter."""
        body = json.dumps({**minimal(self.spec["parameters"]), wire: value}).encode()
        return self.schema.judge(body).is_valid

    def agrees(self, arguments: Arguments) -> bool:
        """Whether the body that the client sends is valid. Fails where one judge says something else."""
        own, body, answered = self.client.judge(self.slug, arguments, as_job=self.as_job)
        plain = self.schema.judge(body)
        assert self.params.judge(body) == plain, body
        if own.is_valid:
            assert (answered, plain) == (own, own), body
        else:
            assert own == answered == plain, body
        return plain.is_valid

    def agrees_on(self, arguments: Arguments, extra: Arguments) -> None:
        """The same of what the client sends without a check."""
        body, answered = self.client.judge_unchecked(self.slug, arguments, extra, as_job=self.as_job)
        assert json.loads(body) == json.loads(json.dumps({**arguments, **extra}))
        assert answered == self.schema.judge(body), body


@pytest.fixture(scope="module")
def courts(generated: Path) -> Iterator[Callable[[str, str], Court]]:
    """The court of a model, by its API and slug. The emulators make no pictures: JSON is there at once."""
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
            url = stack.enter_context(running(Bundle(bundle.api, quick)))
            clients[name] = Client(package, bundle.api["client"], url)

        @cache
        def court(name: str, slug: str) -> Court:
            spec = bundles[name].models[slug]
            return Court(slug, spec, clients[name], JsonSchema(spec), ParamsModel(packages[name], slug))

        yield court


@WITHOUT_EFFECT
@pytest.mark.parametrize(("name", "slug"), MODELS)
def test_they_agree_at_every_bound_step_and_enum_value(
    courts: Callable[[str, str], Court], name: str, slug: str
) -> None:
    court = courts(name, slug)
    least = minimal(court.spec["parameters"])
    assert court.agrees(least)
    for wire, spec in court.spec["parameters"].items():
        values = interesting(spec)
        found = [court.agrees({**least, wire: value}) for value in values]
        assert any(found)
        assert not all(found)
        court.agrees({other: value for other, value in least.items() if other != wire})
        for value in values[::5]:
            court.agrees_on(least, {wire: value})


@WITHOUT_EFFECT
@pytest.mark.parametrize(("name", "slug"), MODELS)
@settings(
    derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_they_agree_on_any_parameters_together(
    courts: Callable[[str, str], Court], name: str, slug: str, data: st.DataObject
) -> None:
    court = courts(name, slug)
    court.agrees(data.draw(_arguments(court)))


@cache
def _arguments(court: Court) -> st.SearchStrategy[Arguments]:
    """Any of the parameters, most of them as they should be, and now and then a name that is none of them."""
    parameters = court.spec["parameters"]
    least = minimal(parameters)
    values = {}
    for wire, spec in parameters.items():
        good = [value for value in interesting(spec) if court.is_good(wire, value)]
        values[wire] = st.one_of(*[st.sampled_from(good)] * 4, st.sampled_from(interesting(spec)), ANYTHING)
    needed = {wire: values[wire] for wire in least}
    free = {wire: value for wire, value in values.items() if wire not in needed}
    known = st.fixed_dictionaries(needed, optional=free)
    unknown = st.dictionaries(
        st.text(max_size=8).filter(lambda text: text not in parameters), ANYTHING, max_size=1
    )
    return st.one_of(*[known] * 4, st.tuples(known, unknown).map(lambda both: {**both[1], **both[0]}))
