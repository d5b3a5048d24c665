"""Whether modules exist here: told from files, since nothing may be imported for it.

``importlib.util.find_spec`` imports the parents of a dotted name, so each step is looked up by itself, in the
folders of the step before.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final, NamedTuple

from nequip_pack.installed import is_installed

_SOURCE_LIMIT: Final = 8 * 1024 * 1024
_DEEPEST: Final = 32


class Answer(Enum):
    """What is known of a module or a name."""

    HERE = "here"
    MISSING = "missing"
    UNKNOWN = "not known"


class Module(NamedTuple):
    """What a module's files tell.

    Attributes:
        answer: of its existence.
        source: its Python file, ``None`` where it is compiled or has none.
        stub: a file that declares the names of a compiled module.
        folders: where its submodules lie, empty for a module that is no package.
    """

    answer: Answer
    source: Path | None = None
    stub: Path | None = None
    folders: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def module_here(module: str) -> Module:
    """What is known of a module."""
    parent, _, last = module.rpartition(".")
    if not last.isidentifier() or module.count(".") > _DEEPEST:
        return Module(Answer.MISSING)
    if not parent:
        return located(last, None) or Module(Answer.UNKNOWN if is_installed(last) else Answer.MISSING)
    above = module_here(parent)
    if above.answer is not Answer.HERE:
        return above
    found = located(last, above.folders) if above.folders else None
    return found or Module(Answer.UNKNOWN if _may_make(above, last) else Answer.MISSING)


def located(name: str, folders: tuple[str, ...] | None) -> Module | None:
    """A module in some folders, ``None`` for those of ``sys.path``.

    The name is looked up without its parents: with them, a package without ``__init__`` asks for its parent
    among the imported modules.
    """
    try:
        spec = PathFinder.find_spec(name, None if folders is None else list(folders))
    except (ImportError, ValueError, OSError):
        return Module(Answer.UNKNOWN)
    if spec is None:
        return None
    inside = tuple(spec.submodule_search_locations or ())
    origin = Path(spec.origin) if spec.origin and spec.has_location else None
    if origin is None or origin.suffix != ".py":
        return Module(Answer.HERE, stub=_stub(name, origin), folders=inside)
    return Module(Answer.HERE, source=origin, folders=inside)


def _stub(name: str, origin: Path | None) -> Path | None:
    if origin is None:
        return None
    places = (origin.parent / f"{name}.pyi", origin.parent / name / "__init__.pyi")
    return next((place for place in places if place.is_file()), None)


def _may_make(above: Module, last: str) -> bool:
    """Whether a module may make a submodule that no file shows, or look for it elsewhere, when it runs."""
    text = text_of(above.source) if above.source is not None else None
    if text is None:
        return True
    makes = "sys.modules" in text or "__path__" in text
    return makes and re.search(rf"\b{re.escape(last)}\b", text) is not None


@lru_cache(maxsize=64)
def text_of(file: Path) -> str | None:
    """The lines of a file, each after a line end; ``None`` if it cannot be read or is too long."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_SOURCE_LIMIT + 1)
    except OSError:
        return None
    return "\n" + content.decode(errors="replace") if len(content) <= _SOURCE_LIMIT else None
