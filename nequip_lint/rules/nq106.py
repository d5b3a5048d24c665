"""NQ106 modifier-decorator-order: `@model_modifier` not right above `@classmethod`, or names that clash."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import last_part, resolve
from nequip_lint.facts.values import Facts, FunctionFact, Modifier
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.base import Hit, at, rule

_MODIFIER, _BUILDER = "model_modifier", "model_builder"
_RENAME = "rename one of the two modifiers"


@rule("NQ106")
def modifier_decorator_order(project: Project) -> Iterator[Hit]:
    """One hit for each misplaced decorator, and for each name that two classes of one model share."""
    for facts in project.executed.values():
        for item in facts.modifiers:
            if not item.ordered and _is_nequips(facts, item):
                message = (
                    f"no model is built with {facts.module}, whose import raises AssertionError: "
                    f"@{item.decorator} of {item.owner}.{item.name} does not stand right "
                    "above @classmethod"
                )
                help = f"put @{item.decorator} right above @classmethod"
                yield at(facts, item.span, message, help, chain=project.packaged.chain(facts.module))
    yield from _clashes(project)


def _is_nequips(facts: Facts, item: Modifier) -> bool:
    full = resolve(facts, item.decorator)
    return full.startswith("nequip.") and full.endswith(f".{_MODIFIER}")


def _clashes(project: Project) -> Iterator[Hit]:
    reported: set[tuple[str, Modifier]] = set()
    for facts in project.files:
        for function in facts.functions:
            if any(last_part(facts, name) == _BUILDER for name in function.decorators):
                for owner, item, other in _shared(project, facts, function):
                    if owner.module in project.owned and (owner.module, item) not in reported:
                        reported.add((owner.module, item))
                        yield at(owner, item.span, _shared_message(facts, function, item, other), _RENAME)


def _shared_message(facts: Facts, function: FunctionFact, item: Modifier, other: Modifier) -> str:
    return (
        f"no modifier of the packaged model can be listed or applied: {facts.module}.{function.name} builds "
        f"it with {other.owner} and {item.owner}, and both have a modifier {item.name}"
    )


def _shared(
    project: Project, facts: Facts, function: FunctionFact
) -> Iterator[tuple[Facts, Modifier, Modifier]]:
    """Modifiers of the classes that a builder makes, where an earlier class has one of the same name."""
    first: dict[str, tuple[Facts, Modifier]] = {}
    for name in function.constructs:
        definition = definition_of(project.sources, resolve_local(facts, name))
        owner = project.sources.facts(definition[0]) if definition is not None else None
        if definition is None or owner is None:
            continue
        for item in owner.modifiers:
            if item.owner != definition[1] or not item.ordered:
                continue
            module, other = first.setdefault(item.name, (owner, item))
            if (module.module, other.owner) != (owner.module, item.owner):
                yield owner, item, other
