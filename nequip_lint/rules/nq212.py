"""NQ212 circular-entry-point: an entry point that imports what nequip has not imported itself yet."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.import_order import circle
from nequip_lint.closure.packaged import step_of
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_BELOW = frozenset({"e3nn"})
"""What nequip is made of, which does not import it."""


@rule("NQ212")
def circular_entry_point(project: Project) -> Iterator[Hit]:
    """One hit at the last own import that leads to one which fails: there `import nequip` ends."""
    entry = next(iter(project.entry_points), "")
    if not entry:
        return
    found = circle(project.full_world, project.entry_points, project.packaged_tops - _BELOW)
    own = [edge for edge in found.edges if edge.importer.module in project.owned] if found else []
    if found is None or not own:
        return
    facts, item = own[-1]
    message = (
        f"every `import nequip` fails where this is installed: nequip loads {entry} while "
        f"{found.module} is half imported, and `{item.statement}` needs {found.name} of it "
        "(ImportError: cannot import name)"
    )
    help = f"import it in the functions that use it, or in modules that {entry} does not import"
    yield at(facts, item.span, message, help, item.module or "", tuple(map(step_of, found.edges)))
