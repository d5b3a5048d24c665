"""What fixes read of a project: each file once, and each question about other files once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.narrow import Packages
from nequip_lint.edits.source import Source
from nequip_lint.edits.text import read_raw
from nequip_lint.edits.uses import Scopes
from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.assemble import Assembled


class Context:
    """A project whose files do not change while fixes are planned.

    Args:
        assembled: the project.
    """

    def __init__(self, assembled: Assembled) -> None:
        self.assembled = assembled
        self.project = assembled.project
        self.packages = Packages(assembled)
        self._sources: dict[str, Source] = {}
        self._scopes: dict[tuple[str, frozenset[str]], Scopes] = {}
        self._read: dict[str, frozenset[str]] = {}

    @cached_property
    def linted(self) -> dict[str, Facts]:
        """The facts of the linted files by path."""
        return {facts.path: facts for facts in self.project.files}

    def facts(self, path: str) -> Facts:
        """The facts of a linted file.

        Raises:
            Declined: it is none.
        """
        if path not in self.linted:
            raise Declined(f"{Path(path).name} is not among the linted files")
        return self.linted[path]

    def source(self, path: str) -> Source:
        """A linted file.

        Raises:
            Declined: it is none, or cannot be read.
        """
        if path not in self._sources:
            self.facts(path)
            self._sources[path] = Source(path, read_raw(Path(path)))
        return self._sources[path]

    def scopes(self, source: Source, names: Iterable[str]) -> Scopes:
        """The scopes of a file, as far as some names are concerned."""
        key = source.path, frozenset(names)
        if key not in self._scopes:
            self._scopes[key] = Scopes(source, key[1])
        return self._scopes[key]

    @cached_property
    def _importers(self) -> dict[str, list[tuple[Facts, Import]]]:
        """The imports of the linted files by the module that each names."""
        found: dict[str, list[tuple[Facts, Import]]] = {}
        for facts in self.project.files:
            for item in facts.imports:
                if item.module:
                    found.setdefault(item.module, []).append((facts, item))
        return found

    def importers(self, facts: Facts) -> list[tuple[Facts, Import]]:
        """Every other linted file that imports a module, with each of its imports."""
        found = self._importers.get(facts.module, ())
        return [(other, item) for other, item in found if other.module != facts.module]

    def takers(self, facts: Facts, name: str) -> list[tuple[Facts, Import]]:
        """Every other linted file that imports a name from a module, and the import."""
        is_public = not name.startswith("_")
        return [
            (other, item)
            for other, item in self.importers(facts)
            if any(original == name or (original == "*" and is_public) for original, _ in item.names)
        ]

    def check_not_exported(self, facts: Facts, name: str) -> None:
        """Make sure that a module's name is its own affair.

        Raises:
            Declined: `__all__` has it, or another linted file imports it from there.
        """
        check_not_promised(facts, name)
        for other, _ in self.takers(facts, name):
            raise Declined(f"{other.module} imports {name} from {facts.module}")

    def attributes_read(self, facts: Facts) -> frozenset[str]:
        """The names that other linted files seem to read as attributes of a module."""
        if facts.module not in self._read:
            last = facts.module.rpartition(".")[2].encode("utf-8", "surrogatepass")
            pattern = re.compile(rb"\b%s\.(\w+)" % re.escape(last))
            others = (other for other in self.project.files if other.module != facts.module)
            found = (pattern.findall(_content(other.path)) for other in others)
            names = frozenset(name.decode(errors="replace") for names in found for name in names)
            self._read[facts.module] = names
        return self._read[facts.module]


def _content(path: str) -> bytes:
    """The bytes of a linted file.

    Raises:
        Declined: it cannot be read, so that nobody knows what it uses.
    """
    try:
        return read_bytes(Path(path))
    except OSError as error:
        raise Declined(f"{Path(path).name} cannot be read, and may use what would change") from error


def check_not_promised(facts: Facts, name: str) -> None:
    """Make sure that `__all__` of a module lacks a name.

    Raises:
        Declined: it has it.
    """
    if name in dict(facts.literals).get("__all__", ()):
        raise Declined(f"__all__ of {facts.module} has {name}")
