"""Which functions run when a packaged model is loaded or used, and not only when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Functions, Key

_ONLY_MAKE = CONSTRUCTORS | {"reset_parameters"}
_BOUND_TO_CLASS = ("classmethod", "staticmethod")


def packaged_files(project: Project) -> Iterator[Facts]:
    """The linted files that the archive holds."""
    for name in project.interned:
        facts = project.owned.get(name)
        if facts is not None and not facts.problem:
            yield facts


@lru_cache(maxsize=4)
def running(project: Project) -> frozenset[Key]:
    """The functions of packaged files that a load or a call of the model reaches.

    A load runs module-level code, which calls what it names, and a module's `__getattr__`; it and a call of
    the model run methods of classes with bases. A load calls no `__init__`: a method that only constructors
    name, a class method, and a function that nothing here names are taken not to run.

    Args:
        project: the project.
    """
    functions = Functions(packaged_files(project), project.sources)
    starts = (key for key in functions if _starts(key, functions))
    return reached(starts, functions)


def reached(starts: Iterable[Key], functions: Functions) -> frozenset[Key]:
    """The functions that some functions lead to, those included.

    Args:
        starts: where to begin.
        functions: where to look.
    """
    found: set[Key] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        if key not in found and functions.of(key):
            found.add(key)
            waiting += functions.called_by(key)
    return frozenset(found)


def _starts(key: Key, functions: Functions) -> bool:
    """Whether something outside of the functions runs one."""
    if not key.owner:
        return is_hook(key)
    if key.name in _ONLY_MAKE or any(map(_is_bound_to_class, functions.of(key))):
        return False
    is_derived = any(key.owner in function.details.derived for function in functions.of(key))
    return is_derived and (is_hook(key) or not _is_called_by_own_class(key, functions))


def is_hook(key: Key) -> bool:
    """Whether torch or Python runs something by its name: of a module its code and `__getattr__`."""
    if not key.owner:
        return key.name in ("", "__getattr__")
    is_special = key.name.startswith("__") and key.name.endswith("__") and key.name not in CONSTRUCTORS
    return key.name == "forward" or is_special


def _is_called_by_own_class(key: Key, functions: Functions) -> bool:
    """Whether a method of the same class names a method."""
    return any(
        not function.body.reads.isdisjoint((f"self.{key.name}", f"cls.{key.name}"))
        for other in functions
        if other[:2] == key[:2]
        for function in functions.of(other)
    )


def _is_bound_to_class(function: Function) -> bool:
    return any(name in _BOUND_TO_CLASS for name in function.body.decorators)
