"""Everything that the pickles and sources of a package refer to, and the package does not have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import DamagedError
from nequip_pack.format.metadata import extern_modules, model_member

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

EXAMPLE = "model/example_data.pkl"
_IMPORT = re.compile(r"^(?:from|import)[ \t]+([\w., \t]+?)(?=[ \t]+import\b|[ \t]*(?:$|#))", re.MULTILINE)
_IMPLICIT = frozenset({"torch", "numpy", "builtins", "collections"})


def check_whole(archive: Archive, metadata: Metadata) -> None:
    """Look for everything that the package refers to.

    Raises:
        DamagedError: listing all that is missing.
    """
    missing = sorted({*_from_pickles(archive, metadata), *_from_sources(archive)})
    if missing:
        what = f"the package lacks {len(missing)} members that it refers to: {', '.join(missing[:3])}"
        details = "\n".join(f"missing: {name}" for name in missing) if len(missing) > 3 else ""
        raise DamagedError(what, where=archive.path, remedy="build the package again", details=details)


def needed_at_load(archive: Archive, top: str) -> bool:
    """Whether code that runs when the package is loaded imports the library ``top`` without a guard."""
    return any(
        module.partition(".")[0] == top and module in imports_at_load(source, name)
        for name, source in _sources(archive)
        for module in _candidates(source, name)
    )


def imports_at_load(source: str, name: str) -> set[str]:
    """The modules that imports outside functions, conditions and ``try`` name.

    Args:
        source: the text of a module.
        name: its member, which relative imports start from.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(_absolute("." * node.level + (node.module or ""), name))
    return found


def _candidates(source: str, name: str) -> Iterator[str]:
    """Most of the same and a little more, without the cost of parsing: statements at the start of a line."""
    for match in _IMPORT.finditer(source):
        yield from (_absolute(part.split()[0], name) for part in match[1].split(",") if part.strip())


def _absolute(module: str, name: str) -> str:
    level = len(module) - len(module.lstrip("."))
    folders = name.split("/")[:-1]
    base = folders[: len(folders) - level + 1] if level else []
    return ".".join([*base, *([module.lstrip(".")] if module.lstrip(".") else [])])


def _sources(archive: Archive) -> Iterator[tuple[str, str]]:
    for name in archive.members:
        if name.endswith(".py"):
            yield name, archive.read(name).decode(errors="replace")


def _from_pickles(archive: Archive, metadata: Metadata) -> Iterator[str]:
    for name in (EXAMPLE, *map(model_member, metadata.available_models)):
        if name not in archive.members:
            yield name
            continue
        found = read_pickle(archive, name)
        yield from (member for member in found.storages if member not in archive.members)
        yield from (_file(module) for module in found.modules if not _is_there(archive, module))


def _from_sources(archive: Archive) -> Iterator[str]:
    """Internal modules that unguarded imports name and that the archive has neither as file nor as folder."""
    internal = {name.partition("/")[0] for name in archive.members if name.endswith(".py")}
    for name, source in _sources(archive):
        lost = {m for m in _candidates(source, name) if m.partition(".")[0] in internal}
        lost = {module for module in lost if not _is_there(archive, module)}
        if lost:
            yield from (_file(module) for module in lost & imports_at_load(source, name))


def _is_there(archive: Archive, module: str) -> bool:
    stem = module.replace(".", "/")
    externals = {*_IMPLICIT, *(name.partition(".")[0] for name in extern_modules(archive))}
    return (
        f"{stem}.py" in archive.members
        or f"{stem}/__init__.py" in archive.members
        or module.partition(".")[0] in externals
        or any(name.startswith(f"{stem}/") for name in archive.members)  # a folder without __init__
    )


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"
