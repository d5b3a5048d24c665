"""A name of an absent library, at work where the module is imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nequip_lint.facts.names import binding_import
from nequip_lint.facts.values import FALSE, Facts, Import, LibraryUse
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import Judge, catches

HELP = "put this under the same guard as the import, or into the functions that need it"
CAUSE = Cause("NQ105", "{} is {} without {}, and `{}` is used at import")


@hazard("library_uses")
def missing_uses(scene: Scene, use: LibraryUse) -> Iterable[Event]:
    """Every use of such a name."""
    item = missing_name(scene, use)
    if item is None:
        return ()
    parts = (item.head, item.value, item.library, use.name)
    return (Event(use, item.error, Reason(CAUSE, parts), use.name),)


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


def missing_name(scene: Scene, use: LibraryUse) -> Missing | None:
    """The name of an optional library that is None, or not there, where the library is absent.

    Names that are bound under a test are another hazard's (`guarded_names.py`).

    Args:
        scene: a module on a machine.
        use: of a name, at import.
    """
    if use.where != "import" or not scene.tries_imports:
        return None
    item = binding_import(scene.facts, use)
    if item is None or use.name.partition(".")[0] in scene.guarded or not failed_import(item, scene):
        return None
    return _at_work(scene, use, item)


def failed_import(item: Import, scene: Scene) -> bool:
    """Whether an import fails on the machine and the file goes on all the same."""
    return (
        catches(item.place.caught, "ModuleNotFoundError")
        and item.module is not None
        and scene.world.importable(item.module) is False
    )


def _at_work(scene: Scene, use: LibraryUse, item: Import) -> Missing | None:
    head, _, attribute = use.name.partition(".")
    if scene.judge.all(use.place.guards) is not True:
        return None
    value = value_of(scene, head)
    error = error_of(use.how, attribute, value)
    return Missing(use, item, value, error) if error and not catches(use.place.caught, error) else None


def value_of(scene: Scene, name: str) -> str:
    """What a name is on the machine: `None`, `not defined`, or '' where something else stands in for it."""
    judge = scene.judge
    if any(may_bind(item, judge) for item in scene.imports.get(name, ())):
        return ""
    others = [item for item in scene.bindings.get(name, ()) if judge.all(item.place.guards) is not False]
    if not others:
        return "not defined"
    last = others[-1]
    return "None" if last.kind == "assign" and last.value == FALSE else ""


def may_bind(item: Import, judge: Judge) -> bool:
    """Whether an import is reached on the machine and does not fail unheard."""
    if judge.all(item.place.guards) is False:
        return False
    return not (item.place.caught and judge.importable(item.module or "") is False)


def error_of(how: str, attribute: str, value: str) -> str:
    """What a use of a name raises; '' where it does no harm.

    Args:
        how: what is done with it, as in `LibraryUse`.
        attribute: what is read of it, if anything.
        value: what it is.
    """
    if value == "not defined":
        return "NameError"
    if how == "except":
        return ""
    if value == "None" and attribute and how != "probe":
        return "AttributeError"
    if value == "None" and how in ("call", "decorator", "base", "index", "iterate"):
        return "TypeError"
    return ""
