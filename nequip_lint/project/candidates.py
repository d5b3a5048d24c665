"""Find the classes that end up in a model, from positive evidence only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import NamedTuple

from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Facts
from nequip_lint.project.builders import Builders
from nequip_lint.project.roots import MIXIN, Ancestry, Definition

_BUILDER = "model_builder"
_BUILDERS = frozenset({_BUILDER, "model_modifier"})
_SAVE = "nequip_pack.save_checkpoint"


class Candidate(NamedTuple):
    """A class that may be part of a model; `why` says what makes it a root, or why it is none."""

    module: str
    name: str
    is_root: bool
    why: str


class Found(NamedTuple):
    """Every `nn.Module` of the linted files, judged, and the classes of other packages that models hold.

    `lost` are the model builders behind which no class of a model is found.
    """

    candidates: list[Candidate]
    others: list[Definition]
    lost: list[Definition]


def candidates(
    files: Iterable[Facts], ancestry: Ancestry, builders: Builders, is_shipped: Callable[[str], bool]
) -> Found:
    """Find the classes of models in the linted files, and behind their builders.

    Args:
        files: the facts of the linted files.
        ancestry: for base classes and names, in other packages too.
        builders: follows builders.
        is_shipped: whether a linted module is installed; of tests and examples only what they save counts.
    """
    listed = list(files)
    kinds = {
        (facts.module, item.name): kind
        for facts in listed
        for item in facts.classes
        if (kind := ancestry.kind(facts.module, item.name))
    }
    mixins = [place for place, kind in kinds.items() if kind == "mixin"]
    starts = [*mixins, *(place for facts in listed for place in _decorated(facts, _BUILDERS))]
    saving = [place for facts in listed for place in _saving(facts, ancestry)]
    made = frozenset(builders.made_by((*starts, *saving)))
    shipped = [place for place in starts if is_shipped(place[0])]
    others = [place for place in builders.made_by((*shipped, *saving)) if place not in kinds]
    lost = [place for facts in listed for place in _decorated(facts, {_BUILDER}) if not builders.makes(place)]
    judged = [_judged(place, kind, place in made) for place, kind in kinds.items()]
    return Found(judged, others, [place for place in lost if is_shipped(place[0])])


def _judged(place: Definition, kind: str, is_made: bool) -> Candidate:
    if kind == "mixin":
        return Candidate(*place, True, f"is a {MIXIN}")
    why = "a model builder makes it" if is_made else "no model builder is seen to make it"
    return Candidate(*place, is_made, why)


def _decorated(facts: Facts, decorators: Set[str]) -> Iterator[Definition]:
    """The functions of a module that have one of some decorators of nequip, by their last names."""
    for function in facts.functions:
        if not decorators.isdisjoint(last_part(facts, name) for name in function.decorators):
            yield facts.module, function.name


def _saving(facts: Facts, ancestry: Ancestry) -> Iterator[Definition]:
    """The functions, or the code, of a module that write a checkpoint of whatever they make."""
    if any((item.module or "").partition(".")[0] == _SAVE.partition(".")[0] for item in facts.imports):
        references = ancestry.sources.references(facts)
        yield from ((facts.module, name) for name, names in references.items() if _SAVE in names)
