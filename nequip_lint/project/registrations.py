"""Registrations in force: nequip's defaults and the calls that run with the entry points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.values import Call, Facts
from nequip_lint.project.sources import Sources

FUNCTION = "register_libraries_as_external_for_packaging"
_DEFAULTS = "nequip.scripts._package_utils"
_PARAMETERS = ("extern_modules", "mock_modules")


class Registration(NamedTuple):
    """One call: None for an argument that is computed."""

    facts: Facts
    call: Call
    extern: tuple[str, ...] | None
    mock: tuple[str, ...] | None


def registrations_in(modules: Iterable[Facts]) -> Iterator[Registration]:
    """The registration calls that run when some modules are imported."""
    for facts in modules:
        for call in facts.calls:
            if call.name.rpartition(".")[2] == FUNCTION:
                yield _read(facts, call)


def _read(facts: Facts, call: Call) -> Registration:
    given: dict[str, tuple[str, ...] | None] = {"extern_modules": (), "mock_modules": ()}
    positional = iter(_PARAMETERS)
    for name, value in call.arguments:
        key = name or next(positional, "")
        if key == "**":
            return Registration(facts, call, None, None)
        given[key] = value
    return Registration(facts, call, given["extern_modules"], given["mock_modules"])


def defaults(sources: Sources) -> tuple[frozenset[str], frozenset[str]]:
    """nequip's own extern and mock defaults, from its source or summary; empty where there is neither."""
    facts = sources.facts(_DEFAULTS)
    found = dict(facts.literals) if facts is not None else {}
    extern = found.get("_DEFAULT_EXTERNAL_MODULES", ())
    return frozenset(extern), frozenset(found.get("_DEFAULT_MOCK_MODULES", ()))
