"""The source in an archive, read as text from a copy of it; nothing of it runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nequip_lint.cache.entries import Cache
from nequip_lint.declared.locate import Kind, Location
from nequip_lint.facts.values import Facts
from nequip_lint.project.sources import Sources

_SOURCE = ".py"
_INIT = "__init__"


Copies = tuple[Path, Iterable[str], int]
"""A folder with copies of the Python members of an archive, each under its name; their names; and the size in
bytes beyond which a file is not parsed."""


class ArchivedCode(NamedTuple):
    """The Python source of an archive.

    `facts` are by module name; their paths lie below `folder`, a copy for whoever reads lines of it.
    """

    facts: dict[str, Facts]
    folder: Path


class ArchivedSources(Sources):
    """Source of an archive before that of an environment.

    torch.package looks a module up in the package that a model came from first and in this environment only
    where that lacks it, or has nothing but an empty parent of it (2.13, `torch/package/importer.py`,
    `OrderedImporter`).

    Args:
        code: the archive's source.
        installed: folders of the environment; none for the importer of a package, which looks nowhere else.
        cache: facts of files seen before.
        absent: top-level names of which the environment has nothing.
    """

    def __init__(
        self,
        code: ArchivedCode,
        installed: Iterable[Path],
        cache: Cache,
        absent: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(installed=installed, prepared=code.facts, cache=cache, absent=absent)
        self._folder = code.folder
        self._parents = {parent for module in code.facts for parent in parents(module)}

    def _locate(self, module: str) -> Location | None:
        """A parent that the archive holds no source of stands where the environment has none either."""
        found = super()._locate(module)
        if found is None and module in self._parents:
            return Location(Kind.NAMESPACE, self._folder, True)
        return found


def archived_code(copies: Copies, cache: Cache) -> ArchivedCode:
    """Read copies of the Python members of an archive.

    Args:
        copies: of these members.
        cache: facts of files seen before.
    """
    folder, members, limit = copies
    files = ((folder.joinpath(*member.split("/")), *_module(member)) for member in members)
    facts = {module: _facts(path, module, is_package, limit, cache) for path, module, is_package in files}
    return ArchivedCode(facts, folder)


def parents(module: str) -> list[str]:
    """The packages around a module, outermost first."""
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _module(member: str) -> tuple[str, bool]:
    """The module that a member is the source of, and whether it is a package."""
    *folders, last = member.removesuffix(_SOURCE).split("/")
    is_package = last == _INIT
    return ".".join(folders if is_package else [*folders, last]), is_package


def _facts(path: Path, module: str, is_package: bool, limit: int, cache: Cache) -> Facts:
    if (size := path.stat().st_size) > limit:
        problem = f"has {size} bytes, more than the {limit} that are parsed"
        return Facts(module, str(path), is_package, problem=problem)
    return cache.facts(path.read_bytes(), module, str(path), is_package)
