"""State that only stands in for arguments which all callers give: the model has kept it when it was made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from nequip_lint.facts.details.bodies import Body, Called
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import packaged_functions


class Fallbacks:
    """Tells what a function names and does not come to read.

    Args:
        project: the project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def unread(self, facts: Facts, body: Body) -> frozenset[str]:
        """The names that stand in for arguments which every caller gives from what its object has kept.

        Args:
            facts: of the file.
            body: the function.
        """
        return frozenset(
            name for argument, name in body.instead if self._is_kept(facts, body, argument, name)
        )

    def all_give(self, key: Key, arguments: frozenset[str]) -> bool:
        """Whether a function is called, and each of the calls gives one of some arguments by its name."""
        calls = self._calls.get(key, ())
        return bool(calls) and not any(arguments.isdisjoint(call.keywords) for _, _, call in calls)

    def _is_kept(self, facts: Facts, body: Body, argument: str, name: str) -> bool:
        position = self._position(facts, body, argument)
        calls = self._calls.get(Key(facts.module, body.owner, body.name), ())
        return (
            position is not None
            and bool(calls)
            and all(
                _gives(call, argument, position) and self._has_read(caller, owner, own_name(facts, name))
                for caller, owner, call in calls
            )
        )

    def _position(self, facts: Facts, body: Body, argument: str) -> int | None:
        """Where an argument stands in a call, the first of the rest for `*names`; None if it has no place."""
        conducts = self._project.sources.details(facts).conducts
        heads = [item.arguments for item in conducts if (item.owner, item.name) == (body.owner, body.name)]
        places = {name.removeprefix("*"): place for place, name in enumerate(heads[-1] if heads else ())}
        return places[argument] - bool(body.owner) if argument in places else None

    @cached_property
    def _calls(self) -> dict[Key, list[tuple[Facts, str, Called]]]:
        """The calls of functions in what a load or a use of the model runs, with the class around each."""
        callees = Callees(packaged_functions(self._project), self._project.sources)
        found: dict[Key, list[tuple[Facts, str, Called]]] = {}
        for facts, body in later(self._project):
            for call in body.calls:
                for callee in callees.of(facts, body.owner, call.name):
                    found.setdefault(callee.key, []).append((facts, body.owner, call))
        return found

    def _has_read(self, facts: Facts, owner: str, name: str) -> bool:
        """Whether making an object of a class reads something, also by functions that it calls."""
        return any(
            own_name(function.facts, read) == name
            for function in self._made(facts, owner)
            for read in function.body.reads
        )

    def _made(self, facts: Facts, owner: str) -> Iterator[Function]:
        functions = packaged_functions(self._project)
        callees = Callees(functions, self._project.sources)
        keys = (Key(facts.module, owner, name) for name in sorted(CONSTRUCTORS) if owner)
        for function in (function for key in keys for function in functions.of(key)):
            yield function
            for call in function.body.calls:
                for callee in callees.of(facts, owner, call.name):
                    yield from functions.of(callee.key)


@lru_cache(maxsize=4)
def fallbacks(project: Project) -> Fallbacks:
    """Those of a project."""
    return Fallbacks(project)


def _gives(call: Called, argument: str, position: int) -> bool:
    return argument in call.keywords or position < len(call.arguments)
