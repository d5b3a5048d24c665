"""NQ307 attribute-of-absent-parent: `import a.b`, then something of `a` that the package does not have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.closure.world import bound_in
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import hit, is_internal, live, packaged, when
from nequip_lint.runs.life import packaged_files

_ALWAYS = ("collections", "builtins")
"""Modules that every pickle of a model names; one with a tensor in it names torch."""
_BARE = "torch.nn.Module"

_PATH_BEFORE_OS = (
    "loading the package fails (\"'os' is not a package\"): `os.path` is imported before `os`",
    "write `import os` or `from os import path`",
)


@rule("NQ307")
def attribute_of_absent_parent(project: Project) -> Iterator[Hit]:
    """One hit for each missing attribute and file, and for `import os.path` before `os` is there."""
    modules = project.packaged.modules
    if any(verdict.action == "intern" and verdict.reason for verdict in modules.values()):
        return
    seen: set[tuple[str, str]] = set()
    for facts, chain in live(project, lambda details: details.chains):
        parent, name = _missing(project, chain.name)
        if parent and (facts.module, f"{parent}.{name}") not in seen:
            seen.add((facts.module, f"{parent}.{name}"))
            moment, (why, help) = when(project, facts, chain.spot), _reason(project, parent, name)
            message = f"{moment} fails: {parent}.{name} is used, but {why}"
            yield hit(project, facts, chain.spot, message, help)
    yield from _path_before_os(project)


def _missing(project: Project, dotted: str) -> tuple[str, str]:
    """The module on the way along a chain of names that lacks the next one; empty where all is there."""
    modules = project.packaged.modules
    parent, *names = dotted.split(".")
    for name in names:
        inner = f"{parent}.{name}"
        below = inner in _with_parents(project)
        if inner in stdlib.unloaded():
            return ("", "") if below or project.full_world.hides(parent) else (parent, name)
        if parent in modules:
            if not _lacks(project, parent, name) or below:
                return "", ""
            return parent, name
        if not below:
            return (parent, name) if _is_dummy(project, parent) else ("", "")
        parent = inner
    return "", ""


@lru_cache(maxsize=4)
def _with_parents(project: Project) -> frozenset[str]:
    """The modules of the packaged set, and the packages around them."""
    parts = (module.split(".") for module in project.packaged.modules)
    return frozenset(".".join(names[:end]) for names in parts for end in range(1, len(names) + 1))


def _is_dummy(project: Project, parent: str) -> bool:
    """Whether a parent that no packaged file imports is an empty module in the package."""
    is_torch = parent.partition(".")[0] == "torch"
    if parent in _ALWAYS or (is_torch and not _has_no_tensor(project)):
        return False
    children = [v for name, v in project.packaged.modules.items() if name.startswith(f"{parent}.")]
    return bool(children) and all(verdict.action in ("extern", "intern") for verdict in children)


def _has_no_tensor(project: Project) -> bool:
    """Whether the modules of the model certainly keep no tensor: their `__init__` methods call nothing."""
    classes = {(item.module, item.name) for item in project.candidates}
    for facts, details in packaged(project):
        for item in facts.classes:
            if (facts.module, item.name) in classes and any(resolve(facts, b) != _BARE for b in item.bases):
                return False
        for body in details.conducts:
            is_init = (facts.module, body.owner) in classes and body.name == "__init__"
            if is_init and body.calls - {"super", "?.__init__"}:
                return False
    return True


def _lacks(project: Project, parent: str, name: str) -> bool:
    """Whether a packaged `__init__` has no such name for certain: it is a submodule that nothing imports."""
    facts = project.sources.facts(parent) if is_internal(project, parent) else None
    if facts is None or name in bound_in(facts) or any("*" in dict(item.names) for item in facts.imports):
        return False
    return project.sources.location(f"{parent}.{name}") is not None


def _reason(project: Project, parent: str, name: str) -> tuple[str, str]:
    """Why a parent has no such name, and the help."""
    if parent in project.packaged.modules:
        return f"no packaged file imports {parent}.{name}", f"write `import {parent}.{name}`"
    is_own = is_internal(project, parent)
    return (
        f"no packaged file imports {parent} itself, so that {parent} is an empty module in the package",
        "import from the submodule" if is_own else f"write `import {parent}` too",
    )


def _path_before_os(project: Project) -> Iterator[Hit]:
    """`import os.path` fails in a package as long as `os` is not loaded; only the certain case counts."""
    if "os" not in project.packaged.modules:
        return
    files = [facts for name in project.interned if (facts := project.sources.facts(name))]
    importers = {facts.module for facts in files if _imports_os(facts)}
    for facts in packaged_files(project):
        first = next((item for item in facts.imports if _is_at_import(item, ("os", "os.path"))), None)
        if first is not None and first.module == "os.path" and not importers - {facts.module}:
            yield at(facts, first.span, *_PATH_BEFORE_OS, chain=project.packaged.chain(facts.module))


def _is_at_import(item: Import, modules: tuple[str, ...]) -> bool:
    return item.module in modules and item.place.at_import


def _imports_os(facts: Facts) -> bool:
    return any(_is_at_import(item, ("os",)) for item in facts.imports)
