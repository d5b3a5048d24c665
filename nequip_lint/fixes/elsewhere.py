"""Whether other files of the project read a name from a module."""

from __future__ import annotations

import re
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.editing.base import Declined
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project


def check_not_exported(project: Project, facts: Facts, name: str) -> None:
    """Make sure that a module's name is its own affair.

    Raises:
        Declined: `__all__` has it, or another linted file imports it from there.
    """
    if name in dict(facts.literals).get("__all__", ()):
        raise Declined(f"__all__ of {facts.module} has {name}")
    for other in project.files:
        for item in other.imports if other.module != facts.module else ():
            named = {original for original, _ in item.names}
            if item.module == facts.module and (name in named or ("*" in named and not name.startswith("_"))):
                raise Declined(f"{other.module} imports {name} from {facts.module}")


def is_read_as_attribute(project: Project, facts: Facts, name: str) -> bool:
    """Whether another linted file seems to read the name as an attribute of the module."""
    last = facts.module.rpartition(".")[2]
    pattern = re.compile(rf"\b{re.escape(last)}\.{re.escape(name)}\b".encode())
    others = (other for other in project.files if other.module != facts.module)
    return any(pattern.search(read_bytes(Path(other.path))) for other in others)
