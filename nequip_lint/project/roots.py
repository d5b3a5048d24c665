"""Where names are defined, and what classes descend from, through the modules at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.closure.chained import Chained
from nequip_lint.facts.names import binds, resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.sources import Sources

MIXIN = "GraphModuleMixin"
_MODULE = frozenset({"torch.nn.Module", "torch.nn.modules.Module", "torch.nn.modules.module.Module"})

Definition = tuple[str, str]
"""A module, and the name in it of a function or class, of a method, or of what is assigned."""


class Ancestry:
    """Follows names and base classes through the modules at hand."""

    def __init__(self, sources: Sources, internal: frozenset[str]) -> None:
        self.sources = sources
        self.internal = internal
        self._kinds: Chained[Definition, str] = Chained(self._inherited, "")

    def definition(self, name: str) -> Definition | None:
        """The module and name in which a dotted name is defined, re-exports followed."""
        return definition_of(self.sources, name)

    def kind(self, module: str, name: str) -> str:
        """`mixin`, `module` or ``: what a class descends from."""
        return self._kinds((module, name))

    def _inherited(self, place: Definition) -> str:
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
        if not self.is_followed(full):
            return ""
        definition = self.definition(full)
        return "" if definition is None else self.kind(*definition)

    def is_followed(self, name: str) -> bool:
        """Whether base classes are looked up in a name's package: not in libraries, which make no roots."""
        top = name.partition(".")[0]
        return top in self.sources.tops or top in self.internal


def resolve_local(facts: Facts, name: str) -> str:
    """The absolute dotted name behind a name; one that no import binds belongs to the module itself."""
    full = resolve(facts, name)
    is_own = full == name and any(item.name == name.partition(".")[0] for item in facts.classes)
    return f"{facts.module}.{name}" if is_own else full


@lru_cache(maxsize=16384)
def definition_of(
    sources: Sources, name: str, within: frozenset[str] | None = None, depth: int = 8
) -> Definition | None:
    """Where a dotted name is defined: (module, rest of the name), re-exports followed.

    Args:
        sources: the modules at hand.
        name: an absolute dotted name.
        within: the top-level packages that count, so that no others are read for it; None for all.
        depth: how many re-exports to follow at most.
    """
    if within is not None and name.partition(".")[0] not in within:
        return None
    module, _, rest = name.rpartition(".")
    while module:
        facts = sources.facts(module)
        if facts is not None:
            return _follow(sources, facts, rest, within, depth)
        module, _, head = module.rpartition(".")
        rest = f"{head}.{rest}"
    return None


def _follow(
    sources: Sources, facts: Facts, name: str, within: frozenset[str] | None, depth: int
) -> Definition | None:
    """Where a name that a module has is defined; star imports come after what the module itself binds."""
    head = name.partition(".")[0]
    for holder in _spread(sources, facts, within):
        if binds(holder, head):
            return holder.module, name
        full = resolve(holder, name)
        found = definition_of(sources, full, within, depth - 1) if full != name and depth else None
        if found is not None or full != name:
            return found
    return None


def _spread(sources: Sources, facts: Facts, within: frozenset[str] | None) -> Iterator[Facts]:
    """A module, and those whose names it has by star imports, through any number of these."""
    waiting, seen = [facts], {facts.module}
    while waiting:
        holder = waiting.pop()
        yield holder
        starred = [item.module for item in holder.imports if any(bound == "*" for _, bound in item.names)]
        for module in reversed(starred):
            if module and module not in seen and (within is None or module.partition(".")[0] in within):
                seen.add(module)
                other = sources.facts(module)
                if other is not None:
                    waiting.append(other)
