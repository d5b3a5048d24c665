"""NQ201 unregistered-library: third-party code in the packaged set that nothing says what to do with."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.declared.declaring import internal_package, requirement
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import Library, known
from nequip_lint.project.extensions import extension, is_nequips
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.how_to_register import as_extern, by_hand, by_writing
from nequip_lint.rules.live import hit
from nequip_lint.rules.of_libraries import of_libraries
from nequip_lint.rules.refused import Refusal, is_imported_here, refusals
from nequip_lint.rules.registering import attempted

_PLAIN = "keep numbers, tensors and plain containers in its place"
_KEEP_OUT = "keep it out of the modules that models are made of"
_UNSEEN = (
    "nothing that is seen tells whether a packaged model needs it (so that `registrations` leaves it open)"
)


@rule("NQ201")
def unregistered_library(project: Project) -> Iterator[Hit]:
    """One hit for each library and file, at the first statement there that leads to it."""
    seen: set[tuple[str, str]] = set()
    tried = attempted(project)
    for refusal in refusals(project):
        (facts, item), top = refusal.edge, refusal.module.partition(".")[0]
        is_told = (facts.path, top) in seen or refusal.heavy or top in tried
        if is_told or not _is_unregistered(project, refusal.module):
            continue
        seen.add((facts.path, top))
        yield at(facts, item.span, *_told(project, refusal, top), refusal.module, refusal.chain)
    yield from _kept(project, {top for _, top in seen} | tried)


def _kept(project: Project, told: set[str]) -> Iterator[Hit]:
    """The objects of such a library that models keep, of which no packaged import tells."""
    for facts, kept in of_libraries(project, None) if project.interned and not project.is_computed else ():
        top = kept.what.partition(".")[0]
        if kept.category == "library" and top not in told and facts.module in project.owned:
            told.add(top)
            message = (
                f"the build is refused: {kept.keeper} keeps an object of {kept.what} in {kept.where}, which "
                f"the pickle names, and nothing is registered for {top}"
            )
            yield hit(project, facts, kept.spot, message, f"{_PLAIN}, or {as_extern(project, top)}")


def _is_unregistered(project: Project, module: str) -> bool:
    return not stdlib.is_stdlib(module) and project.patterns.action(module) is None


def _told(project: Project, refusal: Refusal, top: str) -> tuple[str, str]:
    """The message and the help."""
    module = refusal.edge.importer.module
    distribution = extension(top) if project.uses_nequip else ""
    if distribution:
        message = (
            f"a model that uses {module} can be packaged only where {distribution} happens to be installed: "
            f"{top} is an extension of nequip, internal through its own entry point, and nothing requires it"
        )
        return message, requirement(project.metadata, distribution)
    message = (
        f"the build is refused wherever {top} is installed: packaging a model that uses {module} "
        f"reaches {top}, for which nothing is registered"
    )
    return message, _help(project, refusal, top)


def _help(project: Project, refusal: Refusal, top: str) -> str:
    from nequip_lint.rules.decided import decision_on  # it imports ast, which warm runs do without

    if is_nequips(top):
        return internal_package(project.metadata, top)
    decision, library = decision_on(project, top), known().get(top)
    if decision.action == "avoid":
        return f"{_KEEP_OUT} ({_why(library, refusal) if library is not None else decision.reasons[0].text})"
    if not decision.registers:
        return f"{_KEEP_OUT}, or, since {_UNSEEN}, {by_hand(project, top)}"
    written = by_writing(project, decision.registers, top, decision.reasons[0].text)
    if not is_imported_here(project, top):
        return f"{_KEEP_OUT}, or {written}"
    return (
        f"move what is used of {top} into your package, or {written}"
        if decision.action == "intern"
        else written
    )


def _why(library: Library, refusal: Refusal) -> str:
    """Why to do what is proposed: of what e3nn needs only where e3nn leads to it."""
    is_through = any(step.module.partition(".")[0] == "e3nn" for step in refusal.chain)
    return library.why if is_through or not library.direct else library.direct
