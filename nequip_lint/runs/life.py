"""Which functions run when a packaged model is loaded or used, and not only when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Functions, Key

WITH_CLASS = frozenset({"__init_subclass__", "__set_name__"})
_ONLY_MAKE = (CONSTRUCTORS - WITH_CLASS) | {"reset_parameters"}
_UNPICKLING = frozenset({"__setstate__", "__reduce__", "__reduce_ex__", "__getattr__"}) | WITH_CLASS
_CALLED = frozenset({"forward", "__call__"})
_BOUND_TO_CLASS = ("classmethod", "staticmethod")


def packaged_files(project: Project) -> Iterator[Facts]:
    """The files that the archive holds, linted and installed ones, as far as their source can be read."""
    return iter(project.sourced.values())


@lru_cache(maxsize=4)
def packaged_functions(project: Project) -> Functions:
    """The functions of these files."""
    return Functions(packaged_files(project), project.sources)


class Life(NamedTuple):
    """The functions that run when a packaged model is loaded or used, each with the one that calls it.

    `load`: to import the packaged modules and to unpickle the model; `forward`: to call it; `others`: what a
    user may call of it besides. What nothing here calls has None: Python, torch or the user does.
    """

    load: Mapping[Key, Key | None]
    forward: Mapping[Key, Key | None]
    others: Mapping[Key, Key | None]

    def way_to(self, key: Key) -> tuple[Key, ...]:
        """The functions that lead to one, itself the last; none where it does not run.

        Args:
            key: of the function; the first of the three that has it counts.
        """
        calls = next((calls for calls in self if key in calls), {})
        way = [key] if key in calls else []
        while way and (caller := calls[way[0]]) is not None:
            way.insert(0, caller)
        return tuple(way)


@lru_cache(maxsize=4)
def life(project: Project) -> Life:
    """What the packaged files run.

    A load runs module-level code, which calls what it names, and a module's `__getattr__`; it and a call of
    the model run methods of classes with bases. A load calls no `__init__`: a method that only constructors
    name, a class method, and a function that nothing here names are taken not to run.

    Args:
        project: the project.
    """
    functions = packaged_functions(project)
    starts = [key for key in functions if _starts(key, functions)]
    load = [key for key in starts if not key.owner or key.name in _UNPICKLING]
    forward = [key for key in starts if key.owner and key.name in _CALLED]
    others = set(starts).difference(load, forward)
    return Life(*(reached(each, functions) for each in (load, forward, sorted(others))))


@lru_cache(maxsize=4)
def running(project: Project) -> frozenset[Key]:
    """The functions of packaged files that a load or a use of the model reaches.

    Args:
        project: the project.
    """
    return frozenset(key for calls in life(project) for key in calls)


@lru_cache(maxsize=4)
def certain(project: Project) -> frozenset[Key]:
    """The functions that every load, or every call of a module of the model, runs.

    Args:
        project: the project.
    """
    functions = packaged_functions(project)
    models = {(item.module, item.name) for item in project.candidates}
    begin = (*_CALLED, "__setstate__")
    waiting = [key for key in functions if not key.name or (key[:2] in models and key.name in begin)]
    found = set(waiting)
    for key in waiting:
        more = {other for other in functions.surely_called_by(key) if functions.of(other)} - found
        found |= more
        waiting += more
    return frozenset(found)


@lru_cache(maxsize=4)
def decorating(project: Project) -> frozenset[Key]:
    """The functions that decorate one which every load or call of the model runs.

    Args:
        project: the project.
    """
    functions = packaged_functions(project)
    found = {key for one in certain(project) if one.name for key in functions.decorators(one)}
    outer = {key for one in found for key in functions.surely_called_by(one) if functions.of(key)}
    return frozenset(found | outer)


def reached(starts: Iterable[Key], functions: Functions) -> dict[Key, Key | None]:
    """The functions that some functions lead to, each with its caller; those themselves have none.

    Args:
        starts: where to begin.
        functions: where to look.
    """
    found: dict[Key, Key | None] = {key: None for key in starts if functions.of(key)}
    waiting = list(found)
    for key in waiting:
        for other in functions.called_by(key):
            if other not in found and functions.of(other):
                found[other] = key
                waiting.append(other)
    return found


def _starts(key: Key, functions: Functions) -> bool:
    """Whether something outside of the functions runs one."""
    if not key.owner:
        return is_hook(key)
    if key.name in _ONLY_MAKE or any(map(_is_bound_to_class, functions.of(key))):
        return False
    if any(map(_is_of_module, functions.of(key))):
        return False
    if is_hook(key) and key.name != "forward":
        return True
    is_derived = any(key.owner in function.details.derived for function in functions.of(key))
    return is_derived and (is_hook(key) or not functions.is_called_by_own_class(key))


def is_hook(key: Key) -> bool:
    """Whether torch or Python runs something by its name: of a module its code and `__getattr__`."""
    if not key.owner:
        return key.name in ("", "__getattr__")
    is_special = key.name.startswith("__") and key.name.endswith("__") and key.name not in _ONLY_MAKE
    return key.name == "forward" or is_special


def _is_of_module(function: Function) -> bool:
    """Whether a method is one of a class of modules: no pickle holds these."""
    own = (item for item in function.facts.classes if item.name == function.body.owner)
    return any(function.full(base) == "types.ModuleType" for item in own for base in item.bases)


def _is_bound_to_class(function: Function) -> bool:
    return any(name in _BOUND_TO_CLASS for name in function.body.decorators)
