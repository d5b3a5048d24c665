"""The classes and functions that pickles ask the environment for, and whether it has them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import DamagedError
from nequip_pack.format.metadata import EXAMPLE, model_member
from nequip_pack.pickles.nested import inside
from nequip_pack.pickles.values import BadPickle
from nequip_pack.verify.modules import Answer, module_here
from nequip_pack.verify.names import name_here

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_MOST: Final = 500
"""The most names of one library that are looked up; models of nequip ask for 30."""
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What pickles ask of one library.

    Attributes:
        missing: modules, then names in modules, that it does not have here.
        unknown: those of which its files do not tell.
    """

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def asked(archive: Archive, metadata: Metadata) -> dict[str, Asked]:
    """By library, what the pickles of the models and of the example ask for, pickles inside them included.

    Neither what the package brings itself is asked for, nor what comes with Python.

    Raises:
        DamagedError: if a pickle cannot be read.
    """
    by_top: dict[str, list[Name]] = {}
    for module, name in sorted(_names(archive, metadata)):
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names and not _is_packaged(archive, module):
            by_top.setdefault(top, []).append((module, name))
    return {top: _answered(names) for top, names in by_top.items()}


def _highest(module: str) -> str:
    """The first step of a dotted name of which the same is known as of the whole."""
    parent = module.rpartition(".")[0]
    while parent and module_here(parent).answer is module_here(module).answer:
        module, parent = parent, parent.rpartition(".")[0]
    return module


def _names(archive: Archive, metadata: Metadata) -> set[Name]:
    members = [EXAMPLE, *map(model_member, metadata.available_models)]
    pickles = [read_pickle(archive, name) for name in members if name in archive.members]
    try:
        every = [*pickles, *inside(*pickles)]
    except BadPickle as error:
        raise DamagedError("the pickles cannot be read", where=archive.path, why=str(error)) from error
    return {name for pickled in every for name in pickled.globals}


def _is_packaged(archive: Archive, module: str) -> bool:
    stem = module.replace(".", "/")
    return f"{stem}.py" in archive.members or f"{stem}/__init__.py" in archive.members


def _answered(names: Sequence[Name]) -> Asked:
    answers: dict[str, Answer] = {}
    modules: set[str] = set()
    for module, name in names[_MOST:]:
        answers[f"{module}.{name}"] = Answer.UNKNOWN
    for module, name in names[:_MOST]:
        found = module_here(module).answer
        if found is Answer.HERE:
            answers[f"{module}.{name}"] = name_here(module, name)
        else:
            answers[_highest(module)] = found
            modules.add(_highest(module))
    by_answer = {kind: tuple(name for name, answer in answers.items() if answer is kind) for kind in Answer}
    missing = sorted(by_answer[Answer.MISSING], key=lambda name: name not in modules)
    return Asked(tuple(missing), by_answer[Answer.UNKNOWN])
