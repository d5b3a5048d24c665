"""NQ402 unpicklable-attribute: an object kept on a module that cannot be pickled."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.objects.unpicklable import MADE
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit, live

_HELP = "get it where it is used instead of keeping it"


@rule("NQ402")
def unpicklable_attribute(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    taught = set(_taught(project))
    for facts, kept in held(project, "native"):
        if any(what in kept.what for what in taught):
            continue
        message = f"the build fails: {kept.keeper} keeps {kept.what} in {kept.where}, which cannot be pickled"
        yield hit(project, facts, kept.spot, message, _HELP)


def _taught(project: Project) -> Iterator[str]:
    """The kinds of objects for which a load tells pickle how, with `copyreg`, as the build did."""
    for facts, call in live(project, lambda details: details.invocations):
        term = call.argument(0, "ob_type")
        if call.name == "copyreg.pickle" and facts.module in project.loaded and term is not None:
            yield from filter(None, [MADE.get(resolve(facts, term.name))])
