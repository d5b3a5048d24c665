"""Judge conditions for a target: true, false, or not known."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterable

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import CUDA_BUILD, Condition, Facts
from nequip_lint.machine.target import Target

_DEEPEST = 40
"""Names that stand for one another before nothing is known any more."""


def catches(caught: Iterable[str], exception: str) -> bool:
    """Whether handlers of the types `caught` end an exception of the type `exception`.

    An exception that is not built in is taken to descend from `Exception` alone.
    """
    raised = _exception(exception) or Exception
    return any(name == exception or issubclass(raised, _exception(name) or ()) for name in caught)


def surely_misses(caught: tuple[str, ...], exception: str) -> bool:
    """Whether handlers surely let an exception pass: nothing is known of types that are not built in."""
    is_known = all(_exception(name) is not None for name in (*caught, exception))
    return not caught or (is_known and not catches(caught, exception))


def _exception(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def changed_by(facts: Facts) -> frozenset[str]:
    """The environment variables that a module changes when it is imported; '' for what is computed."""
    return frozenset(item.name for item in facts.settings if not item.demanded)


class Judge:
    """Evaluates the conditions of one module.

    Args:
        facts: of the module, for its flags and test functions.
        target: the machine.
        importable: tells whether a module can be imported there, None where it is not known.
        changed: the environment variables that code changes before the module runs.
        packaged: whether the module is one of a package, where that is known.
        facts_of: the facts of other modules, for flags and test functions that are imported.
    """

    def __init__(
        self,
        facts: Facts,
        target: Target,
        importable: Callable[[str], bool | None],
        changed: frozenset[str] = frozenset(),
        packaged: bool | None = None,
        facts_of: Callable[[str], Facts | None] | None = None,
    ) -> None:
        self.packaged = packaged
        self._facts_of = facts_of
        self.facts = facts
        self.target = target
        self.importable = importable
        self.changed = changed
        self._asked: set[str] = set()
        self._found: dict[tuple[str, str], bool | None] = {}

    def all(self, conditions: Collection[Condition]) -> bool | None:
        """Whether all conditions hold."""
        return _all([self.truth(condition) for condition in conditions]) if conditions else True

    def truth(self, condition: Condition) -> bool | None:
        """Whether one condition holds."""
        kind, text, parts = condition
        if kind in ("true", "false"):
            return kind == "true"
        if kind == "typing":
            return False
        if kind == "gpu":
            return self.target.gpu
        if kind == "packaged" or (kind, text) == ("loaded", "__name__"):
            return None if self.packaged is None else self.packaged == (kind == "packaged")
        if kind == "not":
            inner = self.truth(parts[0])
            return None if inner is None else not inner
        if kind == "all":
            return _all([self.truth(part) for part in parts])
        if kind == "any":
            return _any([self.truth(part) for part in parts])
        if kind == "python":
            return _compare(self.target.python, text)
        if kind == "importable":
            return _all([self.importable(module) for module in text.split()])
        if condition == CUDA_BUILD:
            return self.target.cuda_build
        if kind in ("name", "call"):
            return self._named(kind, text)
        return self._variable(text) if kind == "variable" else None

    def lacks(self, variable: str) -> bool:
        """Whether an environment variable is known not to be set."""
        return self._variable(variable) is False

    def _variable(self, text: str) -> bool | None:
        """Whether a variable is set, or has a value: not known where code changes it."""
        name, is_compared, value = text.partition("=")
        changed = self.changed | changed_by(self.facts)
        if self.target.environment is None or not changed.isdisjoint((name, "")):
            return None
        found = self.target.environment.get(name)
        return found == value if is_compared else found is not None

    def _named(self, kind: str, name: str) -> bool | None:
        if name in self._asked or len(self._asked) == _DEEPEST:
            return None
        key = (kind, name)
        if key not in self._found:
            self._asked.add(name)
            try:
                self._found[key] = self._function(name) if kind == "call" else self._flag(name)
            finally:
                self._asked.discard(name)
        return self._found[key]

    def _function(self, name: str) -> bool | None:
        for function in self.facts.functions:
            if function.name == name and function.returns is not None:
                return self.truth(function.returns)
        return self._elsewhere("call", name)

    def _flag(self, name: str) -> bool | None:
        value: bool | None = None
        for binding in self.facts.bindings:
            if binding.name != name:
                continue
            holds = self.all(binding.place.guards)
            if holds is None:
                return None
            if holds:
                value = self.truth(binding.value)
        return self._imported(name) if value is None else value

    def _imported(self, name: str) -> bool | None:
        for item in self.facts.imports:
            if item.place.at_import and item.bound == name and item.module:
                return self.importable(item.module)
        return self._elsewhere("name", name)

    def _elsewhere(self, kind: str, name: str) -> bool | None:
        """The truth of a flag or a test function of another module."""
        full = resolve(self.facts, name) if self._facts_of is not None else name
        module, _, inner = full.rpartition(".")
        facts = self._facts_of(module) if self._facts_of is not None and full != name else None
        if facts is None or facts.module == self.facts.module:
            return None
        names = {item.name for item in facts.bindings} | {item.name for item in facts.functions}
        judge = Judge(facts, self.target, self.importable, self.changed, self.packaged)
        return judge.truth(Condition(kind, inner)) if inner in names else None


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _compare(python: tuple[int, int], text: str) -> bool:
    sign = text.rstrip("0123456789.")
    version = tuple(int(part) for part in text[len(sign) :].split("."))
    mine = python[: len(version)]
    results = {
        ">=": mine >= version,
        ">": mine > version,
        "<=": mine <= version,
        "<": mine < version,
        "==": mine == version,
        "!=": mine != version,
    }
    return results[sign]
