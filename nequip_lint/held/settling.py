"""What is held in the end: calls, names and classes followed."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.kept import UNEQUAL, UNRESTORABLE, Given, Kept
from nequip_lint.facts.objects.unpicklable import KEEPERS
from nequip_lint.facts.values import Facts
from nequip_lint.held.arguments import Arguments
from nequip_lint.held.binding import Binding
from nequip_lint.held.deciding import decides
from nequip_lint.held.items import Definition, Items
from nequip_lint.held.values import DEEPEST, MADE, OPEN, Holding, handed_over, told
from nequip_lint.project.model import Project


class Settling:
    """Tells what something that is kept is in the end.

    Args:
        project: the project.
        items: what functions and classes keep and give back.
        classes: those of which a model may hold objects; what is found adds to them.
    """

    def __init__(self, project: Project, items: Items, classes: dict[Definition, None]) -> None:
        self._project = project
        self._items = items
        self._binding = Binding(items)
        self._classes = classes
        self.arguments = Arguments(project, items, classes, self.settled)

    def settled(self, facts: Facts, item: Kept, depth: int = DEEPEST) -> Iterator[Holding]:
        """What an attribute holds in the end.

        Args:
            facts: of the file.
            item: what is kept, as far as its file tells.
            depth: how many calls and names to follow.
        """
        if item.category not in OPEN:
            yield Holding(facts, item)
            return
        if item.what in KEEPERS:
            yield from handed_over(facts, item)
        if item.category == "compiled" and any(map(self._is_function, item.given)):
            yield told(facts, item, "torch", "a function made by torch.compile")
        if item.category == "named":
            yield from self._named(facts, item, depth) if depth else ()
        elif item.category == "typed":
            yield from self._of_annotated(facts, item)
        elif item.what.endswith("()()"):
            yield from self._of_new_class(facts, item, depth)
        elif item.category == "made":
            yield from self._made(facts, item, depth)

    def _made(self, facts: Facts, item: Kept, depth: int) -> Iterator[Holding]:
        """What a call gives."""
        target = self._items.made(item.what) if depth else None
        if target is None:
            yield from [told(facts, item, "library", item.what)] if "()" not in item.what else ()
            return
        is_class = self._items.is_class(target)
        if is_class:
            self._classes.setdefault(target)
        yield from self._of_objects(facts, item, target)
        yield from self.arguments.of_object(facts, item, target, depth)
        if not is_class:
            yield from self._results(facts, item, target, depth)

    def _results(self, facts: Facts, item: Kept, target: Definition, depth: int) -> Iterator[Holding]:
        """What a function gives back, and what it puts into that."""
        results = self._items.of_function(target)
        back = {one.what for one in results if one.name == "return" and one.category == "argument"}
        inner = self._items.file(target)
        for result in results:
            if result.holder in back:
                yield from self.settled(inner, self.arguments.inside(facts, item, target, result), depth - 1)
            elif result.name == "call":
                yield from self.arguments.put(inner, self._binding.bound(item, target, result), depth - 1)
            elif result.name in ("return", "result"):
                bound = self._binding.bound(item, target, result)
                yield from self._returned(facts, item, bound, target, depth)
            elif (result.name, result.category) == ("newclass", "class") and item.name != "return":
                yield told(facts, item, "class", f"a class that {target[1]} makes")
            elif result.name == "value" and result.category == "made" and "()" not in result.what:
                made = item._replace(what=f"{result.what}()()", given=())
                yield from self._of_new_class(facts, made, depth)
                yield from self._named_elsewhere(facts, item, result, target)

    def _named_elsewhere(
        self, facts: Facts, item: Kept, value: Kept, target: Definition
    ) -> Iterator[Holding]:
        """An object of a class that a function of another file makes, and says to be of its own file."""
        maker = self._items.definition(value.what)
        if maker is None or maker[0] == target[0]:
            return
        for one in self._items.of_function(maker):
            if one.category == "named class" and not any(self._binding.at(value, maker, one.what)):
                what = f"an object of a class that {maker[1]} makes, of the module {maker[0]}"
                yield told(facts, item, "class", what)

    def _of_annotated(self, facts: Facts, item: Kept) -> Iterator[Holding]:
        """What is true of an object of the class with which an argument is annotated."""
        target = self._items.definition(item.what)
        if target is not None and self._items.is_class(target):
            self._classes.setdefault(target)
            yield from self._of_objects(facts, item, target)

    def _is_function(self, given: Given) -> bool:
        """Whether something that is given is certainly a function."""
        found = self._items.definition(given.what) if given.category == "named" else None
        functions = self._items.file(found).functions if found is not None else ()
        is_named = found is not None and any(item.name == found[1] for item in functions)
        return is_named or given.category == "function" or given.what == "a function"

    def _named(self, facts: Facts, item: Kept, depth: int) -> Iterator[Holding]:
        """What a name of a module is bound to, or each entry of a table."""
        item = self._binding.closed(facts, item)
        found = self._items.named(item.what)
        if not found and "[" not in item.what and self._items.definition(item.what) is None:
            yield told(facts, item, "function of a library", item.what)
        if self._project.sources.facts(item.what) is not None:
            yield told(facts, item, "native", f"the module {item.what}")
        settled = [list(self._of_value(facts, item, one, depth)) for one in found]
        if settled and all(settled):
            yield from settled[0]
        parts = (list(self._of_value(facts, item, one, depth)) for one in self._items.held_by(item.what))
        yield from next(filter(None, parts), [])

    def _of_value(self, facts: Facts, item: Kept, value: Kept, depth: int) -> Iterator[Holding]:
        what = item.what.rpartition(".")[2]
        if value.name == "member" and value.category in ("made", UNEQUAL):
            member = f"{value.spot.owner}.{value.holder}"
            yield Holding(facts, item._replace(category="member", what=value.what, holder=member, given=()))
        if value.category == UNEQUAL:
            return
        if value.category in MADE:
            inner = item._replace(category=value.category, what=value.what, given=value.given)
            yield from self.settled(facts, inner, depth - 1)
        elif value.category != "fine":
            is_told = value.name == "class" or value.what.startswith(f"{what}, ")
            shown = value.what if is_told else f"{what}, which is {value.what}"
            yield told(facts, item, value.category, shown)

    def _of_new_class(self, facts: Facts, item: Kept, depth: int = DEEPEST) -> Iterator[Holding]:
        """An object of a class that a function makes."""
        maker = self._items.definition(item.what.removesuffix("()()"))
        made = self._items.of_function(maker) if maker is not None else []
        for one in made if depth else ():
            if one.name in ("return", "result") and one.category == "made" and "()" not in one.what:
                yield from self._of_new_class(facts, item._replace(what=f"{one.what}()()"), depth - 1)
        for one in made:
            if one.name == "inner":
                yield told(facts, item, one.category, f"{one.what} made by {one.spot.function}")
            if one.name in ("newclass", "return", "result") and one.category == "class":
                yield told(facts, item, "class", f"an object of a class that {one.spot.function} makes")
                return

    def _returned(
        self, facts: Facts, item: Kept, result: Kept, target: Definition, depth: int
    ) -> Iterator[Holding]:
        """What a function gives back, as what is kept of it."""
        if result.category in ("argument", "elements", "inside"):
            yield from self.arguments.passed(facts, item, result, target)
        elif result.category in MADE:
            inner = item._replace(category=result.category, what=result.what, given=result.given)
            yield from self.settled(facts, inner, depth - 1)
        else:
            yield told(facts, item, result.category, f"{result.what} made by {target[1]}")

    def _of_objects(self, facts: Facts, item: Kept, target: Definition) -> Iterator[Holding]:
        """What is true of every object of a class of another file; in its own file it is known already."""
        for one in self._items.of_class(target) if target[0] != facts.module else ():
            if one.name == "class" and one.category not in UNRESTORABLE:
                yield told(facts, item, one.category, one.what)
        for base in self._items.bases(target) if not decides(self._project, target) else ():
            for one in self._items.of_class(base):
                if (one.name, one.category) == ("class", "native"):
                    yield told(facts, item, one.category, one.what)
        if any(one.name == "member" for one in self._items.of_class(target)):
            yield from self._named(facts, item._replace(what=f"{'.'.join(target)}[]"), DEEPEST)
