"""What pydantic cannot make or check in a package: nothing tells what the annotations name."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Body, Called
from nequip_lint.facts.details.wording import Field
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.held.holdings import held_classes
from nequip_lint.project.model import Project
from nequip_lint.project.roots import Definition, definition_of
from nequip_lint.rules.applied import applies
from nequip_lint.rules.live import live
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later

_BASES = frozenset(f"pydantic.{name}" for name in ("BaseModel", "main.BaseModel", "RootModel"))
_CHECKING = frozenset(
    f"pydantic.{name}" for name in ("validate_call", "validate_call_decorator.validate_call")
)
_MAKING = frozenset({"model_validate", "model_validate_json", "model_validate_strings", "parse_obj"})
_WRITING = frozenset({"model_dump", "model_dump_json"})
_COMPLETING = frozenset({"model_rebuild", "update_forward_refs"})
_BUILT_IN = frozenset(dir(builtins))
_DEEPEST = 6


class Unfinished(NamedTuple):
    """A field whose class pydantic has to finish, and where a load or a call of the model makes an object."""

    facts: Facts
    field: Field
    user: Facts
    key: Key


def checked_functions(project: Project) -> Iterator[tuple[Facts, Field]]:
    """The first annotation that pydantic cannot read of each function whose calls it checks."""
    seen: set[Definition] = set()
    for facts, field in live(project, lambda details: details.fields):
        place = (facts.module, field.spot.owner)
        is_unread = field.is_of_function and place not in seen and bool(_names(field))
        if is_unread and any(applies(project, facts, name, _CHECKING) for name in field.decorators):
            seen.add(place)
            yield facts, field


def unfinished(project: Project) -> Iterator[Unfinished]:
    """Each such class that code makes an object of before anything at the top of its module finishes it."""
    fields = {place: cause for place, cause in _open_fields(project) if not _is_finished(project, place)}
    done: set[Definition] = set()
    for user, body in later(project):
        for call in body.calls if fields else ():
            found = _made(project, user, call) or _written(project, call, fields)
            cause = next((fields[item] for item in _lineage(project, found) if item in fields), None)
            if found is None or cause is None or found in done:
                continue
            if not _is_finished(project, found) and not _is_at_top(project, user, body, call, found):
                done.add(found)
                yield Unfinished(*cause, user, Key(user.module, body.owner, body.name))


def _open_fields(project: Project) -> Iterator[tuple[Definition, tuple[Facts, Field]]]:
    """The first field of each class whose annotation, a string, names more than built-in types."""
    seen: set[Definition] = set()
    for facts, field in live(project, lambda details: details.fields):
        place = (facts.module, field.spot.owner)
        is_open = not field.is_of_function and place not in seen and bool(_names(field) - {field.spot.owner})
        if is_open and any(base in _BASES for base in _bases(project, place)):
            seen.add(place)
            yield place, (facts, field)


def _names(field: Field) -> frozenset[str]:
    """What has to be looked up to tell what an annotation means; nothing for a class variable."""
    return frozenset() if "ClassVar" in field.names else field.names - _BUILT_IN


def _bases(project: Project, place: Definition, depth: int = _DEEPEST) -> Iterator[str]:
    """The absolute names of all bases of a class, followed through packaged files."""
    facts = project.sources.facts(place[0]) if depth else None
    if facts is None:
        return
    for item in facts.classes:
        for base in item.bases if item.name == place[1] else ():
            full = own_name(facts, base)
            yield full
            further = definition_of(project.sources, full)
            yield from _bases(project, further, depth - 1) if further is not None else ()


def _lineage(project: Project, place: Definition | None) -> Iterator[Definition]:
    """A class and those of its bases that are defined in files that can be read."""
    if place is None:
        return
    yield place
    for base in _bases(project, place):
        found = definition_of(project.sources, base)
        yield from [found] if found is not None else ()


def _made(project: Project, facts: Facts, call: Called) -> Definition | None:
    """The class of which a call makes an object, by its name or by one of pydantic's methods."""
    full = own_name(facts, call.name)
    owner, _, method = full.rpartition(".")
    place = definition_of(project.sources, owner) if method else None
    is_made = method in _MAKING or (place is not None and _makes_own(project, place, method))
    return place if is_made else definition_of(project.sources, full)


def _makes_own(project: Project, place: Definition, method: str) -> bool:
    """Whether a method of a class, or of one that it inherits from, makes an object of `cls`."""
    for module, name in _lineage(project, place):
        facts = project.sources.facts(module)
        bodies = project.sources.details(facts).bodies if facts is not None else ()
        for body in bodies:
            if (body.owner, body.name) == (name, method):
                return any(_is_of_cls(call) for call in body.calls)
    return False


def _is_of_cls(call: Called) -> bool:
    return call.name == "cls" or call.name.removeprefix("cls.") in _MAKING


def _written(project: Project, call: Called, fields: Iterable[Definition]) -> Definition | None:
    """The first such class of which a model keeps objects, for a method that only pydantic has."""
    is_meant = call.name.rpartition(".")[2] in _WRITING
    return next((item for item in fields if item in held_classes(project)), None) if is_meant else None


def _is_at_top(project: Project, facts: Facts, body: Body, call: Called, place: Definition) -> bool:
    """Whether a call stands at the top of the file of the class, where pydantic finds the names.

    The default of a field stands in the body of a class, where it does not.
    """
    fields = project.sources.details(facts).fields
    is_default = any(item.spot.span.line == call.span.line for item in fields)
    return not body.name and facts.module == place[0] and not is_default


def _is_finished(project: Project, place: Definition) -> bool:
    """Whether the file of a class finishes it at its top: by a call that says so, or by making an object."""
    facts = project.sources.facts(place[0])
    if facts is None:
        return False
    top = (body for body in project.sources.details(facts).bodies if not body.name)
    return any(
        _is_at_top(project, facts, body, call, place)
        and (_made(project, facts, call) == place or _completes(facts, call, place))
        for body in top
        for call in body.calls
    )


def _completes(facts: Facts, call: Called, place: Definition) -> bool:
    """Whether a call finishes a class; one of a name that is no class of the file may do so for each."""
    owner, _, method = call.name.rpartition(".")
    is_known = resolve(facts, owner) != owner or any(item.name == owner for item in facts.classes)
    is_meant = own_name(facts, owner) == ".".join(place) or not is_known
    return method in _COMPLETING and is_meant
