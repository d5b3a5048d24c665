"""What the requirements of a project bring, through all levels, and which of them nothing is known of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.declared.installed import Distribution, followed, names_of
from nequip_lint.declared.metadata import Metadata
from nequip_lint.machine.libraries import import_names, normalized
from nequip_lint.project.select import Choice
from nequip_lint.summaries.releases import Summary, available, load
from nequip_lint.tables import table

_ALWAYS = ("torch",)
"""What is there wherever a model is packaged or loaded."""


class Required(NamedTuple):
    """The import names that every installation has, and the distributions that require nobody knows what."""

    names: frozenset[str]
    unread: frozenset[str]


def required(metadata: Metadata, known: dict[str, Distribution], choices: Iterable[Choice]) -> Required:
    """Follow the requirements of a project through an environment, summaries and the table of libraries.

    A project whose own files do not tell its requirements is followed as its distribution is: where it is
    installed, its metadata tell them.

    Args:
        metadata: of the project.
        known: the distributions of the environment.
        choices: the releases whose summaries stand for what is not in it.
    """
    summaries = list(_summaries(metadata, choices))
    names = {name for item in summaries for name in (*item.required, item.package)}
    closed = frozenset((*names, *(normalized(item.distribution) for item in summaries)))
    told: dict[str, tuple[str, ...]] = table("requirements")
    unread = set()

    def further(name: str) -> Iterable[str]:
        if name in known:
            return known[name].requirements
        if name in closed or not closed.isdisjoint(import_names(name)):
            return ()
        if name not in told:
            unread.add(name)
        return told.get(name, ())

    itself = (metadata.name or metadata.root.name,) if metadata.is_open else ()
    for name in followed((*_ALWAYS, *metadata.requirements, *itself), further):
        names.update(names_of(name, known))
    return Required(frozenset(names), frozenset(unread))


def _summaries(metadata: Metadata, choices: Iterable[Choice]) -> Iterator[Summary]:
    """Those of required packages, and of a linted package that has summaries itself the newest one."""
    for choice in choices:
        if choice.summary is not None and choice.is_required:
            yield choice.summary
    for index in available().values():
        newest = index.releases[-1]
        if metadata.name and normalized(newest.distribution) == normalized(metadata.name):
            yield load(newest.path)
