"""NQ108 narrow-import-guard: an import whose handler misses what the library raises on some machines."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.libraries import known
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_HELP = "catch Exception"


@rule("NQ108")
def narrow_import_guard(project: Project) -> Iterator[Hit]:
    """One hit for each such import that runs without a GPU."""
    world = project.world(project.full_world.target._replace(gpu=False))
    libraries = {name: item.raises for name, item in known().items() if item.raises}
    for facts in project.executed.values():
        judge = Judge(facts, world.target, world.importable)
        for item in facts.imports:
            top = (item.module or "").partition(".")[0]
            place = item.place
            if (
                top not in libraries
                or not place.at_import
                or not catches(place.caught, "ModuleNotFoundError")
            ):
                continue
            if catches(place.caught, libraries[top]) or judge.all(place.guards) is False:
                continue
            message = (
                f"where {top} finds no GPU to work with, the model can be neither built nor loaded: "
                f"importing {facts.module} fails, since {top} raises {libraries[top]} and nothing "
                "catches that here"
            )
            yield at(facts, item.span, message, _HELP, top, project.packaged.chain(facts.module))
