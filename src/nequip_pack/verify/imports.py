"""What the sources of a package import while it is loaded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.format.metadata import model_member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nequip_pack.format import Archive, Metadata

_INIT = "__init__.py"
_IMPORT = re.compile(r"^(?:from|import)[ \t]+([\w., \t]+?)(?=[ \t]+import\b|[ \t]*(?:$|#))", re.MULTILINE)


def needed_at_load(archive: Archive, metadata: Metadata, top: str) -> bool:
    """Whether a model's pickle names ``top``, or code that its load runs imports it without a guard."""
    roots = named_in_pickles(archive, metadata)
    if _names(roots, top):
        return True
    texts = dict(sources(archive))
    importing = {name: text for name, text in texts.items() if _names(candidates(text, name), top)}
    needing = {name for name, text in importing.items() if _names(imports_at_load(text, name), top)}
    return runs_at_load(needing, roots, texts)


def _names(modules: Iterable[str], top: str) -> bool:
    return any(module.partition(".")[0] == top for module in modules)


def named_in_pickles(archive: Archive, metadata: Metadata) -> set[str]:
    """The modules that the pickles of the models name."""
    pickles = (read_pickle(archive, model_member(mode)) for mode in metadata.available_models)
    return {module for pickled in pickles for module in pickled.modules}


def runs_at_load(members: Iterable[str], roots: Iterable[str], texts: Mapping[str, str]) -> bool:
    """Whether one of some members runs when a model is loaded, as far as no guard decides it.

    Args:
        members: names of sources in the archive.
        roots: the modules that the pickles name.
        texts: every source in the archive.
    """
    named = {member for root in roots for member in _members(root)}
    seen, waiting = set(members), list(members)
    while waiting:
        member = waiting.pop()
        if member in named:
            return True
        found = {name for name, text in texts.items() if name not in seen and _runs(member, name, text)}
        seen |= found
        waiting += found
    return False


def _runs(member: str, name: str, text: str) -> bool:
    """Whether the member ``name`` runs ``member`` first: as its package, or because it imports it."""
    folder, is_package = member.removesuffix(_INIT), member.endswith(_INIT)
    if is_package and name.startswith(folder):
        return True
    module = (folder if is_package else member.removesuffix(".py")).strip("/").replace("/", ".")
    if module.rpartition(".")[2] not in text:
        return False
    imported = imports_at_load(text, name, with_names=True)
    return module in imported or (is_package and any(one.startswith(f"{module}.") for one in imported))


def _members(module: str) -> Iterator[str]:
    """The names that the sources of a module and of the packages that it is in would have."""
    while module:
        stem = module.replace(".", "/")
        yield from (f"{stem}.py", f"{stem}/{_INIT}")
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
