"""What the source in an archive names, where, and whether that runs when the archive is loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from nequip_lint.cache.entries import Cache
from nequip_lint.facts.details.bodies import SCRIPT
from nequip_lint.facts.values import Facts
from nequip_lint.project.references import name_of
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Functions, Key
from nequip_lint.runs.life import reached
from nequip_lint.snapshot.code import ArchivedCode, ArchivedSources

_FILLED = frozenset({"append", "extend", "add", "update"})
"""Methods with which an unpickler fills an object, beside those with two underscores."""
_ASKED_FOR = frozenset({"__init__", "__post_init__", "__call__"})
_MODEL = frozenset({"forward", "__call__"})


class When(Enum):
    """When code runs."""

    LOAD = "load"
    FORWARD = "forward"
    OTHER = "other"


class Use(NamedTuple):
    """A name that a function uses, or the code of a module, whose `function` is ''.

    `name` is absolute, as far as imports tell. `is_set`: it is an attribute of something that the module
    imports, and is assigned to.
    """

    module: str
    function: str
    line: int
    name: str
    when: When
    is_set: bool = False


class Uses:
    """The names that the source in an archive uses.

    Args:
        code: the source.
    """

    def __init__(self, code: ArchivedCode) -> None:
        readable = {module: facts for module, facts in code.facts.items() if not facts.problem}
        self._facts = readable
        self._functions = Functions(readable.values(), ArchivedSources(code, (), Cache(None)))

    def of(self, modules: Collection[str], made: Iterable[tuple[str, str]] = ()) -> Iterator[Use]:
        """The names that some modules use, and when.

        A load runs the code of all modules, and all methods that Python calls by itself but constructors;
        setters of properties too, since an unpickler sets the attributes of slots. What stands under
        `if __name__ == "__main__":` or `if TYPE_CHECKING:` counts as run: a module may bind either name anew.

        Args:
            modules: whose names are asked for.
            made: modules and classes whose constructors a load calls too.
        """
        load = reached([*self._by_themselves(), *_constructors(made)], self._functions)
        forward = reached([key for key in self._functions if key.name in _MODEL], self._functions)
        for key in self._functions:
            if key.module in modules:
                when = When.LOAD if key in load else When.FORWARD if key in forward else When.OTHER
                yield from self._used(key, when)
        for module in modules:
            if module in self._facts:
                yield from _imported(self._facts[module])

    def led_to(self, module: str, name: str, *, called: bool) -> Iterator[Use]:
        """The names that a function uses, or a class when it is unpickled, and all that these lead to.

        Args:
            module: where it is defined.
            name: of the function or class.
            called: whether a class is called, and not only made as unpickling makes objects.
        """
        starts = [Key(module, "", name)]
        starts += [key for key in self._by_themselves() if key[:2] == (module, name)]
        starts += _constructors([(module, name)]) if called else [Key(module, name, "__new__")]
        for key in reached(starts, self._functions):
            yield from self._used(key, When.LOAD)

    def _by_themselves(self) -> Iterator[Key]:
        return (key for key in self._functions if _is_by_itself(key) or self._is_setter(key))

    def _is_setter(self, key: Key) -> bool:
        decorators = (name for one in self._functions.of(key) for name in one.body.decorators)
        return any(name.endswith(".setter") for name in decorators)

    def _used(self, key: Key, when: When) -> Iterator[Use]:
        for one in self._functions.of(key):
            function = name_of(one.body)
            spans = {item.name: item.span for item in reversed(one.body.calls)}
            for name in one.body.reads | one.body.stores | one.body.items:
                line = spans.get(name, one.body.span).line
                for full in _meanings(one, name):
                    yield Use(key.module, function, line, full, when)
            for name in one.body.stores | one.body.items:
                full = one.full(name) if "." in name else ""
                if full and not full.startswith(f"{key.module}."):
                    yield Use(key.module, function, one.body.span.line, full, when, is_set=True)


def _is_by_itself(key: Key) -> bool:
    if not key.owner:
        return key.name in ("", SCRIPT, "__getattr__")
    is_special = key.name.startswith("__") and key.name.endswith("__")
    return (is_special and key.name not in _ASKED_FOR) or key.name in _FILLED


def _constructors(made: Iterable[tuple[str, str]]) -> list[Key]:
    return [Key(*one, name) for one in made for name in sorted(CONSTRUCTORS)]


def _meanings(function: Function, name: str) -> list[str]:
    """What a name may stand for: what nothing binds may come from any import of all names."""
    if full := function.full(name):
        return [full]
    stars = (item.module for item in function.facts.imports if ("*", "*") in item.names)
    return [name, *(f"{module}.{name}" for module in stars)]


def _imported(facts: Facts) -> Iterator[Use]:
    """What imports bind of other modules; the import alone runs nothing of it."""
    for item in facts.imports:
        for name, _ in item.names:
            yield Use(facts.module, "", item.span.line, f"{item.module}.{name}", When.OTHER)
