"""State that a model needs and a package does not have: set before the load, and by nothing that it runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from nequip_lint.facts.details.state import DEFAULT
from nequip_lint.facts.names import last_part, resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.runs.callees import Target, own_name
from nequip_lint.runs.effects import HOOK, SUBCLASSES, WHOLE, Change, effects
from nequip_lint.runs.functions import CONSTRUCTORS, Key
from nequip_lint.runs.life import packaged_functions, running
from nequip_lint.runs.making import making
from nequip_lint.runs.outside import is_module_read, is_read_outside
from nequip_lint.runs.replayed import not_replayed, replayed
from nequip_lint.runs.state import used_later

_ALWAYS_READ = ("forward", "__call__")
_NOT_STATE = ("__all__", "__path__")
_OF_THE_PROCESS = "torch.backends."
"""Settings of speed and precision, which are those of whoever loads a model."""


@lru_cache(maxsize=4)
def lost(project: Project) -> tuple[Change, ...]:
    """The changes that are lost: those of modules that a load does not run, and of what makes a model.

    Args:
        project: the project.
    """
    found = [change for change in _changes(project) if _is_kept_outside(project, change)]
    return tuple(change for change in found if _is_lost(project, change))


def _changes(project: Project) -> Iterator[Change]:
    for facts in not_replayed(project):
        yield from effects(project).of(facts, "", "")
        for item in project.sources.details(facts).wrapped:
            if item.is_hook and item.spot.place.at_import:
                yield Change(facts, item.spot, item.name, None, True, HOOK)
    for key in sorted(making(project)):
        made = project.sources.facts(key.module)
        if made is not None:
            yield from effects(project).direct(made, key.owner, key.name)
            every = effects(project).of(made, key.owner, key.name)
            yield from (item for item in every if item.is_handed_on)


def _is_kept_outside(project: Project, change: Change) -> bool:
    """Whether the package has what is changed, or finds it where it is loaded, but not the change."""
    if change.definition is None:
        return not change.target.startswith(_OF_THE_PROCESS) and _is_outside(project, change.target)
    module, name = change.definition
    return module in project.packaged.modules and module in project.owned and name not in _NOT_STATE


def _is_outside(project: Project, target: str) -> bool:
    """Whether something is another library's, and one that a package can use where it is loaded."""
    top = target.partition(".")[0]
    usable = not project.is_third_party(top) or project.patterns.action(top) == "extern"
    return top not in project.tops and usable


def _is_lost(project: Project, change: Change) -> bool:
    """Whether code that runs in a package reads what is changed, and nothing there changes it alike."""
    if change.definition is None:
        return is_read_outside(project, change)
    target = change.definition
    if change.spot.place.at_import and target.module == change.facts.module:
        return False
    if target.name == WHOLE:
        return is_module_read(project, target.module)
    owner, _, name = target.name.rpartition(".")
    if name == WHOLE:
        return any(_is_lost(project, item) for item in _of_whole(project, change, target.module, owner))
    if target in _changed_later(project):
        return False
    if owner and name != SUBCLASSES and _is_set_by_instances(project, target.module, owner, name):
        return False
    means = partial(is_meant, project, target, change.is_item)
    used = used_later(project)
    is_read = name in _ALWAYS_READ or any(means(*one) for one in used.reads.get(name, ()))
    if not is_read or any(means(*one) for one in used.stores.get(name, ())):
        return False
    return not change.spot.place.at_import or _is_needed(project, change)


def _of_whole(project: Project, change: Change, module: str, cls: str) -> Iterator[Change]:
    """The changes that setting attributes of a class with computed names comes to.

    They may have the names of what the class has, or of functions of the file that sets them.
    """
    shared = project.sources.details(project.owned[module]).shared
    names = {item for item in shared if item.startswith(f"{cls}.")}
    names |= {f"{cls}.{item.name}" for item in change.facts.functions}
    for name in sorted(names):
        yield change._replace(definition=Target(module, name), is_item=False)


@lru_cache(maxsize=4)
def _changed_later(project: Project) -> frozenset[Target]:
    """What functions that a load or a call of the model runs change of what functions give or keep."""
    return frozenset(_given_later(project))


def _given_later(project: Project) -> Iterator[Target]:
    functions = packaged_functions(project)
    for key in running(project):
        for function in functions.of(key) if key.name else ():
            for change in effects(project).direct(function.facts, key.owner, key.name):
                if change.is_given and change.definition is not None:
                    yield change.definition
            if any(item.about == DEFAULT for item in effects(project).given(key)):
                yield Target(key.module, key.name)


def _is_needed(project: Project, change: Change) -> bool:
    """Whether a model needs what a module adds to something to which others add as well."""
    if _is_by_type(project, change):
        return False
    if not change.is_item or change.is_ordered:
        return True
    same = _added_again(project, change)
    if change.word and change.word in {item.word for item in same}:
        return False
    return not (same or _is_filled(project, change.definition)) or change.word in _words(project)


def _is_by_type(project: Project, change: Change) -> bool:
    """Whether something is added for a class of the same module, which whoever has an object of it runs."""
    if not change.is_item or all(item.name != change.about for item in change.facts.classes):
        return False
    if not change.method:
        return True
    target = change.definition
    other = project.sources.facts(target.module) if target is not None else None
    found = (
        (item.decorators for item in other.functions if target and item.name == target.name) if other else ()
    )
    return any(name.rpartition(".")[2].startswith("singledispatch") for names in found for name in names)


def _added_again(project: Project, change: Change) -> list[Change]:
    """What the modules that a load runs add to the same object."""
    files = [project.owned[name] for name in replayed(project) if name in project.owned]
    every = (item for facts in files for item in effects(project).of(facts, "", ""))
    return [item for item in every if item.definition == change.definition]


def _is_filled(project: Project, target: Target | None) -> bool:
    """Whether the module that has an object puts something into it."""
    if target is None or target.module not in project.owned:
        return False
    details = project.sources.details(project.owned[target.module])
    bodies = (body for body in details.bodies if not body.name)
    changed = {name for body in bodies for name in body.items | body.changes}
    return target.name in changed or target.name in details.filled


@lru_cache(maxsize=4)
def _words(project: Project) -> frozenset[str]:
    """The words that the code of models, and what makes these, has."""
    functions = packaged_functions(project)
    classes = {(item.module, item.name) for item in project.candidates}
    keys = {key for key in functions if key.name and (key in running(project) or key in making(project))}
    keys |= {key for key in functions if key[:2] in classes and key.name in CONSTRUCTORS}
    keys |= {Key(module, "", "") for module, _ in classes}  # defaults of arguments
    bodies = (function.body for key in keys for function in functions.of(key))
    return frozenset(text for body in bodies for text in body.texts)


def _is_set_by_instances(project: Project, module: str, owner: str, name: str) -> bool:
    bodies = project.sources.details(project.owned[module]).bodies
    return any(body.owner == owner and f"self.{name}" in body.stores for body in bodies)


def is_meant(project: Project, target: Target, item: bool, facts: Facts, within: str, name: str) -> bool:
    """Whether a name in a file stands for something; what an import binds keeps its first value."""
    module, attribute = target
    owner, _, last = attribute.rpartition(".")
    head, *parts = name.split(".")
    names = [last_part(facts, head), *parts]
    if last != head and last not in names:
        return False
    if owner and last in parts and head in ("self", "cls", "?"):
        is_own = head != "?" and parts[0] == last
        return not is_own or _is_heir(project, facts, within, Target(module, owner))
    if facts.module == module and f"{name}.".startswith(f"{attribute}."):
        return True
    if not parts and not item:
        return False
    full = resolve(facts, ".".join([head, *parts[: 0 if last == head else names.index(last)]]))
    return (
        full == f"{module}.{attribute}"
        or definition_of(project.sources, full, project.packaged_tops) == target
    )


def _is_heir(project: Project, facts: Facts, name: str, target: Target, depth: int = 6) -> bool:
    """Whether a class is another one, or inherits from it, as far as bases are at hand."""
    if (facts.module, name) == target or not depth:
        return True
    for item in facts.classes:
        for base in item.bases if item.name == name else ():
            found = definition_of(project.sources, own_name(facts, base)) if base else None
            inner = project.sources.facts(found[0]) if found is not None else None
            if (
                found is not None
                and inner is not None
                and _is_heir(project, inner, found[1], target, depth - 1)
            ):
                return True
    return _inherits(project, target, facts, name, depth)


def _inherits(project: Project, target: Target, facts: Facts, name: str, depth: int) -> bool:
    """Whether the other class inherits from the one, whose methods then run for it."""
    other = project.sources.facts(target.module)
    bases = next((item.bases for item in other.classes if item.name == target.name), ()) if other else ()
    found = (definition_of(project.sources, own_name(other, base)) for base in bases if base and other)
    return any(item == (facts.module, name) for item in found)


def maker(change: Change) -> Key:
    """The function in which a change stands."""
    return Key(change.facts.module, change.spot.owner, change.spot.function)
