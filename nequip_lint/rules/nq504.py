"""NQ504 unusable-package-name: a top-level name that a package cannot use."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from nequip_lint.machine.standard_library import DISALLOWED
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span


@rule("NQ504")
def unusable_package_name(project: Project) -> Iterator[Hit]:
    """One hit for each top-level name with roots, at the first class of a root, or its start."""
    seen: set[str] = set()
    for module in project.roots:
        facts = project.owned.get(module)
        top = module.partition(".")[0]
        if facts is None or top in seen:
            continue
        if top in sys.stdlib_module_names and top not in DISALLOWED:
            why = "is the name of a module of the standard library, which torch.package takes instead"
        elif module == "model":
            why = "as a single file has the name of the folder in which a package keeps its pickles"
        else:
            continue
        seen.add(top)
        message = f"loading the package fails: the import name {top!r} {why}"
        span = facts.classes[0].span if facts.classes else Span(1, 1, 1, 1)
        yield at(facts, span, message, "rename it", module)
