"""Two packages against each other: code, configuration, records, pickles, weights, every other member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nequip_pack.compare import records
from nequip_pack.compare.members import code, differing, others, text
from nequip_pack.compare.models import common_modes, pickles, structure, weights
from nequip_pack.compare.predictions import predictions
from nequip_pack.compare.tensors import SUFFIX, Tensors
from nequip_pack.format.closure import MEMBER as CLOSURE
from nequip_pack.format.metadata import EXAMPLE, EXTERNS, TEXT, model_member
from nequip_pack.format.records import CONFIG
from nequip_pack.format.references import MEMBER as REFERENCES

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_WEIGHTS: Final = "weights"
_PICKLES: Final = "pickles"
_EXAMPLE_DATA: Final = "example data"


def compare_packages(
    first: tuple[Archive, Metadata], second: tuple[Archive, Metadata]
) -> dict[str, list[str]]:
    """The differences by kind, one line each; a kind without any has an empty list.

    Every member that only one package has, or that differs, has at least one line. No difference is: how the
    members are ordered and packed, the folder they are in, how storages are numbered, and what follows from
    the rest of the package.

    Raises:
        DamagedError: if a pickle or a tensor in either is damaged.
    """
    (a, of_a), (b, of_b) = first, second
    differ = differing(a, b)
    of_member = {
        CONFIG: text(a, b, CONFIG),
        TEXT: [*records.versions(of_a, of_b), *records.other_metadata(of_a, of_b)],
        EXTERNS: list(records.externals(a, b)),
        CLOSURE: list(records.closure(a, b)),
        REFERENCES: list(predictions(a, b)),
    }
    of_pickles, told = _pickled(a, b, common_modes(of_a, of_b), differ)
    told |= {member for member, lines in of_member.items() if lines}
    told |= {name for name in {*a.members, *b.members} if name.endswith((".py", SUFFIX))}
    storages = of_pickles.pop(SUFFIX, [])
    return {
        "code": list(code(a, b)),
        "configuration": of_member[CONFIG],
        "metadata": of_member[TEXT],
        "members": [*others(a, b, differ, told), *storages],
        "externals": of_member[EXTERNS],
        "closure": of_member[CLOSURE],
        **of_pickles,
        "stored predictions": of_member[REFERENCES],
    }


def _pickled(
    a: Archive, b: Archive, modes: list[str], differ: list[str]
) -> tuple[dict[str, list[str]], set[str]]:
    """The lines about what is pickled, by kind, and the pickles that they tell of."""
    found, told = Tensors(a, b), set[str]()
    if _is_same(a, b, differ):
        return {}, told
    lines = {_WEIGHTS: list(weights(a, b, modes, found)), _PICKLES: [], _EXAMPLE_DATA: []}
    changed = {model_member(line.partition(" ")[0]) for line in lines[_WEIGHTS]}
    for member in pickles(a, b):
        of_it = structure(a, b, member, found)
        if member == EXAMPLE:
            lines[_EXAMPLE_DATA] = of_it
        else:
            lines[_PICKLES] += [f"{member}: {line}" for line in of_it]
        if of_it or member in changed or found.renumbered:
            told.add(member)
    return {**lines, SUFFIX: list(found.untold())}, told


def _is_same(a: Archive, b: Archive, differ: list[str]) -> bool:
    """Whether every pickle and storage is byte for byte what it is in the other package."""
    kinds = (".pkl", SUFFIX)
    in_a, in_b = ({name for name in one.members if name.endswith(kinds)} for one in (a, b))
    return in_a == in_b and not any(name.endswith(kinds) for name in differ)
