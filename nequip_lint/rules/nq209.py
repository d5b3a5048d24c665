"""NQ209 uninternable-module: an internal module in the packaged set without a Python file of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.second_names import package_of, without_second_name
from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.cause import Cause
from nequip_lint.hazards.refusals import BINARY, TWICE
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.how_to_register import as_extern
from nequip_lint.rules.live import import_of, is_import_run, is_reached, packaged
from nequip_lint.rules.refused import Refusal, is_unsourced, refusals


@rule("NQ209")
def uninternable_module(project: Project) -> Iterator[Hit]:
    """One hit for each module and file, at the first statement there that leads to it."""
    seen: set[tuple[str, str]] = set()
    for refusal in refusals(project):
        verdict, (facts, item) = project.packaged.modules[refusal.module], refusal.edge
        key = (facts.path, refusal.module)
        if key not in seen and verdict.why is not None and is_unsourced(verdict):
            seen.add(key)
            message = (
                f"the build of every model that uses {facts.module} is refused: torch.package cannot take "
                f"{refusal.module}: {verdict.why}"
            )
            help = _help(project, refusal, verdict.why.cause)
            yield at(facts, item.span, message, help, refusal.module, refusal.chain)
    yield from _by_second_names(project)


def _help(project: Project, refusal: Refusal, cause: Cause) -> str:
    if cause is BINARY:
        return as_extern(project, refusal.module)
    is_here = refusal.chain[-1].module == refusal.edge.importer.module
    return _by_its_name(refusal.edge.item) if cause is TWICE and is_here else cause.help


def _by_its_name(item: Import) -> str:
    """The import that names a package alone, in place of one that names its `__init__`."""
    if not package_of(item.module or ""):
        again = [f"import {item.module} as {bound}" for name, bound in item.names if name == "__init__"]
        return f"name the package alone: `{again[0]}`"
    package = without_second_name(item.written)
    if item.names or item.bound == "__import__":
        return f"name the package alone: `{item._replace(spelling=package).statement}`"
    if item.bound != package.partition(".")[0]:
        return f"name the package alone: `import {package} as {item.bound}`"
    return f"name the package alone: `import {package}`, and `{package}.` for `{item.written}.`"


def _by_second_names(project: Project) -> Iterator[Hit]:
    """The imports that a load runs of a package by its second name alone, under which no package has it."""
    modules = project.packaged.modules
    for facts, _ in packaged(project):
        for item in facts.imports:
            name = item.module or ""
            is_packaged = bool(package_of(name)) and name in modules and modules[name].action == "intern"
            if is_packaged and _is_felt(project, facts, item):
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.span, _lost(project, facts, item), _by_its_name(item), name, chain)


def _is_felt(project: Project, facts: Facts, item: Import) -> bool:
    is_caught = catches(item.place.caught, "ModuleNotFoundError")
    return not is_caught and is_import_run(project, facts, item) and is_reached(project, facts, item.place)


def _lost(project: Project, facts: Facts, item: Import) -> str:
    when = import_of(project, facts.module) if item.place.at_import else "calling the function around it"
    return (
        f"{when} raises ModuleNotFoundError: {item.module} is {package_of(item.module or '')} by a second "
        "name, and a package has a file by its first alone"
    )
