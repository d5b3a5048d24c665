"""NQ208 mocked-library-used: a mocked library that the packaged model would need at work."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.mocks import Mocked, is_kept
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.refusals import KEPT, REFUSED
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.mocked import BREAKS_A_MOCK, mocked
from nequip_lint.rules.nq105 import DEFINES
from nequip_lint.runs.making import files_of_parts

_HELP = "register it as extern, or do without it here"


@rule("NQ208")
def mocked_library_used(project: Project) -> Iterator[Hit]:
    """One hit for each name, file and kind of use, at the first."""
    for facts in project.executed.values():
        if facts.module not in project.interned:
            continue
        seen: set[tuple[str, str]] = set()
        for item in mocked(project, facts):
            found = _reason(project, facts, item)
            key = (item.use.name, item.use.where)
            if found and key not in seen:
                seen.add(key)
                effect, cause = found
                message = f"{effect}: {item.library} is registered as mock, but {item.use.name} {cause}"
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.use.span, message, _HELP, item.library, chain)
        yield from _stars(project, facts)


def _reason(project: Project, facts: Facts, item: Mocked) -> tuple[str, str] | None:
    """What happens to a packaged model, and what the use is that does it; None for one that does no harm."""
    how, where = item.use.how, item.use.where
    if how == "except":
        return None
    if where == "forward" and (item.depth > 1 or (item.depth and how in BREAKS_A_MOCK)):
        return "the packaged model raises NotImplementedError in its forward pass", "is at work there"
    if is_kept(item) and _is_part(project, facts):
        return REFUSED, KEPT
    if where != "import":
        return None
    if how == "probe":
        return (
            "the packaged model may take another path",
            "is asked for an attribute, and a mock answers as if it had every one",
        )
    if item.depth == 1 and how in BREAKS_A_MOCK and how not in DEFINES:
        return (
            "the packaged model does not load (NotImplementedError)",
            "is at work when the file is imported",
        )
    return None


def _is_part(project: Project, facts: Facts) -> bool:
    """Whether a model may hold objects of a file's classes."""
    if facts.module in project.roots:
        return True
    return facts.module in files_of_parts(project)


def _stars(project: Project, facts: Facts) -> Iterator[Hit]:
    for item in facts.imports:
        is_star = item.module and any(name == "*" for name, _ in item.names)
        if is_star and item.place.at_import and project.patterns.action(item.module or "") == "mock":
            message = (
                f"the packaged model does not load (NotImplementedError): {item.module} is registered as "
                "mock, and a mock has no names to import with *"
            )
            chain = project.packaged.chain(facts.module)
            yield at(facts, item.span, message, "name what is needed", item.module or "", chain)
