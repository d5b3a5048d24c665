"""State outside of a package that a model needs: of the process, of torch, of other libraries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.bodies import Called
from nequip_lint.facts.details.needs import Variable
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.bound import is_made_read, is_result_read, is_set_read
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.effects import HOOK, Change
from nequip_lint.runs.fallbacks import fallbacks
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import life, packaged_files
from nequip_lint.runs.process import State, state_of

_ENVIRONMENT = ("os.environ", "os.putenv", "os.unsetenv")
_OF_IMPORTS = ("sys.modules", "sys.path", "sys.meta_path", "sys.path_hooks")


def is_read_outside(project: Project, change: Change) -> bool:
    """Whether code that runs in a package reads what is changed outside of it, and does not change it."""
    state = state_of(change.target)
    if state is not None:
        return _is_needed(project, state)
    if change.target in _ENVIRONMENT:
        return bool(change.word) and _is_variable_read(project, change.word, change.value)
    if change.target.startswith("builtins."):
        return change.target.partition(".")[2] in _named(project)[0]
    if change.method == HOOK:
        return True
    if change.target in _OF_IMPORTS or "." not in change.target:
        return False
    if change.method == "setattr" and change.is_item:
        return any(is_patch_read(project, f"{change.target}.{name}") for name in _new_names(project, change))
    if change.target in _named(project)[1] or _is_defined_again(project, change):
        return False
    return is_patch_read(project, change.target, is_item=change.is_item)


def _new_names(project: Project, change: Change) -> Iterator[str]:
    """The names that computed names of attributes may be: functions and words of the file."""
    if change.word:
        yield change.word
        return
    yield from (item.name.lstrip("_") for item in change.facts.functions)
    yield from (item.name for item in change.facts.functions)
    for body in project.sources.details(change.facts).bodies:
        if not body.name:
            yield from (text for text in body.texts if text.isidentifier())


def _is_defined_again(project: Project, change: Change) -> bool:
    """Whether what a package runs defines an operator that other code defines too."""
    calls = (call for _, body in later(project) for call in body.calls)
    return change.target.startswith("torch.ops.") and any(call.text == change.word for call in calls)


def is_module_read(project: Project, module: str) -> bool:
    """Whether code that runs in a package reads a value of a module, neither a function nor a class."""
    facts = project.sources.facts(module)
    values = {item.name for item in facts.bindings if item.kind == "assign"} if facts is not None else set()
    return any(f"{module}.{name}" in _named(project)[0] for name in values)


def _is_needed(project: Project, state: State) -> bool:
    calls = [
        (call, own_name(facts, call.name), Key(facts.module, body.owner, body.name))
        for facts, body in later(project)
        for call in body.calls
    ]
    is_set = any(full in state.set for _, full, _ in calls)
    own = (item for item in calls if item[2].module in project.owned)
    return not is_set and any(
        state.is_read_by(call, full) and not _is_passed_on(project, call, key, state)
        for call, full, key in own
    )


def _is_passed_on(project: Project, call: Called, key: Key, state: State) -> bool:
    """Whether a call hands on what all callers give, and with which it does not depend on a state."""
    return "**" in call.keywords and fallbacks(project).all_give(key, state.unless)


def _is_variable_read(project: Project, name: str, value: str) -> bool:
    """Whether what a package runs asks for an environment variable, and has no such value for it anyway."""
    return any(
        _is_named(item.name, name) and not (value and item.default == value) and decides(project, facts, item)
        for facts in packaged_files(project)
        for item in project.sources.details(facts).variables
    )


def _is_named(read: str, name: str) -> bool:
    """Whether what is read is a variable, or may be it."""
    return read == name or (read.endswith("*") and name.startswith(read[:-1]))


def decides(project: Project, facts: Facts, item: Variable) -> bool:
    """Whether a call of the model asks for a variable, for itself or by a name that a load binds."""
    key = Key(facts.module, item.spot.owner, item.spot.function)
    if item.spot.function and not item.is_demanded:
        return key in life(project).forward or is_result_read(project, key) or is_set_read(project, key)
    if item.spot.function:
        return key in life(project).forward
    if not item.bound or item.is_demanded:
        return False
    return is_made_read(project, facts, item.bound)


def is_patch_read(project: Project, target: str, *, is_item: bool = False) -> bool:
    """Whether code that runs in a package reads an attribute of something that others define.

    Args:
        project: the project.
        target: the absolute name of the attribute.
        is_item: whether only what it holds is changed.
    """
    owner, _, name = target.rpartition(".")
    reads = _named(project)[0]
    if is_item or not owner.rpartition(".")[2][:1].isupper():
        return target in reads
    if name == "forward" or (name.startswith("__") and name.endswith("__")):
        return owner in _mentioned(project)
    return any(read.endswith(f".{name}") for read in reads)


@lru_cache(maxsize=4)
def _named(project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """The absolute names that code in a package reads, and those that it sets."""
    reads = {own_name(facts, name) for facts, body in later(project) for name in body.reads}
    stores = {
        own_name(facts, name)
        for facts, body in later(project)
        for name in body.stores | body.items | body.changes
    }
    return frozenset(reads), frozenset(stores)


@lru_cache(maxsize=4)
def _mentioned(project: Project) -> frozenset[str]:
    return frozenset(_mentions(project))


def _mentions(project: Project) -> Iterator[str]:
    for facts in packaged_files(project):
        for body in project.sources.details(facts).bodies:
            yield from (own_name(facts, name) for name in body.reads)
