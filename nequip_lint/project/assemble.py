"""Make project models from paths, settings and the sources at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nequip_lint.cache.entries import Cache, cache_file
from nequip_lint.closure.given_roots import check_roots, untold
from nequip_lint.contents import read_bytes
from nequip_lint.declared.config import IN_FILE, Config, project_config
from nequip_lint.declared.environment import environments
from nequip_lint.declared.files import (
    SourceFile,
    files_beside,
    linted_files,
    project_root,
    source_file,
    without_clashes,
)
from nequip_lint.declared.installed import Distribution, distributions, owner_of, required_names
from nequip_lint.declared.locate import site_folders
from nequip_lint.declared.metadata import Metadata, read_metadata
from nequip_lint.errors import LintError
from nequip_lint.facts.values import Facts
from nequip_lint.project.about import with_nequip
from nequip_lint.project.given import Given, given_by, given_in
from nequip_lint.project.model import Project
from nequip_lint.project.requirements import required
from nequip_lint.project.select import Choice, Combination, combinations
from nequip_lint.project.sources import Sources


class Request(NamedTuple):
    """What a command asks for: paths to lint, an environment to read, exact roots, a configuration file.

    `only` is a file whose whole project is read in place of paths, though findings of it alone are wanted.
    `training` is the folder and the name of a training configuration, which names more roots.
    `is_isolated` says to read no environment, not even one that the configuration names.
    """

    paths: tuple[Path, ...]
    environment: Path | None = None
    roots: tuple[str, ...] = ()
    config: Path | None = None
    cache: bool = True
    only: Path | None = None
    training: tuple[Path, str] | None = None
    is_isolated: bool = False


class Assembled(NamedTuple):
    """A project with its configuration, the environment that is read, and the cache to save.

    `combinations` are the releases that its requirements allow, newest first; `project` sees the first
    of them, and `beside` makes the project that sees another one. `notes` tell what a training configuration
    leaves open. `read_by` says what names the environment, or why there is none.
    """

    project: Project
    config: Config
    environment: Path | None
    combinations: list[Combination]
    beside: Callable[[Combination], Project]
    cache: Cache
    read_by: str
    notes: tuple[str, ...] = ()


def assemble(request: Request) -> list[Assembled]:
    """One project model for each project, or installed distribution, that has files among the paths.

    Raises:
        LintError: a path, a root, a configuration or a metadata file is not usable.
    """
    given = given_by(request.roots, request.training)
    groups: dict[tuple[Path | None, str], list[SourceFile]] = {}
    paths = linted_files(request.paths) if request.only is None else files_beside(request.only)
    for path in paths:
        root = project_root(path.parent)
        file = source_file(path, root)
        installed = _installed(file) if root is None else None
        groups.setdefault((root, installed.name if installed is not None else ""), []).append(file)
    found = [
        _project(root, batch, request, given)
        for (root, _), files in groups.items()
        for batch in without_clashes(files)
        if request.only is None or any(file.path == request.only for file in batch)
    ]
    notes = _said(given, [item.project for item in found])
    return [item._replace(notes=(*item.notes, *notes)) for item in found]


def _said(given: Given, projects: Sequence[Project]) -> tuple[str, ...]:
    """Check roots against the sources at hand; what is to be said of them.

    Raises:
        LintError: no project has one of them, or nothing tells any.
    """
    check_roots(given.roots, projects)
    notes = (*given.notes, *untold(given.roots, projects)) if given.roots else ()
    if given.is_of_training and not any(project.roots or project.lost for project in projects):
        raise LintError("; ".join(notes) or f"{given.roots[0].where}: names no class of a model")
    return notes


def _project(root: Path | None, named: list[SourceFile], request: Request, given: Given) -> Assembled:
    declared = _metadata(root, named)
    config = project_config(declared, request.config)
    environment, read_by = _environment(root, config, request)
    installed = site_folders(environment) if environment is not None else ()
    kept = [file for file in named if not config.is_excluded(file.path)]
    cache = Cache(cache_file(declared.root) if request.cache else None)
    facts = tuple(_facts(file, cache) for file in kept)
    metadata = with_nequip(declared._replace(settings=config.table), facts, config.patterns)
    known = distributions(installed) if any(item.imports for item in facts) else {}
    tops = frozenset(file.module.partition(".")[0] for file in kept)
    folders = dict.fromkeys(file.folder for file in kept)
    prepared = {file.module: item for file, item in zip(kept, facts, strict=True)}
    imported = {_top(item.module or "") for one in facts for item in one.imports}
    wanted = given if given.roots else given_in(config)

    def beside(choices: Combination) -> Project:
        summaries = {c.package: c.summary for c in choices if c.summary is not None}
        sources = Sources(folders, installed, summaries, prepared, tops, cache)
        brought, extensions = required(metadata, known, choices), _extensions(known, choices)
        internal = {*config.patterns.intern, *imported.intersection(map(_top, extensions))}
        names = brought.names | _beside(known, internal)
        asked = (names, extensions, config.patterns, wanted.roots or None)
        return Project(metadata, facts, sources, *asked, unread=brought.unread)

    allowed = combinations(metadata.requirements, tops, known)
    project = beside(allowed[0])
    notes = _said(wanted, [project]) if kept and wanted is not given else ()
    return Assembled(project, config, environment, allowed, beside, cache, read_by, notes)


def _environment(root: Path | None, config: Config, request: Request) -> tuple[Path | None, str]:
    """The environment that is read, and what names it: an option, the settings, or where it was found."""
    if request.is_isolated:
        return None, "--isolated"
    if request.environment is not None:
        return request.environment, "--environment"
    if config.environment is not None:
        return config.environment, IN_FILE
    return next(environments(root), (None, "no environment was found"))


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
    folder, item = files[0].folder, _installed(files[0])
    if item is None:
        return read_metadata(folder)
    given = (item.name, item.requirements, (), item.extensions)
    return Metadata(folder, folder / _top(files[0].module), *given, python=item.python)


def _installed(file: SourceFile) -> Distribution | None:
    """The distribution that brought a file, by the metadata beside its package."""
    return owner_of(file.module, distributions((file.folder,)))


def _top(name: str) -> str:
    return name.partition(".")[0]


def _beside(known: dict[str, Distribution], internal: Iterable[str]) -> frozenset[str]:
    """The import names that come with installed libraries which are internal."""
    tops = frozenset(map(_top, internal))
    concerned = (item for item in known.values() if not tops.isdisjoint(item.packages))
    return required_names((line for item in concerned for line in item.requirements), known)


def _extensions(known: dict[str, Distribution], choices: Iterable[Choice]) -> list[str]:
    """The entry points of installed extensions, or of those that the summaries stand for."""
    found = [value for item in known.values() for value in item.extensions]
    found += [value for c in choices if c.summary is not None for value in c.summary.extensions]
    return [value.partition(":")[0].strip() for value in dict.fromkeys(found)]
