"""NQ405 unpicklable-class: an object whose class cannot be found by its name."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.world import bound_in
from nequip_lint.facts.names import package_of
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit, packaged
from nequip_lint.rules.pythons import pythons
from nequip_lint.runs.at_import import called_at_import
from nequip_lint.runs.functions import Key
from nequip_lint.runs.making import making

_HELP_PLANTED = "write the classes out, or call it at the top of its module for each that a model may use"
_HELP = "define the class at the top of a module, under its own name"


@rule("NQ405")
def unpicklable_class(project: Project) -> Iterator[Hit]:
    """One hit for each attribute, and for each class of a model that says it is of a module without it."""
    before = held(project, "dataclass") if pythons(project)[:1] < ((3, 12),) else ()
    for facts, kept in (*held(project, "class"), *before):
        message = (
            f"the build fails: {kept.keeper} keeps {kept.what} in {kept.where}, and pickle stores an "
            "object with the name of its class, which leads nowhere"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
    yield from _moved(project)
    yield from _planted(project)


def _planted(project: Project) -> Iterator[Hit]:
    """One hit for each place where a function that only makes models puts a class into a module."""
    idle = making(project) - called_at_import(project)
    for facts, details in packaged(project):
        for item in details.planted:
            if Key(facts.module, item.spot.owner, item.spot.function) in idle:
                message = (
                    f"the package does not load: {item.spot.function}() puts a class into a module while a "
                    "model is made, a load does not call it, and pickle looks for the class there"
                )
                yield hit(project, facts, item.spot, message, _HELP_PLANTED)


def _moved(project: Project) -> Iterator[Hit]:
    used = set(project.packaged_classes)
    used |= {(facts.module, kept.what) for facts, kept in held(project, "moved")}
    for facts, details in packaged(project):
        for item in details.moved:
            if (facts.module, item.name) in used:
                module = item.module if item.module != "__package__" else package_of(facts)
                if module != facts.module and not _exports(project, module, item.name):
                    yield hit(project, facts, item.spot, *_said(item.name, module))


def _exports(project: Project, module: str, name: str) -> bool:
    """Whether a module has a name, or may have it."""
    facts = project.sources.facts(module)
    return facts is not None and not {name, "*", "__getattr__"}.isdisjoint(bound_in(facts))


def _said(name: str, module: str) -> tuple[str, str]:
    """The message and the help."""
    return (
        f"the build fails: {name} says that it is defined in {module}, where pickle looks for the class, but "
        f"which has no {name}",
        f"import it in {module}, or leave __module__ as it is",
    )
