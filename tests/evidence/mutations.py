"""Mutants: one kind at one place of one module of a subject."""

from __future__ import annotations

import ast
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from kinds import Kind
from places import Place, first_line, places


class Mutant(NamedTuple):
    """`files` are the changed and the added files of the subject by path, `helpers` the added ones."""

    kind: Kind
    subject: str
    module: str
    path: str
    line: int
    files: Mapping[str, str]
    archive: tuple[str, ...]
    helpers: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.kind.name} in {self.path}:{self.line}"


class Module(NamedTuple):
    """A module that a kind can be put into; `pickled` are its classes whose objects the model holds."""

    subject: str
    top: str
    name: str
    path: str
    source: str
    package_source: str
    pickled: Collection[str]

    @property
    def words(self) -> dict[str, str]:
        """What the placeholders of a kind stand for."""
        folder, _, file = self.path.rpartition("/")
        package = self.name if file == "__init__.py" else self.name.rpartition(".")[0]
        distribution = f"mutant-of-{self.top}"
        found = {"module": self.name, "package": package, "folder": folder, "top": self.top}
        return {**found, "distribution": distribution}


def sites(kind: Kind, modules: Sequence[Module]) -> Iterator[tuple[Module, Place]]:
    """Every place where a kind can be put."""
    for module in modules:
        is_package = module.path == f"{module.top}/__init__.py"
        if not (is_package and {"package", "package-first"} & kind.edits.keys()):
            found = places(parsed(module.source), kind.edits.keys(), module.pickled)
            yield from ((module, place) for place in found)


@cache
def parsed(source: str) -> ast.Module:
    """The tree of a module."""
    return ast.parse(source)


def mutant(kind: Kind, module: Module, place: Place) -> Mutant:
    """A kind at one place."""
    package = f"{module.top}/__init__.py"
    words = {**module.words, "class": place.owner}
    changed = {module.path: _edited(module.source, kind, place, words)}
    if "package" in kind.edits:
        changed[package] = f"{module.package_source}\n{_filled(kind.edits['package'], words)}\n"
    if "package-first" in kind.edits:
        at = {"package-first": (first_line(parsed(module.package_source)), 0)}
        changed[package] = _edited(module.package_source, kind, Place("", at), words)
    added = {_filled(path, words): _filled(text, words) for path, text in kind.files.items()}
    archive = tuple(f"{words['package']}.{name}" for name in kind.archive)
    files = {**changed, **added}
    return Mutant(kind, module.subject, module.name, module.path, place.anchor, files, archive, tuple(added))


def _edited(source: str, kind: Kind, place: Place, words: Mapping[str, str]) -> str:
    """The source with the kind's lines, put in from below so that earlier lines keep their numbers."""
    lines = source.splitlines(keepends=True)
    for where, (before, column) in sorted(place.at.items(), key=lambda item: -item[1][0]):
        text = _filled(kind.edits[where], words)
        added = [f"{' ' * column}{line}\n" if line else "\n" for line in text.splitlines()]
        lines[before - 1 : before - 1] = added
    changed = "".join(lines)
    ast.parse(changed)
    return changed


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def chosen(kinds: Sequence[Kind], modules: Sequence[Module], per_kind: int, seed: int) -> Iterator[Mutant]:
    """At most so many mutants of each kind, drawn for each kind by itself, from different modules first."""
    for kind in kinds:
        found = list(sites(kind, modules))
        order = random.Random(f"{seed} {modules[0].subject} {kind.name}").sample(found, len(found))
        seen = [module.path for module, _ in order]
        repeated = [path in seen[:number] for number, path in enumerate(seen)]
        first = sorted(range(len(order)), key=lambda number: repeated[number])
        yield from (mutant(kind, *order[number]) for number in first[:per_kind])
