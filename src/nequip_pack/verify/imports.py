"""What the sources of a package import while it is loaded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.format.archive import SOURCE_LIMIT
from nequip_pack.format.metadata import NAME_LIMIT, model_member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nequip_pack.format import Archive, Metadata

_INIT: Final = "__init__.py"
_IMPORT: Final = re.compile(r"^(from|import)[ \t]+([\w.][\w., \t]*)", re.MULTILINE)


class LoadTime:
    """What runs when the models of a package are loaded, as far as no guard decides it."""

    def __init__(self, archive: Archive, metadata: Metadata) -> None:
        self._archive, self._metadata = archive, metadata

    def needs(self, top: str) -> bool:
        """Whether a model's pickle names a top-level package, or code that runs imports it unguarded."""
        if top in _tops(self._roots):
            return True
        importing = self._importing.get(top, ())
        needing = {name for name in importing if top in _tops(imports_at_load(self._texts[name], name))}
        return not needing.isdisjoint(self._running) if needing else False

    @cached_property
    def _roots(self) -> set[str]:
        return named_in_pickles(self._archive, self._metadata)

    @cached_property
    def _texts(self) -> dict[str, str]:
        return dict(sources(self._archive))

    @cached_property
    def _importing(self) -> dict[str, list[str]]:
        """The sources that seem to import from a top-level package, by its name."""
        found: dict[str, list[str]] = {}
        for name, text in self._texts.items():
            for top in _tops(candidates(text, name)):
                found.setdefault(top, []).append(name)
        return found

    @cached_property
    def _running(self) -> set[str]:
        return running(self._roots, self._texts)


def _tops(modules: Iterable[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def named_in_pickles(archive: Archive, metadata: Metadata) -> set[str]:
    """The modules that the pickles of the models name."""
    pickles = (read_pickle(archive, model_member(mode)) for mode in metadata.available_models)
    return {module for pickled in pickles for module in pickled.modules}


def running(roots: Iterable[str], texts: Mapping[str, str]) -> set[str]:
    """The sources that run when a model is loaded, as far as no guard decides it.

    Args:
        roots: the modules that the pickles name.
        texts: every source in the archive.
    """
    waiting = [member for root in roots for member in _members(root)]
    found: set[str] = set()
    while waiting:
        member = waiting.pop()
        if member in texts and member not in found:
            found.add(member)
            for module in imports_at_load(texts[member], member, with_names=True):
                waiting += _members(module)
    return found


def _members(module: str) -> Iterator[str]:
    """The names that the sources of a module and of the packages that it is in would have."""
    while 0 < len(module) <= NAME_LIMIT:
        stem = module.replace(".", "/")
        yield from (f"{stem}.py", f"{stem}/{_INIT}")
        module = module.rpartition(".")[0]


def imports_at_load(source: str, name: str, *, with_names: bool = False) -> set[str]:
    """The modules that imports outside functions, conditions and ``try`` name.

    Args:
        source: the text of a module; none are known of one that is too long, or that Python cannot parse.
        name: its member, which relative imports start from.
        with_names: give ``a.b`` for ``from a import b`` too, which may be a module.
    """
    from nequip_lint.api import names_too_much

    if len(source) > SOURCE_LIMIT or names_too_much(source):
        return set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
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
    for word, text in _IMPORT.findall(source):
        if word == "from":
            module, *rest = text.split(None, 2)
            if rest and rest[0] == "import":
                yield _absolute(module, name)
        else:
            yield from (_absolute(part.split()[0], name) for part in text.split(",") if part.strip())


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
