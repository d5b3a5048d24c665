"""NQ001 unreadable-file: a linted file that could not be read or parsed."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_HELP = "correct the file"


@rule("NQ001")
def unreadable_file(project: Project) -> Iterator[Hit]:
    """One hit for each file without facts."""
    for facts in project.files:
        if facts.problem:
            message = (
                f"a package has to do without this file: it {facts.problem}, and torch.package leaves such "
                "a file out without a word; nothing in it was checked"
            )
            yield at(facts, facts.problem_span, message, _HELP)
