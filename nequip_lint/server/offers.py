"""What an editor can do about each finding: apply its fix, register its library, suppress it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nequip_lint.engine.noqa import suppressions
from nequip_lint.engine.planning import home_of
from nequip_lint.engine.run import Checked
from nequip_lint.registering.single import Registering
from nequip_lint.values import Edit, Finding

REASON = "TODO: say why"
"""What a new suppression has in place of a reason."""


class Offer(NamedTuple):
    """Changes that an editor offers by a title; `new` are the files among them that are made."""

    title: str
    edits: tuple[Edit, ...]
    is_preferred: bool = False
    new: tuple[str, ...] = ()


def offers(checked: Checked, findings: Sequence[Finding]) -> Iterator[tuple[Offer, ...]]:
    """The offers for each finding, the best first.

    Args:
        checked: a report with its projects.
        findings: of it, with the fixes that are planned for them.
    """
    registering: dict[int, Registering] = {}
    for finding, suppression in zip(findings, suppressions(findings, REASON), strict=True):
        home = home_of(checked, finding)
        if home is None:
            yield ()
            continue
        of_project = registering.setdefault(id(home), Registering(home))
        yield (*_fix(finding), *_registration(of_project, finding), *_suppression(finding, suppression))


def _fix(finding: Finding) -> Iterator[Offer]:
    if finding.fix is not None:
        warned = "" if finding.fix.is_safe else " (may change what the code does)"
        yield Offer(f"Fix {finding.code}{warned}", finding.fix.edits, finding.fix.is_safe)


def _registration(project: Registering, finding: Finding) -> Iterator[Offer]:
    found = project.of(finding)
    if found is not None:
        title = f"Register {found.library} as {found.action}"
        yield Offer(title, found.edits, finding.fix is None, found.new)


def _suppression(finding: Finding, edit: Edit | None) -> Iterator[Offer]:
    if edit is not None:
        yield Offer(f"Suppress {finding.code} with a reason", (edit,))
