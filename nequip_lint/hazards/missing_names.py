"""A name of an absent library, at work where the module is imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.names import binding_import, bound_names
from nequip_lint.facts.values import FALSE, Facts, Import, LibraryUse
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard
from nequip_lint.machine.evaluate import Judge, catches

HELP = "put this under the same guard as the import, or into the functions that need it"
CAUSE = Cause("NQ105", "{} is {} without {}, and `{}` is used at import")


@hazard
def missing_events(scene: Scene) -> Iterator[Event]:
    """Every use of such a name."""
    for item in missing_names(scene):
        parts = (item.head, item.value, item.library, item.use.name)
        use = item.use
        yield Event(use.span, use.place, item.error, Reason(CAUSE, parts), use.name)


def message(facts: Facts, item: Missing) -> str:
    """What happens to the model."""
    return (
        f"where {item.library} is not installed, importing {facts.module} raises {item.error}, in "
        f"a build and from a package: {item.head} is {item.value} there"
    )


class Missing(NamedTuple):
    """A name at work where the import that binds it has failed.

    `value` is what it is there (`None` or `not defined`), `error` what the statement then raises, which
    nothing catches.
    """

    use: LibraryUse
    item: Import
    value: str
    error: str

    @property
    def library(self) -> str:
        """The import name of the absent library."""
        return (self.item.module or "").partition(".")[0]

    @property
    def head(self) -> str:
        """The name as the import binds it."""
        return self.use.name.partition(".")[0]


def missing_names(scene: Scene) -> Iterator[Missing]:
    """Names of optional libraries that are None, or not there, where the library is absent.

    Names that are bound under a test are another hazard's (`guarded_names.py`).

    Args:
        scene: a module on a machine.
    """
    facts = scene.facts
    if not any(item.place.at_import and item.place.caught for item in facts.imports):
        return
    guarded = {read.name for read in facts.guarded_reads}
    for use in facts.library_uses:
        item = binding_import(facts, use) if use.where == "import" else None
        if item is None or use.name.partition(".")[0] in guarded or not _has_failed(item, scene):
            continue
        found = _at_work(facts, scene.judge, use, item)
        if found is not None:
            yield found


def _has_failed(item: Import, scene: Scene) -> bool:
    """Whether an import fails on the machine and the file goes on all the same."""
    return (
        catches(item.place.caught, "ModuleNotFoundError")
        and item.module is not None
        and scene.importable(item.module) is False
    )


def _at_work(facts: Facts, judge: Judge, use: LibraryUse, item: Import) -> Missing | None:
    head, _, attribute = use.name.partition(".")
    if judge.all(use.place.guards) is not True:
        return None
    value = _value(facts, judge, head)
    error = _error(use, attribute, value)
    return Missing(use, item, value, error) if error and not catches(use.place.caught, error) else None


def _value(facts: Facts, judge: Judge, name: str) -> str:
    """What a name is on the machine: `None`, `not defined`, or '' where something else stands in for it."""
    bindings = [item for item in facts.bindings if item.name == name]
    others = [item for item in bindings if judge.all(item.place.guards) is not False]
    imports = (item for item in facts.imports if item.place.at_import and name in bound_names(item))
    if any(_may_bind(item, judge) for item in imports):
        return ""
    if not others:
        return "not defined"
    last = others[-1]
    return "None" if last.kind == "assign" and last.value == FALSE else ""


def _may_bind(item: Import, judge: Judge) -> bool:
    """Whether an import is reached on the machine and does not fail unheard."""
    if judge.all(item.place.guards) is False:
        return False
    return not (item.place.caught and judge.importable(item.module or "") is False)


def _error(use: LibraryUse, attribute: str, value: str) -> str:
    if value == "not defined":
        return "NameError"
    if use.how == "except":
        return ""
    if value == "None" and attribute and use.how != "probe":
        return "AttributeError"
    if value == "None" and use.how in ("call", "decorator", "base", "index", "iterate"):
        return "TypeError"
    return ""
