"""What is installed in this process, learnt from files and metadata, importing nothing of it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlparse

from nequip_lint.cache.entries import Cache, cache_file
from nequip_lint.declared.files import project_root, python_files, source_file
from nequip_lint.declared.installed import Distribution, distributions, owner_of, required_names
from nequip_lint.declared.locate import site_folders
from nequip_lint.declared.metadata import read_metadata
from nequip_lint.project.registrations import CORE
from nequip_lint.project.sources import Sources
from nequip_lint.snapshot.code import ArchivedCode, ArchivedSources, Copies, archived_code


class Environment(NamedTuple):
    """The code that a build can reach.

    `sources` is every importable folder of this process, `installed` the distributions by normalised name.
    `owned_folders` are editable projects and what `--source` names, `owned_files` the files below the latter,
    by module. `cache` holds the facts of installed files, to be saved when the build has asked for all it
    needs. `origin` is the source that travels on from the package which the model came from, if it came from
    one. `imports` are the internal modules of a plain checkpoint, None for a checkpoint of nequip, and
    `projects` the folders of the projects in which these are developed.
    """

    sources: Sources
    installed: dict[str, Distribution]
    owned_folders: tuple[Path, ...]
    owned_files: dict[str, Path]
    cache: Cache
    origin: ArchivedCode | None = None
    imports: tuple[str, ...] | None = None
    projects: tuple[Path, ...] = ()

    @property
    def extensions(self) -> tuple[str, ...]:
        """The modules that installed `nequip.extension` entry points name."""
        values = (value for item in self.installed.values() for value in item.extensions)
        return tuple(dict.fromkeys(value.partition(":")[0].strip() for value in values))

    @property
    def absent(self) -> frozenset[str]:
        """The import names of libraries that count as not installed, whatever the folders hold."""
        return self.sources.absent

    @property
    def triton(self) -> str:
        """The installed version of triton, '' for none."""
        found = self.installed.get("triton")
        return found.version if found is not None else ""

    @property
    def required(self) -> frozenset[str]:
        """Import names that come along to every machine which builds this model.

        They are what torch and the model's own code require; of a checkpoint of nequip also nequip, e3nn and
        the extensions.
        """
        of_nequip = self.imports is None
        own = {module.partition(".")[0] for module in (*self.owned_files, *(self.imports or ()))}
        concerned = (
            item
            for key, item in self.installed.items()
            if not own.isdisjoint(item.packages) or (of_nequip and (key in CORE or item.extensions))
        )
        requirements = [line for item in concerned for line in item.requirements]
        declared = (line for root in self.projects for line in read_metadata(root).requirements)
        core = (*CORE, "torch") if of_nequip else ("torch",)
        return required_names([*requirements, *declared, *core], self.installed)

    def owns(self, module: str) -> bool:
        """Whether the user can edit a module: its file is owned, or `--source` has one of its name.

        Code that travels on from an origin cannot be edited, whatever `--source` has of that name.
        """
        facts = self.sources.facts(module)
        if facts is None or self._travels(module):
            return False
        path = Path(facts.path)
        return module in self.owned_files or any(_is_written_in(path, f) for f in self.owned_folders)

    def shown_path(self, module: str, path: str) -> str:
        """The user's own copy of a module's file where that is the same, else the file that is packaged."""
        own = self.owned_files.get(module)
        return str(own) if own is not None and own.read_bytes() == Path(path).read_bytes() else path

    def owner(self, module: str) -> str:
        """The distribution and version that a module belongs to, '' if none is known."""
        if self._travels(module):
            return "the package that the model came from"
        found = owner_of(module, self.installed)
        return "" if found is None else f"{found.name} {found.version}"

    def _travels(self, module: str) -> bool:
        return self.origin is not None and module in self.origin.facts


def _is_written_in(path: Path, folder: Path) -> bool:
    """Whether a file is a project's own: a virtual environment inside of the project is not."""
    return path.is_relative_to(folder) and "site-packages" not in path.relative_to(folder).parts


def this_environment(
    owned: Iterable[Path],
    origin: Copies | None = None,
    imports: tuple[str, ...] | None = None,
    projects: Iterable[Path] = (),
    absent: frozenset[str] = frozenset(),
) -> Environment:
    """The environment of this process; the arguments are those of :func:`nequip_lint.api.environment`."""
    folders = tuple(dict.fromkeys(_importable()))
    roots = [Path(source).resolve() for source in owned]
    files = {
        file.module: file.path
        for path in python_files(roots)
        for file in (source_file(path, project_root(path.parent)),)
    }
    cache = Cache(cache_file(Path(sys.prefix)))
    code = None if origin is None else archived_code(origin, cache)
    sources = Sources(installed=folders, cache=cache, absent=absent)
    if code is not None:
        sources = ArchivedSources(code, folders, cache, absent)
    own = (*roots, *_editable(folders))
    found = {key: item for key, item in distributions(folders).items() if absent.isdisjoint(_tops(item))}
    return Environment(sources, found, own, files, cache, code, imports, tuple(sorted(projects)))


def _tops(item: Distribution) -> set[str]:
    """The top-level names of a distribution; an editable one tells only what its entry points name."""
    return {*item.packages, *(value.partition(":")[0].partition(".")[0].strip() for value in item.extensions)}


def _importable() -> Iterator[Path]:
    """Every folder of `sys.path` but the standard library's, with what editable installs add."""
    standard = Path(os.__file__).resolve().parent
    for entry in sys.path:
        path = Path(entry or ".").resolve()
        if path.is_dir() and path not in (standard, standard / "lib-dynload"):
            yield from site_folders(path)


def _editable(folders: Iterable[Path]) -> Iterator[Path]:
    """The project folders of editable installs, by their `direct_url.json` (PEP 610)."""
    for folder in folders:
        for record in folder.glob("*.dist-info/direct_url.json"):
            try:
                data = json.loads(record.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if data.get("dir_info", {}).get("editable"):
                yield Path(unquote(urlparse(data["url"]).path))
