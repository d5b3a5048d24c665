"""Judge a project against every combination of releases that its requirements allow, like ones once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.project.select import Choice, Combination
from nequip_lint.project.summaries import METADATA, available
from nequip_lint.values import Finding

Judge = Callable[[Project], list[Finding]]
_IN_EVERY_RELEASE = frozenset({"NQ003"})
"""What is superfluous with one release may be needed with another."""


def over_releases(assembled: Assembled, judge: Judge) -> list[Finding]:
    """The findings of a project with all combinations, without repeats.

    A combination is not judged where each of its packages answers everything that was asked of the same
    package in a combination judged before as that one did; the verdict could only be the same.

    Args:
        assembled: the project.
        judge: the findings of the project with one combination.
    """
    groups: list[tuple[list[Combination], list[Finding]]] = []
    left, project = list(assembled.combinations), assembled.project
    while left:
        first = left[0]
        found = judge(project)
        alike = [item for item in left if _answers_alike(first, item, project)]
        groups.append((alike, found))
        left = [item for item in left if item not in alike]
        if left:
            project = assembled.beside(left[0])
    if len(groups) == 1:
        return groups[0][1]
    return _united(groups, assembled.combinations)


def _answers_alike(first: Combination, other: Combination, project: Project) -> bool:
    """Whether what was asked with one combination has the same answers in another one."""
    return all(
        a == b or _column(a, project) == _column(b, project) for a, b in zip(first, other, strict=True)
    )


def _column(choice: Choice, project: Project) -> str:
    """What a release answers to all that was asked of its package, in the letters of the index."""
    if choice.release is None:
        return ""
    variants = available()[choice.package].variants
    asked = (METADATA, *sorted(project.sources.asked(choice.package)))
    return "".join(variants[name][choice.release.position] for name in asked if name in variants)


def _united(
    groups: Sequence[tuple[list[Combination], list[Finding]]], every: Sequence[Combination]
) -> list[Finding]:
    """One finding for each cause, which tells the releases that have it unless all do."""
    first: dict[tuple[object, ...], Finding] = {}
    having: dict[tuple[object, ...], list[Combination]] = {}
    for combined, findings in groups:
        for cause, finding in _numbered(findings):
            first.setdefault(cause, finding)
            having.setdefault(cause, []).extend(combined)
    return [
        _labelled(finding, having[cause], every)
        for cause, finding in first.items()
        if finding.code not in _IN_EVERY_RELEASE or len(having[cause]) == len(every)
    ]


def _numbered(findings: Iterable[Finding]) -> Iterator[tuple[tuple[object, ...], Finding]]:
    """What makes findings of two releases the same: rule, place, library, and which of several such it is."""
    seen: Counter[tuple[object, ...]] = Counter()
    for finding in findings:
        cause = finding.code, finding.path, finding.span, finding.module.partition(".")[0]
        seen[cause] += 1
        yield (*cause, seen[cause]), finding


def _labelled(finding: Finding, having: Sequence[Combination], every: Sequence[Combination]) -> Finding:
    if len(having) == len(every):
        return finding
    return finding._replace(message=f"{finding.message} (with {' and '.join(_label(having, every))})")


def _label(having: Sequence[Combination], every: Sequence[Combination]) -> list[str]:
    """What tells some combinations from the rest: the releases of one package, where these do."""
    distinct = []
    for position in range(len(every[0])):
        mine = {item[position] for item in having}
        if all((item[position] in mine) == (item in having) for item in every):
            return [_range(position, having, every)]
        if mine != {item[position] for item in every}:
            distinct.append(position)
    return [_range(position, having, every) for position in distinct or range(len(every[0]))]


def releases_of(combined: Sequence[Combination]) -> list[str]:
    """The releases in some combinations, one text for each package that has a summary."""
    return [
        _range(position, combined, combined)
        for position, choice in enumerate(combined[0])
        if choice.release is not None
    ]


def _range(position: int, having: Iterable[Combination], every: Iterable[Combination]) -> str:
    """`nequip 0.14.0 to 0.19.0`, with commas where releases between are not among them."""
    mine = {item[position] for item in having}
    allowed = sorted({item[position] for item in every}, key=_position)
    runs: list[list[str]] = [[]]
    for choice in allowed:
        if choice in mine and choice.release is not None:
            runs[-1].append(choice.release.version)
        elif runs[-1]:
            runs.append([])
    shown = (run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs if run)
    return f"{allowed[0].distribution} {', '.join(shown)}"


def _position(choice: Choice) -> int:
    return -1 if choice.release is None else choice.release.position
