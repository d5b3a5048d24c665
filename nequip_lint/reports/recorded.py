"""The closure of a package as text, and as JSON version 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nequip_lint.reports.frame import chain_lines
from nequip_lint.reports.machine import chain_json
from nequip_lint.reports.prediction import absent, modules_named
from nequip_lint.values import Chain, Step


class PackageClosure(NamedTuple):
    """What became of each module of a package, and the import that led to each.

    `target` is the machine that it was built for, as JSON values; None where that is not recorded.
    """

    path: str
    roots: tuple[str, ...]
    actions: Mapping[str, str]
    steps: Mapping[str, Step]
    target: Mapping[str, object] | None

    def chain(self, module: str) -> Chain:
        """The statements that lead from a root to a module, as far as they are known."""
        found: dict[str, Step] = {}
        while module in self.steps and module not in found and module not in self.roots:
            found[module] = self.steps[module]
            module = found[module].module
        return tuple(reversed(found.values()))


def lines(item: PackageClosure) -> Iterator[str]:
    """The modules by action."""
    yield f"package: {item.path}"
    yield f"roots: {', '.join(item.roots)}"
    for action, count in sorted(Counter(item.actions.values()).items()):
        yield f"{action}: {count}"
        yield from (f"  {name}" for name in sorted(item.actions) if item.actions[name] == action)


def why_lines(item: PackageClosure, module: str) -> Iterator[str]:
    """The chain to a module, or to each module of a library; else that it is not there."""
    found = modules_named(module, item.actions)
    if not found:
        yield absent(module, item.actions, f"the package {item.path}")
    for name in found:
        yield f"{name}: {item.actions[name]}"
        chain = item.chain(name)
        yield from chain_lines(chain, "  ") if chain else [f"  {_without_chain(item, name)}"]


def _without_chain(item: PackageClosure, name: str) -> str:
    return "it is a root" if name in item.roots else "the model's pickles name it, and no import leads there"


def package_json(item: PackageClosure) -> dict[str, Any]:
    """The closure as JSON values."""
    modules = {
        name: {"action": action, "reason": "", "chain": chain_json(item.chain(name))}
        for name, action in sorted(item.actions.items())
    }
    return {
        "version": 1,
        "package": item.path,
        "target": item.target,
        "roots": list(item.roots),
        "modules": modules,
    }
