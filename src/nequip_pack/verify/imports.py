"""What the sources of a package import while it is loaded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.format.metadata import model_member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nequip_pack.format import Archive, Metadata

_IMPORT = re.compile(r"^(?:from|import)[ \t]+([\w., \t]+?)(?=[ \t]+import\b|[ \t]*(?:$|#))", re.MULTILINE)


def needed_at_load(archive: Archive, metadata: Metadata, top: str) -> bool:
    """Whether a model's pickle names ``top``, or code that its load runs imports it without a guard."""
    roots = _named_in_pickles(archive, metadata)
    if _names(roots, top):
        return True
    importing = {name: source for name, source in sources(archive) if _names(candidates(source, name), top)}
    needing = {name for name, source in importing.items() if _names(imports_at_load(source, name), top)}
    return bool(needing) and not needing.isdisjoint(_loaded_members(archive, roots))


def _names(modules: Iterable[str], top: str) -> bool:
    return any(module.partition(".")[0] == top for module in modules)


def _named_in_pickles(archive: Archive, metadata: Metadata) -> set[str]:
    pickles = (read_pickle(archive, model_member(mode)) for mode in metadata.available_models)
    return {module for pickled in pickles for module in pickled.modules}


def _loaded_members(archive: Archive, roots: Iterable[str]) -> set[str]:
    """The sources that run when ``roots`` are imported out of the package, as far as no guard decides it."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for member in _with_parents(archive, waiting.pop()):
            if member not in found:
                found.add(member)
                source = archive.read(member).decode(errors="replace")
                waiting += imports_at_load(source, member, with_names=True)
    return found


def _with_parents(archive: Archive, module: str) -> Iterator[str]:
    """The sources of a module and of the packages that it is in."""
    while module:
        stem = module.replace(".", "/")
        yield from (name for name in (f"{stem}.py", f"{stem}/__init__.py") if name in archive.members)
        module = module.rpartition(".")[0]


def imports_at_load(source: str, name: str, *, with_names: bool = False) -> set[str]:
    """The modules that imports outside functions, conditions and ``try`` name.

    Args:
        source: the text of a module.
        name: its member, which relative imports start from.
        with_names: give ``a.b`` for ``from a import b`` too, which may be a module.
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
            module = _absolute("." * node.level + (node.module or ""), name)
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names if with_names)}
    return found


def candidates(source: str, name: str) -> Iterator[str]:
    """Most of the same and a little more, without the cost of parsing: statements at the start of a line."""
    for match in _IMPORT.finditer(source):
        yield from (_absolute(part.split()[0], name) for part in match[1].split(",") if part.strip())


def _absolute(module: str, name: str) -> str:
    level = len(module) - len(module.lstrip("."))
    folders = name.split("/")[:-1]
    base = folders[: len(folders) - level + 1] if level else []
    return ".".join([*base, *([module.lstrip(".")] if module.lstrip(".") else [])])


def sources(archive: Archive) -> Iterator[tuple[str, str]]:
    """The name and the text of each member that is Python source."""
    for name in archive.members:
        if name.endswith(".py"):
            yield name, archive.read(name).decode(errors="replace")
