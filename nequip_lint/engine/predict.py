"""The packaged set of a project on one named machine."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint.closure.after_model import once_made
from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.recorded import recorded
from nequip_lint.closure.world import World
from nequip_lint.declared.installed import distributions
from nequip_lint.engine.packagers import OURS, check_packager, in_force, seen_by
from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.target import Target
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.model import Project
from nequip_lint.runs.implicit import with_implicit


class Prediction(NamedTuple):
    """A project, the machine it is judged for, the predicted closure, and what is not known of its roots."""

    project: Project
    target: Target
    closure: Closure
    notes: tuple[str, ...] = ()


def predict(
    request: Request,
    present: frozenset[str],
    absent: frozenset[str],
    gpu: bool,
    packager: str = OURS,
    python: tuple[int, int] | None = None,
) -> list[Prediction]:
    """One prediction for each project among the paths of a request.

    Args:
        request: paths, environment and roots.
        present: libraries to take as installed besides those that the environment or the
            requirements bring.
        absent: libraries to take as missing.
        gpu: whether the machine has a GPU.
        packager: `ours`, `torch`, `nequip` (the release at hand) or `nequip==X`.
        python: the machine's Python; by default the configured one.

    Raises:
        LintError: something in the request is not usable.
    """
    check_packager(packager)
    found = []
    for assembled in assemble(request):
        name, project = seen_by(packager, assembled)
        target = _target(project, name, python or assembled.config.python, present, absent, gpu)
        patterns = in_force(project, target, packager)
        world = once_made(World(project.sources, patterns, target), project.roots)
        closure = packaged_set(project.roots, world, ways=project.ways)
        assembled.cache.save()
        if packager == OURS:
            closure = recorded(with_implicit(closure, project.sources), patterns)
        found.append(Prediction(project, target, closure, assembled.notes))
    return found


def _target(
    project: Project,
    packager: str,
    python: tuple[int, int],
    present: frozenset[str],
    absent: frozenset[str],
    gpu: bool,
) -> Target:
    installed = distributions(project.sources.installed)
    triton = installed.get("triton")
    here = frozenset(name for name in project.required if not is_optional(name))
    return Target(
        packager,
        python,
        gpu,
        (present | here) - absent,
        absent,
        others="installed",
        triton=triton.version if triton is not None else "",
    )
