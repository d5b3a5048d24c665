"""How the packaged files of a project use a library: at load, at work, while a model is made, or never."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.contents import read_bytes
from nequip_lint.facts.collect import employments_of
from nequip_lint.facts.details.bodies import Employment
from nequip_lint.facts.names import last_part, resolve
from nequip_lint.facts.of.definitions import MODIFIER
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import MIXIN
from nequip_lint.rules.live import is_reached
from nequip_lint.rules.mocked import BREAKS_A_MOCK
from nequip_lint.runs.functions import CONSTRUCTORS, Functions, Key
from nequip_lint.runs.life import is_hook, packaged_files, packaged_functions, reached

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


_TOLD = {
    "import": "importing the file needs {text}; a mock would raise there",
    "probe": "`{text}` stands in a try: a mock would seem to be installed",
    "run": "{function} uses {text}, and a packaged model may run that; a mock would raise there",
    "kept": "{function} keeps {text} on the model; a mock cannot be unpickled",
    "unsure": "{function} uses {text}, and whether a packaged model runs that is not known",
}


def said(use: Use) -> str:
    """Why a use decides what to do about its library."""
    return _TOLD[use.where].format(text=use.text, function=use.function or "this module")


@lru_cache(maxsize=4)
def uses_in(project: Project) -> dict[str, tuple[Use, ...]]:
    """The uses of every third-party library in the linted files that are packaged, by its top-level name."""
    reach = _reach(project)
    found: dict[str, list[Use]] = {}
    for facts in packaged_files(project):
        for library, use in (*_flags(facts), *_uses(project, facts, reach)):
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


def _uses(project: Project, facts: Facts, reach: _Reach) -> Iterator[tuple[str, Use]]:
    for item in employments_of(_data(facts), facts):
        owner, name = item.spot.owner, item.spot.function
        shown = f"{owner}.{name}" if owner and name else name
        yield (
            item.library,
            Use(facts.path, item.spot.span.line, item.name, _where(project, item, facts, reach), shown),
        )


def _where(project: Project, use: Employment, facts: Facts, reach: _Reach) -> str:
    if use.is_annotation:
        return "annotation"
    if not is_reached(project, facts, use.spot.place):
        return "idle"
    if not use.spot.function:
        breaks = use.how in BREAKS_A_MOCK or use.how in ("except", "probe") or use.name.count(".") > 1
        return "import" if breaks else "harmless"
    key = Key(facts.module, use.spot.owner, use.spot.function)
    if key in reach.running:
        return "run"
    if key in reach.making:
        return _while_making(use)
    return "unsure" if _may_be_called(facts, use.spot.owner) else "idle"


def _while_making(use: Employment) -> str:
    """What a constructor does runs before packaging; what it leaves on the model is packaged."""
    last = use.name.rpartition(".")[2]
    if use.how == "made":
        return "kept" if last[:1].isupper() else "unsure"
    return "kept" if use.how == "kept" else "build"


class _Reach(NamedTuple):
    """The functions that a packaged model runs, and those that only making a model runs."""

    running: frozenset[Key]
    making: frozenset[Key]


def _reach(project: Project) -> _Reach:
    functions = packaged_functions(project)
    starts = (key for key in functions if is_hook(key) or _is_modifier(key, functions))
    running = frozenset(reached(starts, functions))
    makers = (key for key in functions if key.name in CONSTRUCTORS)
    return _Reach(running, frozenset(reached(makers, functions)) - running)


def _is_modifier(key: Key, functions: Functions) -> bool:
    decorators = ((item.facts, name) for item in functions.of(key) for name in item.body.decorators)
    return any(last_part(facts, name) == MODIFIER for facts, name in decorators)


def _may_be_called(facts: Facts, owner: str) -> bool:
    """Whether a class has a base, in other packages, that may call its methods."""
    top = facts.module.partition(".")[0]
    bases = next((item.bases for item in facts.classes if item.name == owner), ())
    named = (resolve(facts, base) for base in bases)
    return any(
        "." in base
        and base.partition(".")[0] not in ("torch", "typing", "abc", top)
        and not base.endswith(MIXIN)
        for base in named
    )
