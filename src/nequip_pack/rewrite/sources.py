"""What a new source file imports, and whether a package provides it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nequip_pack.errors import Refused
from nequip_pack.format.metadata import extern_modules

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_IMPLICIT = frozenset({"torch", "__future__"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: the modules it may mean, the most specific first, and its line."""

    modules: tuple[str, ...]
    line: int


def new_externals(archive: Archive, metadata: Metadata, new: Mapping[str, bytes]) -> tuple[str, ...]:
    """External modules that new sources import and that the package does not record yet.

    Args:
        archive: the package.
        metadata: its metadata, which names the registered externals.
        new: content by member, of every file that is replaced or added.

    Raises:
        Refused: if a source is no Python, or imports what the package neither has nor expects on the target.
    """
    there = {name for name in {*archive.members, *new} if name.endswith(".py")}
    recorded = set(extern_modules(archive))
    allowed = {*metadata.external_modules, *(name.partition(".")[0] for name in recorded), *_IMPLICIT}
    allowed |= sys.stdlib_module_names
    found: set[str] = set()
    for name, content in new.items():
        for item in imports(archive, name, content) if name.endswith(".py") else ():
            if any(_is_packaged(module, there) for module in item.modules):
                continue
            module = item.modules[-1]
            if module.partition(".")[0] not in allowed:
                what = f"{name}, line {item.line} imports {module}, which the package does not have"
                remedy = "add its file with --replace too, or avoid the import; nothing was written"
                raise Refused(what, where=archive.path, remedy=remedy)
            if module.partition(".")[0] not in _IMPLICIT and module not in recorded:
                found.add(module)
    return tuple(sorted(found))


def imports(archive: Archive, name: str, content: bytes) -> Iterator[Import]:
    """Every import statement of a source, wherever it stands.

    Args:
        archive: the package, for messages.
        name: the member that the source is or becomes.
        content: the source.

    Raises:
        Refused: if it is no Python.
    """
    try:
        tree = ast.parse(content, name)
    except (SyntaxError, ValueError) as error:
        what = f"{name} is not valid Python"
        raise Refused(what, where=archive.path, why=str(error), remedy="nothing was written") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import((alias.name,), node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(name, node)
            for alias in node.names:
                yield Import((f"{base}.{alias.name}", base), node.lineno)


def _base(name: str, node: ast.ImportFrom) -> str:
    folders = name.split("/")[:-1]
    start = folders[: len(folders) - node.level + 1] if node.level else []
    return ".".join([*start, *([node.module] if node.module else [])])


def _is_packaged(module: str, there: set[str]) -> bool:
    stem = module.replace(".", "/")
    return (
        f"{stem}.py" in there
        or f"{stem}/__init__.py" in there
        or any(name.startswith(f"{stem}/") for name in there)
    )
