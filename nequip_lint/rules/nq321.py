"""NQ321 environment-decides: an environment variable that decides what a packaged model computes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.facts.details.needs import Variable
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts, Place
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import packaged_functions
from nequip_lint.runs.lost import lost
from nequip_lint.runs.outside import decides

_OTHER_USES = re.compile(
    r"(?:\A|_)(?:CACHE|CHECK|COMPILE|DEBUG|DIR|DIRECTORY|FILE|HOME|HOST|JOBS?|LEVEL|LOG|LOGGING|PATH|PORT|PROFILE|PROFILING|QUIET"
    r"|RANK|ROOT|SIZE|SKIP|TEST|TESTING|THREADS|TIMING|TMP|TMPDIR|TOL|TOLERANCE|TRACE|USER|VERBOSE|WARN|WARNINGS|WORKERS)(?:_|\Z)"
)
"""Words in the names of variables that decide what a program tells, where it looks, and how fast it is."""
_OF_OTHERS = re.compile(
    r"\A(?:CUDA|KMP|LC|MKL|NCCL|OMP|OPENBLAS|PYTHON|PYTORCH|SLURM|TORCH|TORCHINDUCTOR|TRITON|XDG)_"
)

_HELP = "keep the choice on the model, as an argument of its class"


@rule("NQ321")
def environment_decides(project: Project) -> Iterator[Hit]:
    """One hit for each variable and file."""
    seen: set[tuple[str, str]] = set()
    said = {change.word for change in lost(project)}
    for facts, item in (*live(project, lambda details: details.variables), *_asked(project)):
        key = (facts.module, item.name)
        if (
            key in seen
            or item.name == "*"
            or item.name.startswith("@")
            or _OTHER_USES.search(item.name.upper())
            or _OF_OTHERS.match(item.name)
        ):
            continue
        if decides(project, facts, item) and not _is_said(item.name, said):
            seen.add(key)
            message = (
                f"a loaded package computes what the variable {_shown(item.name)} says where it is loaded, "
                "not what it said where the model was made: nothing keeps that in the package"
            )
            yield hit(project, facts, item.spot, message, _HELP)


def _is_said(name: str, said: set[str]) -> bool:
    """Whether another rule tells of a variable that the code sets, or of one of those that are meant."""
    return name in said or (name.endswith("*") and any(word.startswith(name[:-1]) for word in said))


def _shown(name: str) -> str:
    return f"{name[:-1]}…" if name.endswith("*") else name


def _asked(project: Project) -> Iterator[tuple[Facts, Variable]]:
    """The calls of functions that ask for the variable whose name they are given."""
    given = {
        Key(facts.module, item.spot.owner, item.spot.function)
        for facts, item in live(project, lambda details: details.variables)
        if item.name.startswith("@") and item.spot.function
    }
    callees = Callees(packaged_functions(project), project.sources)
    for facts, body in later(project) if given else ():
        for call in body.calls:
            if call.text and any(one.key in given for one in callees.of(facts, body.owner, call.name)):
                spot = Spot(call.span, Place(not body.name), body.owner, body.name)
                line = call.span.line
                bound = (item.name for item in facts.bindings if item.span.line == line and not body.name)
                yield facts, Variable(spot, call.text, next(bound, ""))
