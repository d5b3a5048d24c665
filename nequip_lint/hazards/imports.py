"""An import that fails: what it names is not there, cannot be imported, or fails in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.cause import AGAIN, Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import known
from nequip_lint.machine.target import covering

FEWER_DOTS = "write fewer dots, or the absolute name"
OTHER_PYTHONS = "catch the ImportError, or set requires-python"
_BUILD = "`nequip-pack build`"
_ABSENT = "ModuleNotFoundError"

UNREADABLE = Cause("NQ001", "{} {}", "correct the file")
BEYOND_TOP = Cause("NQ211", "a relative import leaves the top-level package", FEWER_DOTS)
NOT_IN_PYTHON = Cause(
    "NQ502",
    "{} is not in the standard library of Python {}",
    OTHER_PYTHONS,
    help_for_package="load it with a Python that has it",
)
ABSENT = Cause("NQ101", "{} is not installed", help_for_package="install it there")
BROKEN = Cause("NQ101", "{} is installed and does not import")
MISSED = Cause("NQ108", "{} is installed and raises {}, which the handler here misses", "catch Exception")
LOST = Cause(
    "NQ101",
    "{} is not in the package",
    help_for_package=f"{AGAIN} everything imports that its code names ({_BUILD} refuses such losses)",
)
UNNAMED = Cause(
    "NQ201",
    "{} is not among the external modules that the package names",
    help_for_package=f"{AGAIN} it is registered as extern ({_BUILD} records it, installed or not)",
)
FORGOTTEN = Cause(
    "NQ201",
    "{} is registered as external, but was not installed where the package was built, and torch.package "
    "forgot it",
    help_for_package="run `nequip-pack migrate PACKAGE OUTPUT`, which names it as external",
)


def leaving(facts: Facts) -> Iterator[Import]:
    """The imports with too many dots, for which torch.package refuses a file, whether they run or not."""
    return (item for item in facts.imports if item.walked and item.module is None)


def _leaves(_: Facts, item: Import) -> bool:
    return item.module is None


@hazard("imports", _leaves)
def beyond_top(_: Scene, item: Import) -> Iterable[Event]:
    """One with more dots than there are packages around it."""
    return (Event(item, "ImportError", Reason(BEYOND_TOP), item.statement),)


def _is_limited(_: Facts, item: Import) -> bool:
    return bool(_limited(item.module, item.names))


@cache
def _limited(module: str | None, names: tuple[tuple[str, str], ...]) -> list[str]:
    """What an import of a module, or of names in it, needs and only some Pythons have."""
    known = stdlib.spans()
    late = covering(known, module or "")
    return [late] if late else [full for name, _ in names if (full := f"{module}.{name}") in known]


@hazard("imports", _is_limited)
def not_in_python(scene: Scene, item: Import) -> Iterator[Event]:
    """One of a module or name that the standard library has in other Pythons only."""
    for name in _limited(item.module, item.names):
        if not stdlib.spans()[name].has(scene.target.python) and not _is_hidden(scene, item):
            yield _not_in_python(scene, item, name)


def _is_unknown(_: Facts, item: Import) -> bool:
    return item.module is not None and stdlib.is_stdlib(item.module) and not stdlib.has(item.module)


@hazard("imports", _is_unknown)
def not_in_this_python(scene: Scene, item: Import) -> Iterator[Event]:
    """One of a module that is not among the files of the Python at hand, if that is the machine's."""
    if scene.target.python == stdlib.HERE and not _is_hidden(scene, item):
        yield _not_in_python(scene, item, item.module or "")


def _is_hidden(scene: Scene, item: Import) -> bool:
    return item.module is None or scene.world.hides(item.module)


def _not_in_python(scene: Scene, item: Import, name: str) -> Event:
    is_module = f"{item.module}.".startswith(f"{name}.")
    why = Reason(NOT_IN_PYTHON, (name, "{}.{}".format(*scene.target.python)))
    return Event(item, _ABSENT if is_module else "ImportError", why, item.statement)


@hazard("imports")
def lost_modules(scene: Scene, item: Import) -> Iterable[Event]:
    """One of a module that a package neither holds nor names."""
    why = scene.world.lost(item)
    return () if why is None else (Event(item, _ABSENT, why, item.statement),)


@hazard("imports")
def unusable_libraries(scene: Scene, item: Import) -> Iterable[Event]:
    """One of a library that is not installed; or is, and raises on machines that it is not made for."""
    module, target = item.module or "", scene.target
    if stdlib.is_stdlib(module, target.python) and not scene.world.hides(module):
        return ()
    top = module.partition(".")[0]
    if top in target.broken:
        return (_broken(item, top),)
    is_absent = bool(top) and scene.world.present(module) is False
    return (Event(item, _ABSENT, Reason(ABSENT, (top,)), item.statement),) if is_absent else ()


def _broken(item: Import, top: str) -> Event:
    library = known().get(top)
    exception = (library.raises if library is not None else "") or _ABSENT
    is_missed = exception != _ABSENT and catches(item.place.caught, _ABSENT)
    why = Reason(MISSED, (top, exception)) if is_missed else Reason(BROKEN, (top,))
    return Event(item, exception, why, item.statement)


@hazard("imports")
def failing_modules(scene: Scene, item: Import) -> Iterable[Event]:
    """One of a module that fails in turn."""
    found = scene.world.failure_behind(item)
    return () if found is None else (Event(item, found.exception, found.why, item.statement, found.chain),)
