"""The source inside a package that a model came from: what a build of that model archives again.

torch.package looks a module up in the origin first and in this environment only where the origin lacks it, or
has nothing but an empty parent of it (2.13, ``torch/package/importer.py``, ``OrderedImporter``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.facts.values import Facts
from nequip_lint.project.locate import Kind, Location
from nequip_lint.project.sources import Sources
from nequip_pack.format import Archive, open_archive
from nequip_pack.format.archive import SOURCE_LIMIT
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nequip_lint.facts.cache import Cache

_SOURCE = ".py"
_INIT = "__init__"


@dataclass(frozen=True, slots=True)
class OriginCode:
    """The Python source of a package.

    Attributes:
        facts: by module name; their paths lie below ``folder``.
        folder: a copy of the source for whoever reads lines of it, removed with this object.
    """

    facts: dict[str, Facts]
    folder: Scratch


class OriginSources(Sources):
    """Source of an origin before that of an environment.

    Args:
        code: the origin's source.
        installed: folders of the environment.
        cache: facts of files seen before.
    """

    def __init__(self, code: OriginCode, installed: Iterable[Path], cache: Cache) -> None:
        super().__init__(installed=installed, prepared=code.facts, cache=cache)
        self._folder = code.folder.path
        self._parents = {parent for module in code.facts for parent in _parents(module)}

    def _locate(self, module: str) -> Location | None:
        """A parent that the archive holds no source of stands where the environment has none either."""
        found = super()._locate(module)
        if found is None and module in self._parents:
            return Location(Kind.NAMESPACE, self._folder, True)
        return found


def origin_code(package: Path, cache: Cache) -> OriginCode:
    """Read the Python members of a package as text; nothing of it runs.

    Args:
        package: the origin.
        cache: facts of files seen before.

    Raises:
        InputError: if the origin is missing or no package.
        DamagedError: if it is damaged.
        OutputError: if there is no place for the copy.
    """
    archive = open_archive(package)
    folder = Scratch()
    facts = {}
    for member in archive.members:
        if member.endswith(_SOURCE) and not member.startswith("."):
            module, is_package = _module(member)
            path = _copy(archive, member, folder.path / package.name)
            facts[module] = _facts(path, module, is_package, cache)
    return OriginCode(facts, folder)


def _facts(path: Path, module: str, is_package: bool, cache: Cache) -> Facts:
    if (size := path.stat().st_size) > SOURCE_LIMIT:
        problem = f"has {size} bytes, more than the {SOURCE_LIMIT} that are parsed"
        return Facts(module, str(path), is_package, problem=problem)
    return cache.facts(path.read_bytes(), module, str(path), is_package)


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _module(member: str) -> tuple[str, bool]:
    """The module that a member is the source of, and whether it is a package."""
    *parents, last = member.removesuffix(_SOURCE).split("/")
    is_package = last == _INIT
    return ".".join(parents if is_package else [*parents, last]), is_package


def _copy(archive: Archive, member: str, folder: Path) -> Path:
    path = folder.joinpath(*member.split("/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive.read(member))
    return path
