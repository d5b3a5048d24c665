"""Gate A: whether what a load imports can be imported here."""

from __future__ import annotations

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.world import World
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.findings import import_findings
from nequip_lint.gate.judgement import Allowed, Judgement, building_machine, sorted_out
from nequip_lint.gate.placing import located
from nequip_lint.machine.target import Patterns
from nequip_lint.project.registrations import CORE
from nequip_lint.values import Finding

_IMPORTABLE = "install what is missing, or move what fails into the function that needs it"


def judge_imports(environment: Environment, gpu: bool, allowed: Allowed = frozenset()) -> Judgement:
    """Judge the code of a plain checkpoint, else every installed extension; see :mod:`nequip_lint.api`."""
    is_plain = environment.imports is not None
    starts = environment.extensions if environment.imports is None else environment.imports
    tops = (name.partition(".")[0] for name in environment.imports or ())
    patterns = Patterns(intern=frozenset((*CORE, *environment.extensions, *tops)))
    target = building_machine(environment, gpu)._replace(environment=None)
    world = World(environment.sources, patterns, target)
    what = "the model's code cannot be imported" if is_plain else "nequip cannot load this extension"
    errors: list[Finding] = []
    for name in starts:
        failure = world.failure(name)
        if failure is not None:
            message = f"{what} here: {failure.reason}"
            errors.append(located(environment, failure.code, name, message, _IMPORTABLE, failure.chain))
    errors += import_findings(environment, import_time_set(starts, world), patterns)
    environment.cache.save()
    kept, accepted = sorted_out(errors, allowed)
    return Judgement(target, kept, accepted=accepted)
