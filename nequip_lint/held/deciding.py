"""Which classes decide themselves what is pickled of their objects."""

from __future__ import annotations

from nequip_lint.held.items import Definition
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local

_PLAIN = ("torch.nn.modules.module", "Module")
"""Has a `__setstate__`, for old pickles, but leaves the state as it is."""


def decides(project: Project, key: Definition, depth: int = 8) -> bool:
    """Whether a class, or one that it inherits from, decides itself what is pickled.

    Args:
        project: the project.
        key: the module and name of the class.
        depth: how many bases to follow.
    """
    facts = project.sources.facts(key[0])
    if facts is None or not depth or key == _PLAIN:
        return False
    item = next((item for item in facts.classes if item.name == key[1]), None)
    if item is None or item.decides:
        return item is not None
    found = (definition_of(project.sources, resolve_local(facts, base)) for base in item.bases if base)
    return any(decides(project, base, depth - 1) for base in found if base is not None)
