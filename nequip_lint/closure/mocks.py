"""What files do with mocked libraries, and which of their objects a model certainly keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.closure.world import World
from nequip_lint.facts.names import binding_import, bound_names, resolve
from nequip_lint.facts.values import Condition, Facts, Import, LibraryUse
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.machine.target import Patterns
from nequip_lint.project.roots import Ancestry, definition_of
from nequip_lint.project.sources import Sources


class Mocked(NamedTuple):
    """A use of a mocked library; `depth` counts the attributes after the module, `item` binds the name."""

    facts: Facts
    use: LibraryUse
    item: Import
    depth: int

    @property
    def module(self) -> str:
        """The mocked module that is imported."""
        return self.item.module or ""

    @property
    def library(self) -> str:
        """The import name of the library."""
        return self.module.partition(".")[0]


def mocked_names(
    facts: Facts, patterns: Patterns, sources: Sources, judges: Iterable[Judge]
) -> Iterator[Mocked]:
    """The uses of mocked libraries that some machine comes across and whose error nothing ends.

    Args:
        facts: of a module.
        patterns: the registrations in force.
        sources: tell modules from other attributes.
        judges: of the same module, one for each machine.
    """
    machines = tuple(judges)
    for use in facts.library_uses:
        item = binding_import(facts, use)
        if item is None or item.module is None or patterns.action(item.module) != "mock":
            continue
        guards = [test for test in use.place.guards if not _is_of_mock(test, facts, patterns, sources)]
        runs = any(judge.all(guards) for judge in machines)
        if runs and not catches(use.place.caught, "NotImplementedError"):
            yield Mocked(facts, use, item, _depth(sources, use, item))


def _is_of_mock(test: Condition, facts: Facts, patterns: Patterns, sources: Sources) -> bool:
    """Whether a test is one of something that a mocked module has, which is never None in a package."""
    origin = origin_of(sources, facts, test.text) if test.kind == "name" else None
    return origin is not None and origin.depth > 0 and patterns.action(origin.full) == "mock"


class Origin(NamedTuple):
    """What a name stands for: `full` in the end, `depth` counts the attributes after the imported module."""

    module: str
    full: str
    depth: int


def origin_of(sources: Sources, facts: Facts, name: str, depth: int = 8) -> Origin | None:
    """The library from which a name comes, through own modules and other names of the same object.

    Args:
        sources: the modules at hand.
        facts: of the module in which the name is used.
        name: as written.
        depth: how many modules and names to follow.
    """
    head, dot, rest = name.partition(".")
    alias = next((item.full for item in sources.details(facts).aliases if item.name == head), "")
    full = f"{alias}{dot}{rest}" if alias else resolve(facts, name)
    if not depth or not (alias or any(head in bound_names(item) for item in facts.imports)):
        return None
    module, parts = full, 0
    while module and sources.facts(module) is None:
        module, parts = module.rpartition(".")[0], parts + 1
    owner = sources.facts(module) if module else None
    if owner is None:
        return Origin(full.partition(".")[0], full, full.count("."))
    return origin_of(sources, owner, ".".join(full.split(".")[-parts:]), depth - 1) if parts else None


def is_kept(item: Mocked) -> bool:
    """Whether an attribute is set to something of the library, or to an object of one of its classes."""
    if item.use.where != "init" or item.depth != 1:
        return False
    return item.use.how == "kept" or (item.use.how == "made" and _is_class(item.use))


def kept_mocks(facts: Facts, world: World) -> Iterator[tuple[str, Mocked]]:
    """The mocked modules whose classes the model keeps for certain, as that of a root with one class.

    Args:
        facts: of a root.
        world: the machine, sources and patterns.
    """
    uses = [item for item in facts.library_uses if item.where == "init" and item.how in ("kept", "made")]
    if not uses or not world.patterns.mock or not _is_the_model(facts, world):
        return
    judge = Judge(facts, world.target, world.importable)
    for item in mocked_names(
        facts._replace(library_uses=tuple(uses)), world.patterns, world.sources, [judge]
    ):
        found = definition_of(world.sources, resolve(facts, item.use.name))
        if found is None or world.patterns.action(found[0]) != "mock" or not world.exists(found[0]):
            continue
        if is_kept(item) and _defines_class(world.sources, *found) and _stays(world.sources, item):
            yield found[0], item


def _is_the_model(facts: Facts, world: World) -> bool:
    """Whether a file has one class, which is a module of torch and pickled as it is."""
    if len(facts.classes) != 1 or facts.classes[0].decides:
        return False
    internal = frozenset(name.partition(".")[0] for name in world.patterns.intern)
    return bool(Ancestry(world.sources, internal).kind(facts.module, facts.classes[0].name))


def _defines_class(sources: Sources, module: str, name: str) -> bool:
    facts = sources.facts(module)
    return facts is not None and any(item.name == name and not item.decides for item in facts.classes)


def _stays(sources: Sources, item: Mocked) -> bool:
    """Whether the attribute that a use sets is set nowhere else in the file, nor deleted."""
    line = item.use.span.line
    found = sources.details(item.facts).constants
    return any(constant.span.line <= line <= constant.span.end_line for constant in found)


def _is_class(use: LibraryUse) -> bool:
    return use.name.rpartition(".")[2][:1].isupper()


_NOT_OF_MODULES = frozenset(
    {"call", "made", "decorator", "base", "index", "argument", "or", "operator", "iterate", "instance"}
)
"""What nobody does with a module."""


def _depth(sources: Sources, use: LibraryUse, item: Import) -> int:
    """How many attributes a used name goes beyond the mocked module."""
    parts = use.name.split(".")
    if item.names and len(parts) == 1 and use.how in _NOT_OF_MODULES:
        return 1
    if item.names:
        original = next(name for name, bound in item.names if bound == parts[0])
        submodule = f"{item.module}.{original}"
        is_module = sources.location(submodule) is not None or (
            not sources.knows((item.module or "").partition(".")[0]) and original.islower()
        )
        return len(parts) - 1 if is_module else len(parts)
    if item.bound != (item.module or "").partition(".")[0]:
        return len(parts) - 1
    depth = 0
    for count in range(1, len(parts) + 1):
        if not _is_module(".".join(parts[:count]), item.module or ""):
            depth = len(parts) - count + 1
            break
    return depth


def _is_module(name: str, imported: str) -> bool:
    return imported == name or imported.startswith(f"{name}.")
