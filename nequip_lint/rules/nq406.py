"""NQ406 getattr-answers-everything: an object whose `__getattr__` answers the questions of pickle."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "raise AttributeError for names that are not there"
_GUARD = 'begin with `if name.startswith("__"): raise AttributeError(name)`, or define __setstate__'


@rule("NQ406")
def getattr_answers_everything(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "getattr"):
        message = (
            f"the build fails: {kept.keeper} keeps an object of {kept.what}, in {kept.where}, and "
            "torch.package asks that for __reduce_package__ and calls the answer"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
    for facts, kept in held(project, "delegate"):
        message = (
            f"the package does not load: {kept.keeper} keeps an object of {kept.what}, in {kept.where}, "
            "and unpickling asks an object for __setstate__ before it has any attribute"
        )
        yield hit(project, facts, kept.spot, message, _GUARD)
