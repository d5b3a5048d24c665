"""The packaged set of a project on one named machine."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint import __version__
from nequip_lint.project.assemble import Assembled, Request, assemble
from nequip_lint.project.closure import Closure, packaged_set
from nequip_lint.project.installed import distributions
from nequip_lint.project.libraries import is_optional
from nequip_lint.project.model import Project
from nequip_lint.project.target import Target


class Prediction(NamedTuple):
    """A project, the machine it is judged for, and the predicted closure."""

    project: Project
    target: Target
    closure: Closure


def predict(request: Request, present: frozenset[str], absent: frozenset[str], gpu: bool) -> list[Prediction]:
    """One prediction for each project among the paths of a request.

    Args:
        request: paths, environment and roots.
        present: libraries to take as installed besides those that the environment or the
            requirements bring.
        absent: libraries to take as missing.
        gpu: whether the machine has a GPU.

    Raises:
        LintError: something in the request is not usable.
    """
    return [_one(item, present, absent, gpu) for item in assemble(request)]


def _one(assembled: Assembled, present: frozenset[str], absent: frozenset[str], gpu: bool) -> Prediction:
    project = assembled.project
    installed = distributions(project.sources.installed)
    triton = installed.get("triton")
    here = frozenset(name for name in project.required if not is_optional(name))
    target = Target(
        f"nequip-pack {__version__}",
        assembled.config.python,
        gpu,
        (present | here) - absent,
        absent,
        others="installed",
        triton=triton.version if triton is not None else "",
    )
    closure = packaged_set(project.roots, project.world(target))
    assembled.cache.save()
    return Prediction(project, target, closure)
