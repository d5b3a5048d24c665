"""What code changes that outlives it: itself, and through the functions that it calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Called
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.details.state import DEFAULT, Assigned
from nequip_lint.facts.names import full_names, looks_like_class
from nequip_lint.facts.values import Facts, Place
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.project.sources import Sources
from nequip_lint.runs.callees import Callee, Callees, Target, own_name
from nequip_lint.runs.functions import Functions, Key
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files
from nequip_lint.runs.process import states
from nequip_lint.runs.replayed import not_replayed

SUBCLASSES = "__subclasses__"
WHOLE = "*"
"""The name of all that a module has, where code sets attributes with computed names."""
HOOK = "hook"
"""The method of a change that hooks all modules."""
_DEFINING = frozenset(f"torch.library.{name}" for name in ("custom_op", "define", "triton_op", "Library"))
"""Functions that make an operator of torch, or a namespace of these."""
_SETTERS = ("setattr", "__setattr__")
_IN_ORDER = frozenset({"append", "extend", "insert", "add", "appendleft", "extendleft"})


class Change(NamedTuple):
    """A statement that changes something; `word` is the item of it, or what is registered, `value` what
    that is set to, `about` the dotted name of the item.

    `target` is absolute: `definition` tells where the project defines it, None for what others define.
    `is_handed_on`: a call does it to its argument, to the object whose method it is, or to the process;
    `is_given`: it is done to what a function gives.
    """

    facts: Facts
    spot: Spot
    target: str
    definition: Target | None
    is_item: bool
    method: str = ""
    word: str = ""
    value: str = ""
    is_handed_on: bool = False
    about: str = ""
    is_given: bool = False

    @property
    def is_ordered(self) -> bool:
        """Whether it adds to what others added, under no name of its own."""
        return self.method in _IN_ORDER


class Effects:
    """The changes that code makes.

    Args:
        functions: of the files that count.
        sources: tell what names stand for.
    """

    def __init__(self, functions: Functions, sources: Sources) -> None:
        self._functions = functions
        self._sources = sources
        self._callees = Callees(functions, sources)
        self._direct: dict[str, dict[tuple[str, str], list[Assigned]]] = {}
        self._made: dict[Key, tuple[Change, ...]] = {}
        self._known: dict[tuple[str, str, str], tuple[Callee, ...]] = {}

    def of(self, facts: Facts, owner: str, name: str) -> tuple[Change, ...]:
        """What a function, or a module's own code, changes itself and through what it calls.

        Args:
            facts: of the file.
            owner: the class around the function, or ''.
            name: of the function, '' for the code of the module.
        """
        key = Key(facts.module, owner, name)
        waiting = [(key, False)] if key not in self._made else []
        while waiting:
            one, is_ready = waiting.pop()
            inner = self._sources.facts(one.module)
            if is_ready and inner is not None:
                self._made[one] = tuple(self._all(inner, one))
            elif one not in self._made:
                self._made[one] = ()
                waiting.append((one, True))
                waiting += [(other, False) for other in self._called_by(one) if other not in self._made]
        return self._made[key]

    def _called_by(self, key: Key) -> list[Key]:
        """The functions that one calls, the last first: chains of calls may be longer than Python's stack."""
        found = {
            callee.key: None
            for function in self._functions.of(key)
            for call in function.body.calls
            for callee in self._stands_for(function.facts, key.owner, call.name)
        }
        return list(found)[::-1]

    def _stands_for(self, facts: Facts, owner: str, name: str) -> tuple[Callee, ...]:
        """What a name that is called stands for; each is looked up once."""
        asked = (facts.module, owner, name)
        if asked not in self._known:
            self._known[asked] = tuple(self._callees.of(facts, owner, name))
        return self._known[asked]

    def direct(self, facts: Facts, owner: str, name: str) -> Iterator[Change]:
        """What a function, or a module's own code, changes itself."""
        if facts.module not in self._direct:
            found: dict[tuple[str, str], list[Assigned]] = {}
            for item in self._sources.details(facts).assigned:
                where = ("", "") if not item.spot.function else (item.spot.owner, item.spot.function)
                found.setdefault(where, []).append(item)
            self._direct[facts.module] = found
        for item in self._direct[facts.module].get((owner, name), ()):
            target = self._of_class(facts, item) if _is_of_instance(item) else _full(facts, item)
            if not target or target.startswith("@"):
                continue
            given = list(self._given_by(target)) if "()" in target else []
            for one in given or [target]:
                yield self._change(facts, item.spot, one, item)._replace(is_given=bool(given))

    def _given_by(self, name: str) -> Iterator[str]:
        """What a function of the files gives that outlives it: a name at module level, a default argument."""
        called, _, rest = name.partition("()")
        found = definition_of(self._sources, called, self._functions.tops)
        key = Key(found[0], "", found[1]) if found is not None else Key("", "", "")
        for function in self._functions.of(key):
            details = self._sources.details(function.facts)
            conducts = (item for item in details.conducts if (item.owner, item.name) == key[1:])
            arguments = {name for item in conducts for name in item.arguments}
            for result in function.body.results:
                if result in arguments:
                    yield called
                elif _is_of_file(function.facts, result.partition(".")[0]):
                    yield f"{own_name(function.facts, result)}{rest}"

    def _of_class(self, facts: Facts, item: Assigned) -> str:
        """The class that has what is changed through an object of it; '' where objects have their own."""
        made, _, rest = item.name.rpartition("().") if "()." in item.name else ("", "", item.name[5:])
        found = (
            definition_of(self._sources, own_name(facts, made), self._functions.tops)
            if made
            else (facts.module, item.spot.owner)
        )
        name = rest.partition(".")[0]
        return self._shared(*found, name) if found is not None and item.is_item else ""

    def _shared(self, module: str, cls: str, name: str, depth: int = 8) -> str:
        facts = self._sources.facts(module) if depth else None
        if facts is None:
            return ""
        details = self._sources.details(facts)
        if any(body.owner == cls and f"self.{name}" in body.stores for body in details.bodies):
            return ""
        if f"{cls}.{name}" in details.shared:
            return f"{module}.{cls}.{name}"
        for item in facts.classes:
            for base in item.bases if item.name == cls else ():
                tops = self._functions.tops
                found = definition_of(self._sources, own_name(facts, base), tops) if base else None
                shared = self._shared(*found, name, depth - 1) if found is not None else ""
                if shared:
                    return shared
        return ""

    def given(self, key: Key) -> Iterator[Assigned]:
        """What a function changes of its arguments."""
        facts = self._sources.facts(key.module)
        for item in self._sources.details(facts).assigned if facts is not None else ():
            if item.name.startswith("@") and (item.spot.owner, item.spot.function) == key[1:]:
                yield item

    def _change(self, facts: Facts, spot: Spot, target: str, item: Assigned) -> Change:
        defined = definition(self._sources, target)
        if item.is_item and self._sources.facts(target) is not None:
            defined = Target(target, WHOLE)
        if item.method == "setattr" and defined is not None and self._is_class(defined):
            defined = Target(defined.module, f"{defined.name}.{WHOLE}")
        about = item.about
        return Change(
            facts, spot, target, defined, item.is_item, item.method, item.key, item.value, about=about
        )

    def _is_class(self, target: Target) -> bool:
        facts = self._sources.facts(target.module)
        return facts is not None and any(item.name == target.name for item in facts.classes)

    def _all(self, facts: Facts, key: Key) -> Iterator[Change]:
        yield from self.direct(facts, key.owner, key.name)
        for function in self._functions.of(key):
            again = Counter(call.name for call in function.body.calls)
            for call in function.body.calls:
                is_put_back = again[call.name] > 1 and own_name(facts, call.name) in states()
                yield from () if is_put_back else self._called(facts, key, call)

    def _called(self, facts: Facts, key: Key, call: Called) -> Iterator[Change]:
        """What a call changes, as changes at its place."""
        spot = Spot(call.span, Place(at_import=not key.name), key.owner, key.name)
        if call.name.endswith(".__init_subclass__"):
            base = own_name(facts, call.name.removesuffix(".__init_subclass__"))
            target = f"{base}.{SUBCLASSES}"
            yield Change(facts, spot, target, definition(self._sources, target), True, "append", call.text)
        full = own_name(facts, call.name)
        if full in states():
            yield Change(facts, spot, full, None, True, "", call.text, is_handed_on=True)
        if full in _DEFINING and call.text:
            target = ".".join(("torch.ops", *call.text.partition("(")[0].split("::")))
            yield Change(facts, spot, target, None, False, "", call.text)
        for callee in self._stands_for(facts, key.owner, call.name):
            yield from self._by(facts, spot, call, callee)

    def _by(self, facts: Facts, spot: Spot, call: Called, callee: Callee) -> Iterator[Change]:
        inner = self._sources.facts(callee.key.module)
        if inner is None:
            return
        for change in self.of(inner, callee.key.owner, callee.key.name):
            word = call.text or change.word
            yield change._replace(facts=facts, spot=spot, word=word, is_handed_on=False, about="")
        for item in self.given(callee.key):
            index, dot, rest = item.name[1:].partition(".")
            name = call.arguments[int(index)] if int(index) < len(call.arguments) else ""
            if name and _is_of_file(facts, name.partition(".")[0]):
                target = f"{own_name(facts, name)}{dot}{rest}"
                given = self._change(facts, spot, target, item._replace(key=item.key or call.text))
                yield given._replace(is_handed_on=True)
            elif item.about == DEFAULT and int(index) >= len(call.arguments) and not call.keywords:
                kept = Target(callee.key.module, callee.key.name)
                yield Change(facts, spot, ".".join(kept), kept, True, item.method, is_handed_on=True)
        if callee.receiver is not None and self._changes_itself(callee.key, set()):
            target = ".".join(callee.receiver)
            name = callee.key.name
            yield Change(facts, spot, target, callee.receiver, True, name, call.text, is_handed_on=True)

    def _changes_itself(self, key: Key, asked: set[Key]) -> bool:
        """Whether a method changes its object."""
        if key in asked:
            return False
        asked.add(key)
        for function in self._functions.of(key):
            body = function.body
            if any(name.partition(".")[0] == "self" for name in body.stores | body.items | body.changes):
                return True
            if "self" in body.reads and any(call.name.endswith(_SETTERS) for call in body.calls):
                return True
            for call in body.calls:
                if call.name.startswith("self.") and any(
                    self._changes_itself(item.key, asked)
                    for item in self._stands_for(function.facts, key.owner, call.name)
                ):
                    return True
        return False


@lru_cache(maxsize=4)
def effects(project: Project) -> Effects:
    """The changes of the files that make a model, that run before, and that a package holds.

    Args:
        project: the project.
    """
    every = (*building_files(project), *packaged_files(project), *not_replayed(project))
    files = {facts.module: facts for facts in every}
    return Effects(Functions(files.values(), project.sources), project.sources)


def _is_of_file(facts: Facts, name: str) -> bool:
    """Whether a name is one of a file's top level, and not only of the function that gives it on."""
    return any(item.name == name for item in facts.bindings) or name in full_names(facts.imports)


def _is_of_instance(item: Assigned) -> bool:
    made, call, _ = item.name.rpartition("().")
    return bool(call and looks_like_class(made)) or item.name.startswith("self.")


def definition(sources: Sources, name: str) -> Target | None:
    """The module at hand that has what is changed; None for what only others have."""
    found = definition_of(sources, name)
    if found is None:
        module, _, attribute = name.rpartition(".")
        found = (module, attribute) if sources.facts(module) is not None else None
    return Target(*found) if found is not None else None


def _full(facts: Facts, item: Assigned) -> str:
    """The absolute name behind one that may begin with `cls` or a name of the file."""
    head, dot, rest = item.name.partition(".")
    if head == "cls":
        is_meant = item.spot.owner and (rest or item.method == "setattr")
        return f"{facts.module}.{item.spot.owner}{dot}{rest}" if is_meant else ""
    is_own = not dot or any(binding.name == head.removesuffix("()") for binding in facts.bindings)
    return f"{facts.module}.{item.name}" if is_own else item.name
