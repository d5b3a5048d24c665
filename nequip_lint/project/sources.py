"""One view of all source at hand: linted files, an environment's installed code, summaries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nequip_lint.cache.entries import Cache
from nequip_lint.contents import read_bytes
from nequip_lint.declared.locate import Kind, Location, locate, locate_in
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.values import Facts
from nequip_lint.project.references import References, references_of
from nequip_lint.summaries.releases import Summary


class Sources:
    """Answers where a module is and what its facts are; reads every file once, when first asked.

    Args:
        owned: folders that hold the linted code, perhaps among other code.
        installed: folders of an environment.
        summaries: facts of released packages, by top-level import name.
        prepared: the facts of the linted files, by module name.
        tops: top-level names of the linted code.
        cache: facts of earlier runs.
        absent: top-level names that nothing is looked for of, whatever the folders hold.
    """

    def __init__(
        self,
        owned: Iterable[Path] = (),
        installed: Iterable[Path] = (),
        summaries: Mapping[str, Summary] | None = None,
        prepared: Mapping[str, Facts] | None = None,
        tops: frozenset[str] = frozenset(),
        cache: Cache | None = None,
        absent: frozenset[str] = frozenset(),
    ) -> None:
        self.absent = absent
        self.owned = tuple(dict.fromkeys(owned))
        self.installed = tuple(dict.fromkeys(installed))
        self.summaries = dict(summaries or {})
        self.tops = tops
        self._cache = cache or Cache(None)
        self._facts: dict[str, Facts | None] = dict(prepared or {})
        self._summarised: set[str] = set()
        self._details: dict[str, Details] = {}
        self._references: dict[str, References] = {}
        self._places: dict[str, Location | None] = {}

    def location(self, module: str) -> Location | None:
        """Where a module is; summaries count as source at the path they were made from."""
        if module not in self._places:
            self._places[module] = self._locate(module)
        return self._places[module]

    def _locate(self, module: str) -> Location | None:
        facts = self._facts.get(module)
        if facts is not None:
            return Location(Kind.SOURCE, Path(facts.path), facts.is_package)
        if module.partition(".")[0] in self.absent or not self._may_hold(module.rpartition(".")[0]):
            return None
        found = locate(self.owned, module) or locate(self.installed, module) or self._added(module)
        if found is not None:
            return found
        summary = self.summaries.get(module.partition(".")[0])
        known = summary.facts(module) if summary is not None else None
        if known is None:
            is_namespace = summary is not None and summary.is_namespace(module)
            return Location(Kind.NAMESPACE, Path(*module.split(".")), True) if is_namespace else None
        self._facts[module] = known
        self._references[module] = summary.references(module) if summary is not None else {}
        self._summarised.add(module)
        return Location(Kind.SOURCE, Path(known.path), known.is_package)

    def _may_hold(self, parent: str) -> bool:
        """Whether there is a package of a name, so that its submodules are worth looking for."""
        place = self.location(parent) if parent else None
        return not parent or (place is not None and place.is_package)

    def _added(self, module: str) -> Location | None:
        """Where a module is in a folder that a package around it adds to its `__path__`."""
        parent, _, name = module.rpartition(".")
        place = self.location(parent) if parent else None
        if place is None or place.kind is not Kind.SOURCE or not place.is_package:
            return None
        folders = ("", *self._folders(parent, place.path))
        found = (locate_in(Path(os.path.normpath(place.path.parent / folder)), name) for folder in folders)
        return next(filter(None, found), None)

    def _folders(self, package: str, path: Path) -> tuple[str, ...]:
        """The folders that a package adds, read from its source only if that names `__path__`."""
        if package not in self._facts:
            try:
                is_named = b"__path__" in read_bytes(path)
            except OSError:
                return ()
            if not is_named:
                return ()
        facts = self.facts(package)
        return facts.folders if facts is not None else ()

    def facts(self, module: str) -> Facts | None:
        """The facts of a module that has source; None for any other."""
        if module not in self._facts:
            self._facts[module] = self._read(module)
        return self._facts[module]

    def _read(self, module: str) -> Facts | None:
        place = self.location(module)
        if place is None or place.kind is not Kind.SOURCE:
            return None
        if module in self._facts:
            return self._facts[module]
        try:
            data = read_bytes(place.path)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            return Facts(module, str(place.path), place.is_package, problem=reason)
        return self._cache.facts(data, module, str(place.path), place.is_package)

    def source(self, module: str) -> Facts | None:
        """The facts of a module whose source itself is at hand, and not only a summary of it."""
        facts = self.facts(module)
        return None if module in self._summarised else facts

    def read(self) -> list[str]:
        """The modules whose facts anything has asked for so far."""
        return [name for name, facts in self._facts.items() if facts is not None]

    def details(self, facts: Facts) -> Details:
        """What only rules about packaged files ask of a file; each file is read for it once.

        A file with a problem has nothing: it was not parsed, and is not parsed again.

        Args:
            facts: of the file.
        """
        if facts.module not in self._details:
            self._details[facts.module] = self._read_details(facts)
        return self._details[facts.module]

    def _read_details(self, facts: Facts) -> Details:
        if facts.problem:
            return Details()
        try:
            data = read_bytes(Path(facts.path))
        except OSError:
            return Details()
        return self._cache.details(data, facts)

    def mentions(self, facts: Facts, words: re.Pattern[bytes]) -> bool:
        """Whether a file has some words in it, which costs less than its details.

        Args:
            facts: of the file.
            words: to look for.
        """
        try:
            return words.search(read_bytes(Path(facts.path))) is not None
        except OSError:
            return False

    def references(self, facts: Facts) -> References:
        """What the definitions of a file refer to; for a released one its summary tells.

        Args:
            facts: of the file.
        """
        if facts.module not in self._references:
            self._references[facts.module] = references_of(facts, self.details(facts))
        return self._references[facts.module]

    def knows(self, top: str) -> bool:
        """Whether files or a summary of a top-level package are at hand."""
        return self.location(top) is not None
