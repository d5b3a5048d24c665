"""NQ108 narrow-import-guard: an import whose handler misses what the library raises on some machines."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.hazards.hazard import may_bite
from nequip_lint.hazards.imports import MISSED, unusable_libraries
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import known
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.executed import without_gpu

_WIDER = "catch ImportError"


@rule("NQ108")
def narrow_import_guard(project: Project) -> Iterator[Hit]:
    """One hit for each such import that may run without a GPU, before which its library does not raise."""
    raising = frozenset(name for name, item in known().items() if item.raises)
    there, unusable = without_gpu(project), without_gpu(project, broken=raising)
    for facts in project.executed.values():
        before = Scene(facts, there)
        for event in unusable_libraries.events(Scene(facts, unusable)):
            if event.why.cause is MISSED and may_bite(event, before.judge):
                top, exception = event.why.parts
                message = (
                    f"where {top} finds no GPU to work with, the model can be neither built nor loaded: "
                    f"importing {facts.module} fails, since {top} raises {exception} and nothing "
                    "catches that here"
                )
                yield at(facts, event.span, message, MISSED.help, top, project.packaged.chain(facts.module))
        yield from _of_broken(project, before)


def _of_broken(project: Project, scene: Scene) -> Iterator[Hit]:
    """The imports of external libraries whose handlers await that these are absent, and nothing else."""
    facts = scene.facts
    seen: set[str] = set()
    for item in facts.imports if facts.module in project.interned else ():
        top = (item.module or "").partition(".")[0]
        caught = item.place.caught
        is_narrow = catches(caught, "ModuleNotFoundError") and not catches(caught, "ImportError")
        if not item.place.at_import or not is_narrow or top in seen or top in known():
            continue
        if project.patterns.action(top) == "extern" and scene.judge.all(item.place.guards) is not False:
            seen.add(top)
            message = (
                f"where {top} is installed but does not import, as an extension module built for another "
                f"torch, the model does not load: importing {facts.module} raises ImportError, which "
                "nothing catches here"
            )
            yield at(facts, item.span, message, _WIDER, top, project.packaged.chain(facts.module))
