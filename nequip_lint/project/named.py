"""Roots that somebody names: modules, or builders and classes in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.values import Facts
from nequip_lint.project.builders import Builders
from nequip_lint.project.roots import Ancestry, Definition
from nequip_lint.project.sources import Sources


class Named(NamedTuple):
    """A root as it is named: `module`, `module:name`, or a dotted name as a configuration has it.

    `where` names the option or file; `is_target`: a configuration has it, and its source need not be at hand;
    without `is_needed` it may be another text that only looks like a name; what `wraps` takes a model that
    other roots make, what `builds` makes the model that is packaged.
    """

    root: str
    where: str
    is_target: bool = False
    is_needed: bool = True
    wraps: bool = False
    builds: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a root itself where no class is found behind it, if its source is followed."""
        return self.is_needed and not self.wraps

    @property
    def top(self) -> str:
        """The name of the package that it is in."""
        return self.root.partition(".")[0].partition(":")[0]


def parted(root: str, sources: Sources) -> tuple[str, str]:
    """The module of a named root, and the name in it, '' for the module itself.

    Args:
        root: with or without a colon.
        sources: without a colon they tell how much of the root is the module.
    """
    module, colon, name = root.partition(":")
    while not colon and module and sources.location(module) is None:
        module, _, last = module.rpartition(".")
        name = f"{last}.{name}" if name else last
    return (module, name) if module else (root, "")


class Led(NamedTuple):
    """What named roots lead to: the classes, or modules, that are roots, and the builders that only wrap."""

    roots: list[Definition]
    lost: list[Definition]


def named_roots(named: Iterable[Named], ancestry: Ancestry, builders: Builders) -> Led:
    """The classes that named roots are or make; a module without a name where it is a root itself.

    A module that is named counts itself, unless it has builders and no class of a model; so does the module
    of a name behind which no such class is found.

    Args:
        named: the roots.
        ancestry: tells what they are.
        builders: follows builders.
    """
    seen: set[Definition] = set()
    led = [_led(item, ancestry, builders, seen) for item in named]
    roots = dict.fromkeys(found for item in led for found in item.roots)
    return Led(list(roots), list(dict.fromkeys(lost for item in led for lost in item.lost)))


def _led(item: Named, ancestry: Ancestry, builders: Builders, seen: set[Definition]) -> Led:
    """What one root is or makes, but for what others before it have made."""
    module, name = parted(item.root, ancestry.sources)
    starts = list(_starts(module, name, ancestry))
    followed = starts if ancestry.is_followed(module) else []
    made = builders.made_by(followed, seen)
    lost = builders.lost(followed)
    if lost or any(builders.makes(start) or builders.is_wrapper(start) for start in followed):
        return Led(made, lost)
    if item.builds and followed:
        return Led([], followed)
    if not item.is_target or (item.counts and ancestry.is_followed(module)):
        return Led(starts[:1] if name and starts else [(module, "")], [])
    return Led([], [])


def _starts(module: str, name: str, ancestry: Ancestry) -> Iterator[Definition]:
    """What of a root is followed: the definition that it names, or the functions of a module of builders."""
    facts = ancestry.sources.facts(module)
    if name:
        defined = ancestry.definition(f"{module}.{name}")
        yield from [] if defined is None else [defined]
    elif facts is not None and not any(ancestry.kind(module, each.name) for each in facts.classes):
        yield from _functions(facts)


def _functions(facts: Facts) -> Iterator[Definition]:
    """What of a module may make models."""
    names = [item.name for item in facts.functions] + [item.name for item in facts.classes]
    yield from ((facts.module, name) for name in names if not name.startswith("__"))
