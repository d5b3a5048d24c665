"""Make project models from paths, settings and the sources at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from nequip_lint.cache.entries import Cache, cache_file
from nequip_lint.closure.given_roots import check_roots
from nequip_lint.contents import read_bytes
from nequip_lint.facts.values import Facts
from nequip_lint.machine.libraries import normalized
from nequip_lint.project.config import Config, project_config
from nequip_lint.project.files import (
    SourceFile,
    files_beside,
    linted_files,
    project_root,
    source_file,
    without_clashes,
)
from nequip_lint.project.installed import Distribution, distributions, required_names
from nequip_lint.project.locate import site_folders
from nequip_lint.project.metadata import Metadata, read_metadata
from nequip_lint.project.model import Project
from nequip_lint.project.select import Choice, Combination, combinations
from nequip_lint.project.sources import Sources
from nequip_lint.summaries.releases import available, load


class Request(NamedTuple):
    """What a command asks for: paths to lint, an environment to read, exact roots, a configuration file.

    `only` is a file whose whole project is read in place of paths, though findings of it alone are wanted.
    """

    paths: tuple[Path, ...]
    environment: Path | None = None
    roots: tuple[str, ...] = ()
    config: Path | None = None
    cache: bool = True
    only: Path | None = None


class Assembled(NamedTuple):
    """A project with its configuration, and the cache to save.

    `combinations` are the releases that its requirements allow, newest first; `project` sees the first
    of them, and `beside` makes the project that sees another one.
    """

    project: Project
    config: Config
    combinations: list[Combination]
    beside: Callable[[Combination], Project]
    cache: Cache


def assemble(request: Request) -> list[Assembled]:
    """One project model for each project that has files among the paths.

    Raises:
        LintError: a path, a root, a configuration or a metadata file is not usable.
    """
    groups: dict[Path | None, list[Path]] = {}
    paths = linted_files(request.paths) if request.only is None else files_beside(request.only)
    for path in paths:
        groups.setdefault(project_root(path.parent), []).append(path)
    found = [
        _project(root, batch, request)
        for root, files in groups.items()
        for batch in without_clashes([source_file(file, root) for file in files])
        if request.only is None or any(file.path == request.only for file in batch)
    ]
    check_roots(request.roots, (item.project for item in found), "--root")
    return found


def _project(root: Path | None, named: list[SourceFile], request: Request) -> Assembled:
    metadata = _metadata(root, named)
    config = project_config(metadata, request.config)
    environment = request.environment or config.environment
    installed = site_folders(environment) if environment is not None else ()
    kept = [file for file in named if not config.is_excluded(file.path)]
    cache = Cache(cache_file(metadata.root) if request.cache else None)
    facts = tuple(_facts(file, cache) for file in kept)
    known = distributions(installed)
    tops = frozenset(file.module.partition(".")[0] for file in kept)
    folders = dict.fromkeys(file.folder for file in kept)
    prepared = {file.module: item for file, item in zip(kept, facts, strict=True)}
    roots = tuple(root.partition(":")[0] for root in request.roots or config.roots) or None

    def beside(choices: Combination) -> Project:
        summaries = {c.package: c.summary for c in choices if c.summary is not None}
        sources = Sources(folders, installed, summaries, prepared, tops, cache)
        required, extensions = _required(metadata, known, choices), _extensions(known, choices)
        return Project(metadata, facts, sources, required, extensions, config.patterns, roots)

    allowed = combinations(metadata.requirements, tops, known, newest_only=environment is not None)
    project = beside(allowed[0])
    if kept:
        check_roots(config.roots, [project], f"{config.path}: roots")
    return Assembled(project, config, allowed, beside, cache)


def _facts(file: SourceFile, cache: Cache) -> Facts:
    try:
        data = read_bytes(file.path)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        return Facts(file.module, str(file.path), file.is_package, problem=reason)
    return cache.facts(data, file.module, str(file.path), file.is_package)


def _metadata(root: Path | None, files: list[SourceFile]) -> Metadata:
    """The project's metadata; for code inside a site-packages folder that of its installed distribution."""
    if root is not None:
        return read_metadata(root)
    folder = files[0].folder
    top = files[0].module.partition(".")[0]
    for item in distributions((folder,)).values():
        if top in item.packages:
            return Metadata(folder, folder / top, item.name, item.requirements, (), item.extensions)
    return Metadata(folder, folder / "pyproject.toml")


def _required(
    metadata: Metadata, known: dict[str, Distribution], choices: Iterable[Choice]
) -> frozenset[str]:
    """The import names that every installation has: what requirements bring is known from an environment and
    from summaries; of a linted package that has summaries itself, from the newest one.
    """
    names = required_names(metadata.requirements, known)
    for choice in choices:
        if choice.summary is not None and choice.is_required:
            names |= choice.summary.required | {choice.summary.package}
    for package, index in available().items():
        if metadata.name and normalized(index.releases[-1].distribution) == normalized(metadata.name):
            names |= load(index.releases[-1].path).required | {package}
    return names


def _extensions(known: dict[str, Distribution], choices: Iterable[Choice]) -> list[str]:
    """The entry points of installed extensions, or of those that the summaries stand for."""
    found = [value for item in known.values() for value in item.extensions]
    found += [value for c in choices if c.summary is not None for value in c.summary.extensions]
    return [value.partition(":")[0].strip() for value in dict.fromkeys(found)]
