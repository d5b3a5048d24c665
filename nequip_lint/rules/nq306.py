"""NQ306 shadowed-submodule-name: `from package import name` where name is an object and a submodule."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import is_import_run, is_internal
from nequip_lint.runs.life import packaged_files


@rule("NQ306")
def shadowed_submodule_name(project: Project) -> Iterator[Hit]:
    """One hit for each such import that runs when its file is loaded."""
    closure, world = project.packaged, project.full_world
    for facts in packaged_files(project):
        for item in facts.imports:
            module, names = _asked(item)
            base = project.sources.facts(module) if module and is_internal(project, module) else None
            if base is None or not base.is_package or base.module in closure.modules:
                continue
            if not is_import_run(project, facts, item):
                continue
            for name in names:
                submodule = f"{base.module}.{name}"
                if world.exists(submodule, candidate=True) and _is_object(project, base, name):
                    message = (
                        f"the packaged model gets the module {submodule}, not the object {name}: "
                        f"{base.module}/__init__, which binds that object, is not in the package"
                    )
                    help = f"write `from {submodule} import {name}`"
                    yield at(facts, item.span, message, help, submodule, closure.chain(facts.module))


def _asked(item: Import) -> tuple[str, list[str]]:
    """The package that an import asks for names, and these: `import a.b as c` asks `a` for `b`."""
    if item.module is None or not item.walked:
        return "", []
    if item.names:
        return item.module, [name for name, _ in item.names]
    parent, _, name = item.module.rpartition(".")
    is_renamed = bool(parent) and item.bound not in (item.module.partition(".")[0], "__import__")
    return (parent, [name]) if is_renamed else ("", [])


def _is_object(project: Project, base: Facts, name: str) -> bool:
    """Whether an `__init__` binds a name to something other than a module."""
    if any(binding.name == name for binding in base.bindings):
        return True
    for item in base.imports:
        for original, bound in item.names:
            source = f"{item.module}.{original}"
            if bound == name and item.place.at_import and project.sources.location(source) is None:
                return item.module is not None and project.sources.knows(item.module.partition(".")[0])
    return False
