"""What the functions and classes of some files keep and give back, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.details.kept import INNER, NUMPY, Given, Kept
from nequip_lint.facts.objects.unpicklable import FLUENT
from nequip_lint.facts.values import Facts
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.project.sources import Sources

Definition = tuple[str, str]
"""A class or function: its module and its name."""
_ENTRIES = ("entry", "branch", "member")
RESULTS = frozenset({"result", "newclass"})
"""The names of what a method gives back."""


class Items:
    """What each class and function of some files keeps and gives back.

    Args:
        files: the facts of the files.
        sources: tells details, and where names are defined.
    """

    def __init__(self, files: Iterable[Facts], sources: Sources) -> None:
        self._sources = sources
        self._files = {facts.module: facts for facts in files}
        self._tops = frozenset(module.partition(".")[0] for module in self._files)
        self._of_classes: dict[Definition, list[Kept]] = defaultdict(list)
        self._of_functions: dict[Definition, list[Kept]] = defaultdict(list)
        for facts in self._files.values():
            for item in sources.details(facts).kept:
                owner, function = item.spot.owner, item.spot.function
                found = self._of_classes if owner else self._of_functions
                found[facts.module, owner or function].append(item)

    def file(self, definition: Definition) -> Facts:
        """The file of a class or function of the files."""
        return self._files[definition[0]]

    def classes(self) -> Iterable[Definition]:
        """The classes of which something is known."""
        return self._of_classes.keys()

    def of_class(self, definition: Definition) -> list[Kept]:
        """What the methods of a class keep, and what is true of its objects."""
        return self._of_classes.get(definition, [])

    def of_function(self, definition: Definition) -> list[Kept]:
        """What a function or a method keeps and gives back, or what a name is bound to."""
        owner, _, method = definition[1].rpartition(".")
        return (
            self._of_method(definition[0], owner, method) if owner else self._of_functions.get(definition, [])
        )

    def _of_method(self, module: str, owner: str, name: str, depth: int = 8) -> list[Kept]:
        facts = self._files.get(module)
        bodies = self._sources.details(facts).bodies if facts is not None else ()
        if any((body.owner, body.name) == (owner, name) for body in bodies):
            items = self.of_class((module, owner))
            return [item for item in items if item.spot.function == name and item.name in RESULTS]
        bases = self.bases((module, owner)) if depth else ()
        return next(filter(None, (self._of_method(*base, name, depth - 1) for base in bases)), [])

    def named(self, name: str) -> list[Kept]:
        """What a name is bound to; of a table what it holds under the key, or under each.

        Args:
            name: absolute, with a key in brackets, which are empty for one that is not known.
        """
        plain, bracket, key = name.removesuffix("]").partition("[")
        found = self.definition(plain)
        if bracket:
            entries = self._entries(found) if found is not None else []
            is_owner = plain in self._files or (found is not None and self.is_class(found) and not entries)
            if is_owner and key:
                return self.named(f"{plain}.{key}")
            return _chosen(entries, key) or [item for item in self._values(found) if item.category in NUMPY]
        if found is None:
            return []
        values = self._values(found)
        owner, _, member = found[1].rpartition(".")
        if owner and not values:
            kept = self.of_class((found[0], owner))
            members = [item for item in kept if item.name == "member" and item.holder == member]
            return members or [item for item in kept if item.name == "class" and item.category == "class"]
        return values

    def _values(self, found: Definition | None) -> list[Kept]:
        """What a name of a module is bound to."""
        items = self._of_functions.get(found, ()) if found is not None else ()
        return [item for item in items if item.name == "value"]

    def held_by(self, name: str) -> list[Kept]:
        """What a table holds under all of its keys."""
        found = self.definition(name) if "[" not in name else None
        entries = self._of_functions.get(found, []) if found is not None else []
        return [item for item in _chosen(entries, "") if item.name == "entry"]

    def _entries(self, definition: Definition, depth: int = 8) -> list[Kept]:
        """What a table holds, or an enumeration; of a class that inherits it, that of the other one."""
        found = [item for item in self.of_class(definition) if item.name == "member"]
        found += [item for item in self._of_functions.get(definition, ()) if item.name in ("entry", "branch")]
        owner, _, name = definition[1].rpartition(".")
        if found or not owner or not depth or self._is_shared(definition):
            return found
        inherited = (
            self._entries((base[0], f"{base[1]}.{name}"), depth - 1)
            for base in self.bases((definition[0], owner))
        )
        return next(filter(None, inherited), [])

    def _is_shared(self, definition: Definition) -> bool:
        """Whether the body of a class assigns a name."""
        facts = self._files.get(definition[0])
        return facts is not None and definition[1] in self._sources.details(facts).shared

    def default(self, definition: Definition, argument: str) -> Kept | None:
        """What stands for an argument that is not given, as far as that is known."""
        owner, _, method = definition[1].rpartition(".")
        is_class = self.is_class(definition)
        items = self.of_class(definition) if is_class else self._of_functions.get(definition, [])
        items = self.of_class((definition[0], owner)) if owner else items
        name = "__init__" if is_class else method or definition[1]
        found = (item for item in items if (item.name, item.holder) == ("default", argument))
        return next((item for item in found if item.spot.function == name), None)

    def bodies(self) -> Iterator[tuple[Facts, Body]]:
        """The code of the files."""
        for facts in self._files.values():
            yield from ((facts, body) for body in self._sources.details(facts).bodies)

    def is_class(self, definition: Definition) -> bool:
        """Whether a definition is that of a class at the top of one of the files."""
        facts = self._files.get(definition[0])
        return facts is not None and any(item.name == definition[1] for item in facts.classes)

    def initializes(self, definition: Definition) -> bool:
        """Whether a class has an `__init__` of its own."""
        facts = self._files.get(definition[0])
        bodies = self._sources.details(facts).bodies if facts is not None else ()
        return any((body.owner, body.name) == (definition[1], "__init__") for body in bodies)

    def bases(self, definition: Definition) -> Iterator[Definition]:
        """The classes of the files from which a class inherits directly."""
        facts = self._files.get(definition[0])
        for item in facts.classes if facts is not None else ():
            for base in item.bases if facts is not None and item.name == definition[1] else ():
                found = self.definition(resolve_local(facts, base)) if base and facts is not None else None
                yield from [found] if found is not None else []

    def definition(self, name: str) -> Definition | None:
        """Where an absolute name is defined, if in one of the files."""
        found = definition_of(self._sources, name, self._tops) if "." in name else None
        return found if found is not None and found[0] in self._files else None

    def made(self, name: str) -> Definition | None:
        """What makes something: a class, a function or a method, or the class whose method gives its object.

        Args:
            name: as `what` of a fact of the category `made`.
        """
        if not name.endswith("()"):
            return self.definition(name)
        owner, _, method = name.removesuffix("()").rpartition(".")
        found = self.definition(owner)
        if found is None:
            return None
        kept = self.of_class(found)
        if any(one.name == "fluent" and one.what == method for one in kept):
            return found
        if method in FLUENT and not self._has_method(found, method):
            return found
        return found[0], f"{found[1]}.{method}"

    def has_own(self, method: Definition) -> bool:
        """Whether the class of a method, `Class.name`, defines it itself."""
        owner, _, name = method[1].rpartition(".")
        return any((body.owner, body.name) == (owner, name) for body in self._bodies_of(method[0]))

    def resets(self, method: Definition, attribute: str) -> bool:
        """Whether another method of the class than one, and than its constructor, sets an attribute, too."""
        owner, _, name = method[1].rpartition(".")
        others = (body for body in self._bodies_of(method[0]) if body.owner == owner)
        return any(attribute in body.stores and body.name not in (name, "__init__") for body in others)

    def _bodies_of(self, module: str) -> tuple[Body, ...]:
        facts = self._files.get(module)
        return self._sources.details(facts).bodies if facts is not None else ()

    def _has_method(self, definition: Definition, name: str) -> bool:
        bodies = self._sources.details(self._files[definition[0]]).bodies
        is_own = any((body.owner, body.name) == (definition[1], name) for body in bodies)
        return is_own or any(self._has_method(base, name) for base in self.bases(definition))

    def position(self, definition: Definition, argument: str) -> int | None:
        """Where an argument stands in the head of a function, or of the `__init__` of a class."""
        facts = self._files.get(definition[0])
        is_class = self.is_class(definition)
        owner, _, method = definition[1].rpartition(".")
        head = (definition[1], "__init__") if is_class else (owner, method)
        for item in self._sources.details(facts).conducts if facts is not None else ():
            if (item.owner, item.name) == head and argument in item.arguments:
                is_bound = is_class or (bool(owner) and "staticmethod" not in item.decorators)
                return item.arguments.index(argument) - is_bound
        return None

    def rest(self, definition: Definition, argument: str) -> Callable[[Given], bool] | None:
        """What tells which given arguments one takes that stands for the rest; None for any other."""
        facts = self._files.get(definition[0])
        is_class = self.is_class(definition)
        head = (definition[1], "__init__") if is_class else ("", definition[1])
        for item in self._sources.details(facts).conducts if facts is not None else ():
            if (item.owner, item.name) != head:
                continue
            known = [name for name in item.arguments if not name.startswith("*")]
            if f"**{argument}" in item.arguments:
                return lambda given: given.position < 0 and given.keyword not in known
            if f"*{argument}" in item.arguments:
                return lambda given: given.position >= len(known) - is_class
        return None

    def reads(self) -> frozenset[str]:
        """The last parts of all dotted names that the files read."""
        return frozenset(
            name.rpartition(".")[2] for _, body in self.bodies() for name in body.reads if "." in name
        )

    def words(self) -> frozenset[str]:
        """The words that the files have."""
        return frozenset(word for _, body in self.bodies() for word in body.texts)


def _chosen(entries: Iterable[Kept], key: str) -> list[Kept]:
    """What a table holds under a key, or under each where that is not known."""
    if not key:
        return [item for item in entries if item.name in _ENTRIES and INNER not in item.holder]
    if key.startswith(INNER):
        return [item for item in entries if item.holder.endswith(key)]
    chosen = [item for item in entries if item.holder == key]
    return chosen or [item for item in entries if item.holder.lower() == key.lower()]
