"""NQ319 state-set-by-builder: a module or class changed while a model is made, and read when it runs."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.details.module import Details
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import packaged
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.effects import WHOLE, Change
from nequip_lint.runs.lost import lost, maker

_HELP = "keep it on the instance"
_SETTING = frozenset({"setattr", "__setattr__", "vars"})


@rule("NQ319")
def state_set_by_builder(project: Project) -> Iterator[Hit]:
    """One hit for each attribute and function that sets it."""
    seen: set[tuple[str, ...]] = set()
    for change in lost(project) if project.candidates else ():
        key = (*maker(change), change.target)
        if not change.spot.place.at_import and key not in seen:
            seen.add(key)
            module = change.definition.module if change.definition is not None else ""
            yield at(change.facts, change.spot.span, _message(change), _HELP, module)
    yield from _descriptors(project)


def _descriptors(project: Project) -> Iterator[Hit]:
    """The descriptors that keep what a model sets on itself, as `self.values[model] = value` does."""
    made = set(_constructed(project))
    for facts, details in packaged(project):
        for body in details.bodies:
            is_used = body.name == "__set__" and (facts.module, body.owner) in made
            kept = sorted(_put_into_self(details, body)) if is_used and not _sets_owner(details, body) else ()
            if kept:
                span = body.span._replace(end_line=body.span.line, end_column=body.span.column + len("def"))
                message = (
                    f"a loaded package computes with the default: {body.owner}.__set__() keeps what a model "
                    f"sets in {kept[0]}, outside of the model, and a package does not hold that"
                )
                yield at(facts, span, message, "keep it in the __dict__ of the model")


def _put_into_self(details: Details, body: Body) -> Iterator[str]:
    """The containers of a descriptor that its `__set__` fills, or a method that this calls."""
    called = {call.name.removeprefix("self.") for call in body.calls if call.name.startswith("self.")}
    own = (item for item in details.bodies if item.owner == body.owner and item.name in called)
    for item in (body, *own):
        yield from (name for name in item.items | item.changes if name.startswith("self."))


def _sets_owner(details: Details, body: Body) -> bool:
    """Whether a `__set__` sets anything of the object that it is given."""
    own = (body.owner, body.name)
    given = {name for item in details.conducts if item[:2] == own for name in item.arguments[1:2]}
    is_set = any(name.partition(".")[0] in given for name in body.stores | body.items | body.changes)
    return is_set or any(call.name.rpartition(".")[2] in _SETTING for call in body.calls)


def _constructed(project: Project) -> Iterator[tuple[str, str]]:
    for facts, details in packaged(project):
        for name in details.constructs:
            found = definition_of(project.sources, own_name(facts, name), project.packaged_tops)
            if found is not None:
                yield found


def _message(change: Change) -> str:
    key = maker(change)
    function = f"{key.owner}.{key.name}" if key.owner else key.name
    owner, _, last = change.target.rpartition(".")
    module, name = change.definition or (owner, last)
    if name.endswith(WHOLE):
        name = f"attributes of {name.rpartition('.')[0]}" if "." in name else "names"
    return (
        f"a loaded package computes with the {name} that the source of {module} gives, not with "
        f"this one: {function}() sets it while a model is made, and loading a package does not run that"
    )
