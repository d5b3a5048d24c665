"""Find the modules whose classes end up in a model, from positive evidence only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.closure.chained import Chained
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.sources import Sources

MIXIN = "GraphModuleMixin"
_MODULE = frozenset({"torch.nn.Module", "torch.nn.modules.Module", "torch.nn.modules.module.Module"})
_BUILDERS = frozenset({"model_builder", "model_modifier"})


class Candidate(NamedTuple):
    """A class that may be part of a model; `why` says what makes it a root, or why it is none."""

    module: str
    name: str
    is_root: bool
    why: str


def candidates(
    modules: Iterable[Facts], sources: Sources, internal: frozenset[str] = frozenset()
) -> list[Candidate]:
    """Judge every class of some modules that is an `nn.Module`.

    Args:
        modules: the facts of the linted modules.
        sources: for base classes in other packages.
        internal: top-level names of the packages in which base classes are looked up.
    """
    ancestry = Ancestry(sources, internal)
    listed = list(modules)
    constructed = {definition for facts in listed for definition in ancestry.constructed(facts)}
    found: list[Candidate] = []
    for facts in listed:
        for item in facts.classes:
            kind = ancestry.kind(facts.module, item.name)
            if kind == "mixin":
                found.append(Candidate(facts.module, item.name, True, f"is a {MIXIN}"))
            elif kind == "module":
                built = (facts.module, item.name) in constructed
                why = "a model builder makes it" if built else "no model builder is seen to make it"
                found.append(Candidate(facts.module, item.name, built, why))
    return found


class Ancestry:
    """Follows names and base classes through the modules at hand."""

    def __init__(self, sources: Sources, internal: frozenset[str]) -> None:
        self.sources = sources
        self.internal = internal
        self._kinds: Chained[tuple[str, str], str] = Chained(self._inherited, "")

    def constructed(self, facts: Facts) -> set[tuple[str, str]]:
        """The classes that the model builders and modifiers of a module make, where they are defined."""
        found = set()
        for function in facts.functions:
            if _BUILDERS.isdisjoint(name.rpartition(".")[2] for name in function.decorators):
                continue
            for name in function.constructs:
                definition = self.definition(resolve_local(facts, name))
                if definition is not None:
                    found.add(definition)
        return found

    def definition(self, name: str) -> tuple[str, str] | None:
        """The module and name in which a dotted name is defined, re-exports followed."""
        return definition_of(self.sources, name)

    def kind(self, module: str, name: str) -> str:
        """`mixin`, `module` or ``: what a class descends from."""
        return self._kinds((module, name))

    def _inherited(self, place: tuple[str, str]) -> str:
        module, name = place
        facts = self.sources.facts(module)
        bases = next((item.bases for item in facts.classes if item.name == name), ()) if facts else ()
        kinds = {self._base(facts, base) for base in bases if facts and base}
        return "mixin" if "mixin" in kinds else "module" if "module" in kinds else ""

    def _base(self, facts: Facts, base: str) -> str:
        full = resolve_local(facts, base)
        if full in _MODULE:
            return "module"
        if full.startswith("nequip.") and full.endswith(f".{MIXIN}"):
            return "mixin"
        if full.startswith("torch.nn."):
            return "module"
        if not self._is_followed(full):
            return ""
        definition = self.definition(full)
        return "" if definition is None else self.kind(*definition)

    def _is_followed(self, name: str) -> bool:
        """Whether base classes are looked up in a name's package: not in libraries, which make no roots."""
        top = name.partition(".")[0]
        return top in self.sources.tops or top in self.internal


def resolve_local(facts: Facts, name: str) -> str:
    """The absolute dotted name behind a name; one that no import binds belongs to the module itself."""
    full = resolve(facts, name)
    is_own = full == name and any(item.name == name.partition(".")[0] for item in facts.classes)
    return f"{facts.module}.{name}" if is_own else full


@lru_cache(maxsize=4096)
def definition_of(sources: Sources, name: str, depth: int = 8) -> tuple[str, str] | None:
    """Where a dotted name is defined: (module, rest of the name), re-exports followed.

    Args:
        sources: the modules at hand.
        name: an absolute dotted name.
        depth: how many re-exports to follow at most.
    """
    module, _, rest = name.rpartition(".")
    while module:
        facts = sources.facts(module)
        if facts is not None:
            return _follow(sources, facts, rest, depth)
        module, _, head = module.rpartition(".")
        rest = f"{head}.{rest}"
    return None


def _follow(sources: Sources, facts: Facts, name: str, depth: int) -> tuple[str, str] | None:
    head = name.partition(".")[0]
    if head in {binding.name for binding in facts.bindings}:
        return facts.module, name
    full = resolve(facts, name)
    if full != name and depth:
        return definition_of(sources, full, depth - 1)
    for item in facts.imports:
        if depth and item.module and any(bound == "*" for _, bound in item.names):
            found = definition_of(sources, f"{item.module}.{name}", depth - 1)
            if found is not None:
                return found
    return None
