"""A predicted closure as text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from nequip_lint.closure.packaged import Closure, Edge, dependencies, step_of
from nequip_lint.engine.predict import Prediction
from nequip_lint.machine.target import Target
from nequip_lint.reports.frame import chain_lines
from nequip_lint.values import Chain

_ORDER = ("refused", "dropped", "absent", "mock", "extern", "intern")
_MOST_CHAINS, _MOST_ROOTS = 20, 3
_NAMED_BY_PICKLES = (
    "named by pickles only: what the model decides, such as torch.nn.modules.* (extern) and fx-generated.* "
    "(intern); --checkpoint CKPT tells"
)


def lines(item: Prediction) -> Iterator[str]:
    """The closure of a project, and what else could have been a root."""
    yield from closure_lines(item.closure, item.target)
    if item.closure.roots:
        yield _NAMED_BY_PICKLES
    if item.project.lost:
        yield "builders that were not followed, what they make may be missing here (name it with --root):"
        yield from (f"  {module}.{name}" for module, name in item.project.lost)
    others = [c for c in item.project.candidates if not c.is_root and c.module not in item.closure.roots]
    if others:
        yield "not taken as roots:"
        yield from (f"  {c.module}.{c.name}  ({c.why})" for c in others)


def closure_lines(closure: Closure, target: Target, *, every_way: bool = False) -> Iterator[str]:
    """A closure, worst actions first.

    Args:
        closure: of some roots.
        target: the machine that it is for.
        every_way: each module has the imports that lead to it, in short; else only what needs an
            explanation has its chain.
    """
    yield f"target: {describe(target)}"
    yield f"roots: {', '.join(closure.roots)}"
    for action in _ORDER:
        modules = closure.of(action)
        if modules:
            yield f"{action}: {len(modules)}"
        for module in modules:
            reason, chain = closure.modules[module].reason, closure.chain(module)
            yield f"  {module}{f'  ({reason})' if reason else ''}{f'  {_way(chain)}' if every_way else ''}"
            if action in ("refused", "dropped") and not every_way:
                yield from chain_lines(chain, "      ")


def _way(chain: Chain) -> str:
    return "via " + " -> ".join(f"{step.module}:{step.line}" for step in chain) if chain else "a root"


def describe(target: Target) -> str:
    """One line that names the machine."""
    return f"{target.packager}, {target.machine}"


def why_lines(item: Prediction, module: str) -> Iterator[str]:
    """Every chain to one module, or to each module of a library, shortest first; else that it is not there.

    Args:
        item: a prediction.
        module: a module, or the top-level name of a library.
    """
    found = modules_named(module, item.closure.modules)
    if not found:
        yield absent(module, item.closure.modules, f"the packaged set of {_some(item.closure.roots)}")
    for name in found:
        verdict = item.closure.modules[name]
        yield f"{name}: {verdict.action}" + (f" ({verdict.reason})" if verdict.reason else "")
        yield from _ways(sorted(_chains(item, name), key=len) or [item.closure.chain(name)])


def modules_named(module: str, modules: Iterable[str]) -> list[str]:
    """A module where it is among some, else those of the package or library of that name."""
    listed = list(modules)
    return [module] if module in listed else sorted(n for n in listed if n.startswith(f"{module}."))


def absent(module: str, modules: Iterable[str], where: str) -> str:
    """The answer for a module that is not there."""
    near = difflib.get_close_matches(module, list(modules), n=1)
    hint = f"; the nearest name there is {near[0]}" if near else ""
    return f"no: {module} is not in {where}{hint}"


def _ways(chains: list[Chain]) -> Iterator[str]:
    for chain in chains[:_MOST_CHAINS]:
        yield from chain_lines(chain, "  ") if chain else ["  it is a root"]
    if len(chains) > _MOST_CHAINS:
        yield f"  and {len(chains) - _MOST_CHAINS} more"


def _chains(item: Prediction, module: str) -> Iterator[Chain]:
    """For every statement that names the module, the shortest chain that ends in it."""
    closure, world = item.closure, item.project.world(item.target)
    if module in closure.roots:
        edge = item.project.ways.get(module)
        yield () if edge is None else (step_of(edge),)
    for importer in closure.of("intern"):
        facts = world.sources.facts(importer)
        for edge, name, _ in dependencies(facts, world) if facts is not None else ():
            if name == module:
                yield (*closure.chain(importer), step_of(Edge(*edge)))


def _some(roots: Sequence[str]) -> str:
    """A few of the roots, and how many more there are."""
    more = f" and {len(roots) - _MOST_ROOTS} more" if len(roots) > _MOST_ROOTS else ""
    return ", ".join(roots[:_MOST_ROOTS]) + more
