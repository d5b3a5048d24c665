"""NQ320 operator-without-fake: a custom operator that a compiled model cannot run."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.runs.life import packaged_files

_BY_NAME = frozenset({"torch.library.register_fake", "torch.library.impl_abstract"})
_BY_OPERATOR = (".register_fake", ".impl_abstract", ".register_torch_dispatch")


@rule("NQ320")
def operator_without_fake(project: Project) -> Iterator[Hit]:
    """One hit for each `custom_op` that no packaged file gives a fake implementation."""
    files = list(packaged_files(project))
    registered = {name for facts in files for name in _registered(facts)}
    for facts in files:
        for item in facts.decorations:
            if resolve(facts, item.name) != "torch.library.custom_op" or not _BY_NAME.isdisjoint(registered):
                continue
            if f"{facts.module}.{item.target}" not in registered:
                message = (
                    "torch.compile of the packaged model fails, although it runs in eager mode: the operator "
                    f"{item.target} has no fake implementation"
                )
                help = f"add `@{item.target}.register_fake`"
                yield at(facts, item.span, message, help, chain=project.packaged.chain(facts.module))


def _registered(facts: Facts) -> Iterator[str]:
    """The operators that a file gives fake implementations, and the function that does it by their names."""
    own = {binding.name for binding in facts.bindings}
    for name in (*(item.name for item in facts.decorations), *(item.name for item in facts.calls)):
        full = f"{facts.module}.{name}" if name.partition(".")[0] in own else resolve(facts, name)
        if full in _BY_NAME:
            yield full
        for ending in _BY_OPERATOR:
            if full.endswith(ending):
                yield full.removesuffix(ending)
