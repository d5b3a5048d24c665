"""What the objects of a model hold, helpers included, and what functions make for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.kept import MODEL, NUMPY, UNRESTORABLE, Given, Kept
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.names import resolve
from nequip_lint.facts.objects.unpicklable import KEEPERS
from nequip_lint.facts.values import Facts
from nequip_lint.held.binding import Binding
from nequip_lint.held.deciding import decides
from nequip_lint.held.items import RESULTS, Definition, Items
from nequip_lint.held.settling import Settling
from nequip_lint.held.thinned import is_left_out
from nequip_lint.held.values import DEEPEST, MADE, Holding, handed_over, told
from nequip_lint.project.model import Project
from nequip_lint.project.roots import resolve_local
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files, making

_BARE = ("torch.nn.Module", "torch.nn.modules.module.Module", "object", "abc.ABC", "ABC")
BY_TORCH = frozenset(
    {
        "forward",
        "train",
        "eval",
        "to",
        "apply",
        "extra_repr",
        "get_extra_state",
        "state_dict",
        "load_state_dict",
    }
)
"""Methods that torch calls, or whoever uses a model."""


@lru_cache(maxsize=4)
def holdings(project: Project) -> tuple[Holding, ...]:
    """What the objects hold that a packaged model is made of.

    Args:
        project: the project.
    """
    return tuple(dict.fromkeys(_Search(project).found()))


@lru_cache(maxsize=4)
def held_classes(project: Project) -> frozenset[Definition]:
    """The classes in linted files of which a model may hold objects, those of its modules included."""
    search = _Search(project)
    for _ in search.found():
        pass
    return frozenset(search.classes)


class _Search:
    """Follows what is held from the modules of a model to helpers."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._packaged = {facts.module: facts for facts in packaged_files(project)}
        files = {facts.module: facts for facts in building_files(project)} | self._packaged
        self._items = Items(files.values(), project.sources)
        self._reads = self._items.reads()
        self._mentioned = self._reads | self._items.words()
        self._binding = Binding(self._items)
        self.classes: dict[Definition, None] = {}
        self._settling = Settling(project, self._items, self.classes)
        self._waiting: list[tuple[Facts, Kept]] = []

    def found(self) -> Iterator[Holding]:
        """Everything that is held."""
        for definition in sorted(self._project.packaged_classes):
            if definition[0] in self._packaged:
                self.classes[definition] = None
        for key in sorted(making(self._project)):
            if not key.owner:
                yield from self._of_maker(key)
        done = 0
        while done < len(self.classes):
            for definition in list(self.classes)[done:]:
                done += 1
                yield from self._of_class(definition)
            for facts, item in self._waiting:
                if self._items.definition(item.holder) in self.classes:
                    yield from self._settled(facts, item)

    def _settled(self, facts: Facts, item: Kept) -> Iterator[Holding]:
        """What an attribute holds in the end, or a call puts into an object."""
        settle = self._settling.arguments.put if item.name == "call" else self._settling.settled
        yield from settle(facts, item)

    def _of_class(self, key: Definition) -> Iterator[Holding]:
        for base in self._items.bases(key):
            self.classes.setdefault(base)
        for item in self._items.of_class(key):
            if item.category in UNRESTORABLE or item.name == MODEL:
                yield Holding(self._items.file(key), item)
            elif item.category == "transient" and is_left_out(self._items, key, item):
                yield told(self._items.file(key), item, "lacking", item.what)
        yield from self._of_decorated(key)
        if decides(self._project, key):
            return
        for item in self._items.of_class(key):
            if not self._is_called(key, item.spot.function):
                continue
            if item.name in ("fluent", "member", "default", MODEL, *RESULTS):
                continue
            if item.name in ("class", "call", "super") or item.holder != "self":
                yield from self._of_call(key, item)
            elif self._is_there(item):
                yield from self._settling.settled(self._items.file(key), item)

    def _is_called(self, key: Definition, method: str) -> bool:
        """Whether anything calls a method of a class; what a base from elsewhere calls is not known."""
        is_hidden = not method or method.startswith("_") or method in BY_TORCH
        return is_hidden or method in self._mentioned or not self._has_known_bases(key)

    def _has_known_bases(self, key: Definition, depth: int = DEEPEST) -> bool:
        facts = self._items.file(key)
        names = self._named_bases(key)
        own = list(self._items.bases(key))
        others = sum(resolve_local(facts, name) in _BARE for name in names)
        is_known = len(own) + others == len(names) and depth > 0
        return is_known and all(self._has_known_bases(base, depth - 1) for base in own)

    def _named_bases(self, key: Definition) -> list[str]:
        classes = self._items.file(key).classes
        return [base for item in classes if item.name == key[1] for base in item.bases]

    def _is_there(self, item: Kept) -> bool:
        """Whether an attribute is there: that of a `cached_property` once somebody asks for it."""
        head, _, name = item.name.rpartition(".")
        return head != "self" or item.spot.function != name or name in self._reads

    def _of_call(self, key: Definition, item: Kept) -> Iterator[Holding]:
        """What a call in a method puts into the object, or gives to the class that it inherits from."""
        if item.name == "super" and item.spot.function == "__init__":
            for base in self._items.bases(key):
                yield from self._settling.arguments.of_object(self._items.file(key), item, base)
            if any(resolve_local(self._items.file(key), base) in KEEPERS for base in self._named_bases(key)):
                yield from handed_over(self._items.file(key), item._replace(name="its base class"))
        elif item.name == "call" and item.holder == "self":
            yield from self._settled(self._items.file(key), item)
        elif item.holder not in ("self", "", "class"):
            self._waiting.append((self._items.file(key), item))

    def _of_maker(self, key: Key) -> Iterator[Holding]:
        """What a function that makes models puts into them, or into what it is given."""
        definition = (key.module, key.name)
        for item in self._items.of_function(definition):
            facts = self._items.file(definition)
            if item.name == "return":
                closed = self._binding.closed(facts, item)
                is_model = definition in self._project.named or self._is_model(closed)
                yield from self._settling.settled(facts, item) if item.category in MADE and is_model else ()
            elif item.name == "call" and item.holder == "self":
                yield from self._settled(facts, item)
            elif item.name != "class":
                self._waiting.append((facts, item))

    def _is_model(self, item: Kept | Given, depth: int = DEEPEST) -> bool:
        """Whether something that is made is a model, or may hold one that it is given."""
        given = item.given if isinstance(item, Kept) else ()
        target = self._items.made(item.what) if item.category == "made" and depth else None
        if target is not None and self._items.is_class(target):
            return bool(self._project.ancestry.kind(*target)) or target in self.classes
        results = self._items.of_function(target) if target is not None else []
        every: list[Kept | Given] = [*given, *(one for one in results if one.name in ("return", "result"))]
        if item.category == "named":
            values = self._items.named(item.what)
            return not values or any(value.category not in NUMPY for value in values)
        return any(self._is_model(one, depth - 1) for one in every)

    def _of_decorated(self, definition: Definition) -> Iterator[Holding]:
        """An object of a class that a decorator from another file replaces by a local one."""
        facts = self._items.file(definition)
        for item in facts.decorations:
            maker = (
                self._items.definition(resolve(facts, item.name)) if item.target == definition[1] else None
            )
            made = self._items.of_function(maker) if maker is not None and maker[0] != facts.module else []
            others = [one.what for one in made if one.name == "decorator"]
            if any(one.name == "return" and one.category == "class" for one in made):
                others.append("a local class")
            for other in others[:1]:
                what = f"an object of {item.target}, which its decorator {item.name} replaces by {other}"
                spot = Spot(item.span, item.place, definition[1])
                yield Holding(facts, Kept(spot, MODEL, "class", what))
