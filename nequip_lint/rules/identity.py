"""What the rule about identity asks: which objects a load makes anew, beside those of pickles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.bodies import Called
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.details.state import Identity, Made
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.live import live
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import packaged_functions

_EQUAL = frozenset({"__eq__", "__hash__"})
_SINGLE = frozenset({"__new__", "__reduce__", "__reduce_ex__", "__getnewargs__"})
_SENTINELS = {
    "dataclasses.MISSING": ("call", "object"),
    "dataclasses.KW_ONLY": ("call", "object"),
    "argparse.SUPPRESS": ("text", ""),
}
"""Objects of the standard library that a pickle makes anew, and what they are, as in `Made`."""
_VALUES = frozenset({"bool", "int", "getattr", "type", "len", "hash", "ord"})
_NUMBERS = frozenset({"float", "complex"})


def compared(project: Project) -> Iterator[tuple[Facts, Identity, str]]:
    """The comparisons and look-ups that a loaded model does by identity, each with the object or table."""
    for facts, item in live(project, lambda details: details.identities):
        for kept, own in ((item.left, item.right), (item.right, item.left)):
            name = _of_own_class(project, facts, item.spot.owner, own, kept)
            made = _made(project, facts, name)
            if made is None or not _is_kept(project, facts, item, kept):
                continue
            if item.how == "key":
                if own == item.right and _is_keyed(project, *made):
                    yield facts, item, own
            elif _is_made_anew(project, *made, item.how):
                yield facts, item, own


def _of_own_class(project: Project, facts: Facts, owner: str, name: str, kept: str) -> str:
    """`Class.name` for `self.name` that no method sets, where one sets what it is compared with."""
    head, _, last = name.partition(".")
    if head not in ("self", "cls"):
        return name
    bodies = project.sources.details(facts).bodies
    stored = {store for body in bodies if body.owner == owner for store in body.stores}
    return f"{owner}.{last}" if kept in stored and f"self.{last}" not in stored else name


def _made(project: Project, facts: Facts, name: str) -> tuple[Facts, Made] | None:
    """What a name stands for at the top of some module of the project."""
    if name.partition(".")[0] in ("self", "cls"):
        return None
    if own_name(facts, name) in _SENTINELS:
        return facts, Made(name, *_SENTINELS[own_name(facts, name)])
    if name.endswith("()"):
        cls = definition_of(project.sources, own_name(facts, name[:-2]), project.packaged_tops)
        is_own = cls is not None and cls[0] in project.owned
        return (facts, Made(name, "call", name[:-2])) if is_own else None
    found = definition_of(project.sources, own_name(facts, name), project.packaged_tops)
    inner = project.owned.get(found[0]) if found is not None else None
    if found is None or inner is None or inner.module not in project.packaged.modules:
        return None
    every = (item for item in project.sources.details(inner).made if item.name == found[1])
    made = [item for item in every if item.how != "set"]
    if "." in found[1] and _is_enum(project, inner, found[1].partition(".")[0]):
        return None
    return (inner, made[0]) if len(made) == 1 else None


def _is_enum(project: Project, facts: Facts, name: str, depth: int = 8) -> bool:
    """Whether a class is an enumeration, or inherits from something that is not at hand."""
    for base in next((item.bases for item in facts.classes if item.name == name), ()):
        full = own_name(facts, base)
        found = definition_of(project.sources, full, project.packaged_tops) if base else None
        inner = project.owned.get(found[0]) if found is not None and depth else None
        if found is not None and inner is not None and _is_enum(project, inner, found[1], depth - 1):
            return True
        if inner is None and full.partition(".")[0] not in ("torch", "object", "abc", "typing", "Protocol"):
            return True
    return False


def _is_kept(project: Project, facts: Facts, item: Identity, name: str) -> bool:
    """Whether a name is, or is given, an attribute of the model, or, for a look-up, no object of a module."""
    if name.startswith("self.") or (item.how == "is" and _is_given(project, facts, item.spot, name)):
        return True
    return item.how == "key" and definition_of(project.sources, own_name(facts, name)) is None


def _is_given(project: Project, facts: Facts, spot: Spot, name: str) -> bool:
    """Whether a name is an argument for which running code gives an attribute of the model."""
    key = Key(facts.module, spot.owner, spot.function)
    heads = (item for item in project.sources.details(facts).conducts if (item.owner, item.name) == key[1:])
    arguments = next((item.arguments for item in heads), ())
    if name not in arguments:
        return False
    position = arguments.index(name) - bool(spot.owner)
    return any(
        call.arguments[position : position + 1] and call.arguments[position].startswith("self.")
        for call in _calls_of(project, key)
    )


@lru_cache(maxsize=64)
def _calls_of(project: Project, key: Key) -> tuple[Called, ...]:
    """The calls of a function in code that a load or a call of the model runs."""
    callees = Callees(packaged_functions(project), project.sources)
    return tuple(
        call
        for facts, body in later(project)
        for call in body.calls
        if call.name.rpartition(".")[2] == key.name
        and any(item.key == key for item in callees.of(facts, body.owner, call.name))
    )


def _is_made_anew(project: Project, facts: Facts, made: Made, how: str) -> bool:
    """Whether a comparison with an object fails for its copy from a pickle."""
    if made.how != "call":
        return how == "is"
    if made.called in _NUMBERS:
        return how == "is"
    if made.called in _VALUES:
        return False
    if made.called == "object":
        return True
    cls = definition_of(project.sources, own_name(facts, made.called)) if made.called else None
    if cls is None or cls[0] not in project.owned or "." in cls[1]:
        return how == "is" and not made.called
    return _is_compared_by_identity(project, *cls, is_asked_for=how != "is")


def _is_compared_by_identity(project: Project, module: str, name: str, *, is_asked_for: bool) -> bool:
    """Whether objects of a class are what they are by identity, and pickles make new ones."""
    facts = project.owned[module]
    item = next((item for item in facts.classes if item.name == name), None)
    if item is None:
        return False
    decorated = any(decoration.target == name for decoration in facts.decorations)
    bodies = project.sources.details(facts).bodies
    methods = {body.name for body in bodies if body.owner == name}
    if not methods.isdisjoint(_SINGLE) or (is_asked_for and (not methods.isdisjoint(_EQUAL) or decorated)):
        return False
    return all(base in ("object", "") for base in item.bases)


def is_equal_to_itself_alone(project: Project, made: str) -> bool:
    """Whether an object of a class, by its absolute name, has a copy in a pickle that is not equal to it."""
    cls = definition_of(project.sources, made, project.packaged_tops)
    if cls is None or cls[0] not in project.owned or "." in cls[1]:
        return False
    return _is_compared_by_identity(project, *cls, is_asked_for=True)


def _is_keyed(project: Project, facts: Facts, made: Made) -> bool:
    """Whether the keys of a table are objects that are found by identity."""
    return made.how == "table" and any(
        found is not None and _is_made_anew(project, *found, "==")
        for found in (_made(project, facts, key) for key in made.keys)
    )
