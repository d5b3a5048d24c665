"""Registrations in force: nequip's defaults and the calls that run with the entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.names import last_part, resolve
from nequip_lint.facts.values import Call, Facts
from nequip_lint.machine.evaluate import Judge
from nequip_lint.machine.target import Target
from nequip_lint.project.sources import Sources

CORE = ("nequip", "e3nn")
"""What nequip packages the source of, whoever registers what."""
FUNCTION = "register_libraries_as_external_for_packaging"
DEFAULTS = ("nequip.scripts._package_utils", "nequip.model.saved_models.package")
"""Where nequip keeps its defaults: from 0.12.0 on, and before (nequip 0.10.0 to 0.11.1)."""
PARAMETERS = ("extern_modules", "mock_modules")


class Registration(NamedTuple):
    """One call: None for an argument that is computed."""

    facts: Facts
    call: Call
    extern: tuple[str, ...] | None
    mock: tuple[str, ...] | None

    def runs(self, target: Target, importable: Callable[[str], bool | None]) -> bool:
        """Whether no test around the call is known to fail on a machine.

        Args:
            target: the machine.
            importable: whether a module can be imported there; None where nothing tells.
        """
        return Judge(self.facts, target, importable).all(self.call.place.guards) is not False


def registrations_in(modules: Iterable[Facts]) -> Iterator[Registration]:
    """The registration calls that run when some modules are imported, also in functions that these call."""
    running = tuple(modules)
    called = {_absolute(facts, call.name) for facts in running if facts.calls for call in facts.calls}
    for facts in running:
        yield from (_read(facts, call) for call in facts.calls if is_registration(facts, call))
        for function, call in facts.deferred:
            if f"{facts.module}.{function}" in called:
                yield _read(facts, call)


def registrations_written(modules: Iterable[Facts]) -> Iterator[Registration]:
    """All registration calls of some modules, whether they run or not."""
    for facts in modules:
        yield from (_read(facts, call) for call in facts.calls if is_registration(facts, call))
        yield from (_read(facts, call) for _, call in facts.deferred)


def is_registration(facts: Facts, call: Call) -> bool:
    """Whether a call is one of nequip's registration function, under whatever name it was imported."""
    return last_part(facts, call.name) == FUNCTION


def _absolute(facts: Facts, name: str) -> str:
    full = resolve(facts, name)
    return f"{facts.module}.{name}" if full == name else full


def _read(facts: Facts, call: Call) -> Registration:
    given: dict[str, tuple[str, ...] | None] = {"extern_modules": (), "mock_modules": ()}
    positional = iter(PARAMETERS)
    for name, value in call.arguments:
        key = name or next(positional, "")
        if key == "**":
            return Registration(facts, call, None, None)
        # nequip adds `.**` to every name; torch.package takes a second one for nothing.
        given[key] = value and tuple(text.removesuffix(".**") for text in value)
    return Registration(facts, call, given["extern_modules"], given["mock_modules"])


def defaults(sources: Sources) -> tuple[frozenset[str], frozenset[str]]:
    """nequip's own extern and mock defaults, from its source or summary; empty where there is neither."""
    for module in DEFAULTS:
        facts = sources.facts(module)
        found = dict(facts.literals) if facts is not None else {}
        if "_DEFAULT_EXTERNAL_MODULES" in found:
            mock = found.get("_DEFAULT_MOCK_MODULES", ())
            return frozenset(found["_DEFAULT_EXTERNAL_MODULES"]), frozenset(mock)
    return frozenset(), frozenset()
