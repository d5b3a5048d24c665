"""NQ405 unpicklable-class: an object whose class cannot be found by its name."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.world import bound_in
from nequip_lint.facts.names import package_of
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit, packaged

_HELP = "define the class at the top of a module, under its own name"


@rule("NQ405")
def unpicklable_class(project: Project) -> Iterator[Hit]:
    """One hit for each attribute, and for each class of a model that says it is of a module without it."""
    for facts, kept in held(project, "class"):
        message = (
            f"the build fails: {kept.spot.owner} keeps {kept.what} in {kept.name}, and pickle stores an "
            "object with the name of its class, which leads nowhere"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
    yield from _moved(project)


def _moved(project: Project) -> Iterator[Hit]:
    used = {(item.module, item.name) for item in project.candidates}
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
