"""How the packaged files of a project use a library: at load, at work, while a model is made, or never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.contents import read_bytes
from nequip_lint.facts.employed import Employed, Employment, Function, employed
from nequip_lint.facts.modifiers import NAME as MODIFIER
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import MIXIN
from nequip_lint.rules.touching import BREAKS_A_MOCK

_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})
_Key = tuple[str, str, str]
NEEDED = frozenset({"import", "probe", "run", "kept"})
"""Where a mock would raise, or lie."""


class Use(NamedTuple):
    """One use of a library, or the import itself.

    where: `import` (a mock would raise when the file is imported), `probe` (a mock would seem to be there),
    `run` (the packaged model runs it), `kept` (a model holds an object of it), `build` (making a model runs
    it), `idle` (nothing that a packaged model does runs it), `harmless` (at import, and a mock does as well),
    `annotation`, `unsure`. `function` is `Class.name` of the function around it.
    """

    path: str
    line: int
    text: str
    where: str
    function: str = ""


@lru_cache(maxsize=4)
def uses_in(project: Project) -> dict[str, tuple[Use, ...]]:
    """The uses of every third-party library in the linted files that are packaged, by its top-level name."""
    files = [project.owned[name] for name in project.packaged.of("intern") if name in project.owned]
    read = [(facts, employed(_data(facts), facts.imports)) for facts in files if not facts.problem]
    reach = _Reach(read)
    found: dict[str, list[Use]] = {}
    for facts, item in read:
        for library, use in (*_flags(facts), *_uses(facts, item, reach)):
            if project.is_third_party(library):
                found.setdefault(library, []).append(use)
    return {library: tuple(sorted(set(uses))) for library, uses in found.items()}


def _data(facts: Facts) -> bytes:
    try:
        return read_bytes(Path(facts.path))
    except OSError:
        return b""


def _flags(facts: Facts) -> Iterator[tuple[str, Use]]:
    """Imports of which the file finds out whether they succeed: that of a mock always does."""
    for item in facts.imports:
        if item.module and item.place.at_import and catches(item.place.caught, "ModuleNotFoundError"):
            use = Use(facts.path, item.span.line, item.statement, "probe")
            yield item.module.partition(".")[0], use


def _uses(facts: Facts, item: Employed, reach: _Reach) -> Iterator[tuple[str, Use]]:
    for use in item.uses:
        owner, name = use.function
        where = _where(use, facts, reach)
        shown = f"{owner}.{name}" if owner else name
        yield use.library, Use(facts.path, use.span.line, use.name, where, shown)


def _where(use: Employment, facts: Facts, reach: _Reach) -> str:
    if use.is_annotation:
        return "annotation"
    if use.function == ("", ""):
        breaks = use.how in BREAKS_A_MOCK or use.how in ("caught", "probe") or use.name.count(".") > 1
        return "import" if breaks else "harmless"
    key = (facts.module, *use.function)
    if key in reach.running:
        return "run"
    if key in reach.making:
        return _while_making(use)
    return "unsure" if reach.may_be_called(facts, use.function[0]) else "idle"


def _while_making(use: Employment) -> str:
    """What a constructor does runs before packaging; what it leaves on the model is packaged."""
    last = use.name.rpartition(".")[2]
    if use.how == "made":
        return "kept" if last[:1].isupper() else "unsure"
    return "kept" if use.how == "kept" else "build"


class _Reach:
    """Which functions of some files a packaged model may run, by the names that running code mentions.

    A name may stand for any function that is called so, in any of the files: the answer errs towards running.
    """

    def __init__(self, files: Iterable[tuple[Facts, Employed]]) -> None:
        listed = list(files)
        self._functions = {
            (facts.module, item.owner, item.name): item for facts, one in listed for item in one.functions
        }
        at_import = frozenset().union(*(one.mentions for _, one in listed))
        starts = [key for key, item in self._functions.items() if _starts(item)]
        classes = {item.name for facts, _ in listed for item in facts.classes}
        self.running = self._reached(starts, at_import - classes)
        makers = [key for key, item in self._functions.items() if item.name in _CONSTRUCTORS]
        self.making = self._reached(makers, frozenset()) - self.running

    def _reached(self, starts: Iterable[_Key], names: frozenset[str]) -> set[_Key]:
        by_name: dict[str, list[_Key]] = {}
        for key, item in self._functions.items():
            by_name.setdefault(item.name, []).append(key)
            if item.name in _CONSTRUCTORS:
                by_name.setdefault(item.owner, []).append(key)
        found: set[_Key] = set()
        pending = [*starts, *(key for name in names for key in by_name.get(name, ()))]
        while pending:
            key = pending.pop()
            if key not in found:
                found.add(key)
                mentions = self._functions[key].mentions
                pending += (other for name in mentions for other in by_name.get(name, ()))
        return found

    def may_be_called(self, facts: Facts, owner: str) -> bool:
        """Whether a class has a base, in other packages, that may call its methods."""
        bases = next((item.bases for item in facts.classes if item.name == owner), ())
        top = facts.module.partition(".")[0]
        named = (resolve(facts, base) for base in bases)
        return any(
            "." in base
            and base.partition(".")[0] not in ("torch", "typing", "abc", top)
            and not base.endswith(MIXIN)
            for base in named
        )


def _starts(item: Function) -> bool:
    is_special = item.name.startswith("__") and item.name.endswith("__") and item.name not in _CONSTRUCTORS
    is_modifier = any(name.rpartition(".")[2] == MODIFIER for name in item.decorators)
    return item.name == "forward" or is_special or is_modifier
