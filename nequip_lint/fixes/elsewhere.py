"""What other files of the project read from a module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.editing.base import Declined
from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.model import Project


def check_not_exported(project: Project, facts: Facts, name: str) -> None:
    """Make sure that a module's name is its own affair.

    Raises:
        Declined: `__all__` has it, or another linted file imports it from there.
    """
    check_not_promised(facts, name)
    for other, _ in takers(project, facts, name):
        raise Declined(f"{other.module} imports {name} from {facts.module}")


def check_not_promised(facts: Facts, name: str) -> None:
    """Make sure that `__all__` of a module lacks a name.

    Raises:
        Declined: it has it.
    """
    if name in dict(facts.literals).get("__all__", ()):
        raise Declined(f"__all__ of {facts.module} has {name}")


def takers(project: Project, facts: Facts, name: str) -> Iterator[tuple[Facts, Import]]:
    """Every linted file that imports a name from a module, and the import."""
    for other in project.files:
        for item in other.imports if other.module != facts.module else ():
            named = {original for original, _ in item.names}
            if item.module == facts.module and (name in named or ("*" in named and not name.startswith("_"))):
                yield other, item


def is_read_as_attribute(project: Project, facts: Facts, name: str) -> bool:
    """Whether another linted file seems to read the name as an attribute of the module."""
    return name in attributes_read(project, facts)


def attributes_read(project: Project, facts: Facts) -> frozenset[str]:
    """The names that other linted files seem to read as attributes of a module."""
    name = facts.module.rpartition(".")[2].encode("utf-8", "surrogatepass")
    pattern = re.compile(rb"\b%s\.(\w+)" % re.escape(name))
    others = (other for other in project.files if other.module != facts.module)
    found = (pattern.findall(read_bytes(Path(other.path))) for other in others)
    return frozenset(name.decode(errors="replace") for names in found for name in names)
