"""Names of the generated package, and names of another SDK that it exports.

V410 package-changed

    Names of the package, the distribution, the command, the client's class or its environment variables. To pip, `fox-client`
    and `Fox_Client` are the same name of a distribution.

    Bad::

        # after/api.yaml
        client: Zoo

    Good::

        # after/api.yaml
        license: MIT

V411 drop-in-changed

    Names of another SDK that the package exports (`drop_in`).

    Bad::

        # before/api.yaml
        drop_in: { replaces: "foxes>=1", run: run }
        # after/api.yaml
        drop_in: { replaces: "foxes>=1", run: execute }

    Good::

        # before/api.yaml
        drop_in: { replaces: "foxes>=1", run: run }
        # after/api.yaml
        drop_in: { replaces: "foxes>=1", run: run, submit: submit }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from speccast.diff.change import RENAMED, Change, ChangeRule, Effect, Level, Side, Witness, effects
from speccast.diff.witnesses import name_witness

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api
    from speccast.core.check import Pointer
    from speccast.diff.change import Effects


PACKAGE: Final = ChangeRule("V410", "package-changed", Level.BREAKING, "another name of package or client")
DROP_IN: Final = ChangeRule("V411", "drop-in-changed", Level.BREAKING, "other names of another SDK")


_SETTING: Final[Effects] = {
    Side.PYTHON: Effect(Level.BREAKING, "run time"),
    Side.COMMAND_LINE: Effect(Level.BREAKING),
    Side.TESTS: Effect(Level.BREAKING),
}
_NAMES: Final[Mapping[str, tuple[Pointer, Effects]]] = {
    "package": (("package",), RENAMED),
    "client": (("client",), RENAMED),
    "distribution": (("distribution",), {Side.PYTHON: Effect(Level.BREAKING, "installation")}),
    "command": (("command",), effects(Level.BREAKING, Side.COMMAND_LINE)),
    "env_api_key": (("environment", "api_key"), _SETTING),
    "env_base_url": (("environment", "base_url"), _SETTING),
    "env_log": (("environment", "log"), effects(Level.BEHAVIOR, Side.PYTHON)),
}
"""For each name, its place in `api.yaml`, and the effects of changing it."""


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of names."""
    for name, (pointer, usual) in _NAMES.items():
        one, other = getattr(old, name), getattr(new, name)
        if one == other:
            continue
        meaning = usual if one else {side: Effect(Level.ADDITION) for side in usual}
        if name == "distribution" and canonicalize_name(one) == canonicalize_name(other):
            meaning = effects(Level.TEXT, Side.PYTHON)
        is_break = any(effect.level is Level.BREAKING for effect in meaning.values())
        yield Change(
            PACKAGE,
            pointer,
            f"{'.'.join(map(str, pointer))} changes from {one or 'none'} to {other or 'none'}",
            meaning,
            _witness(name, old) if is_break else None,
        )
    before, after = (set(api.drop_in.names if api.drop_in else ()) for api in (old, new))
    for name in sorted(before ^ after):
        is_gone = name in before
        yield Change(
            DROP_IN,
            ("drop_in",),
            f"{name} is {'not exported anymore' if is_gone else 'exported as well'}",
            RENAMED if is_gone else {Side.PYTHON: Effect(Level.ADDITION)},
            name_witness(old, name) if is_gone else None,
        )


def _witness(name: str, old: Api) -> Witness:
    """Return what fails when a name is gone."""
    importing = f"from {old.package} import {old.client}"
    match name:
        case "command":
            return Witness("command", "", f"{old.command} --version")
        case "distribution":
            return Witness("command", "", f"pip install {old.distribution}")
        case "env_api_key":
            return Witness(
                "python", "", f"{importing}; os.environ[{old.env_api_key!r}] = 'key'; {old.client}()"
            )
        case "env_base_url":
            url = "http://localhost:8000"
            setting = f"os.environ[{old.env_base_url!r}] = {url!r}"
            return Witness(
                "python", "", f"{importing}; {setting}; assert {old.client}('key').base_url == {url!r}"
            )
    return Witness("python", "", importing)
