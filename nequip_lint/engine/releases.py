"""Judge a project against every combination of releases that its requirements allow, like ones once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.project.select import Choice, Combination
from nequip_lint.summaries.releases import available
from nequip_lint.values import Finding

Answer = TypeVar("Answer")
_IN_EVERY_RELEASE = frozenset({"NQ003", "NQ005"})
"""What is superfluous with one release may be needed with another, and a class may belong to a model."""


def over_releases(assembled: Assembled, judge: Callable[[Project], list[Finding]]) -> list[Finding]:
    """The findings of a project with all combinations, without repeats.

    A combination is judged only where some package has another effect (`summaries/effects.py`) than in those
    judged before, on what the project imports of it or what was asked about it on the way.

    Args:
        assembled: the project.
        judge: the findings of the project with one combination.
    """
    groups = judged_apart(assembled, judge)
    if len(groups) == 1:
        return groups[0][1]
    return _united(groups, assembled.combinations)


def judged_apart(
    assembled: Assembled, judge: Callable[[Project], Answer]
) -> list[tuple[list[Combination], Answer]]:
    """The combinations in groups of one effect, newest first, each with what one of them is judged to be.

    Args:
        assembled: the project.
        judge: what to ask of the project with one combination.
    """
    groups: list[tuple[list[Combination], Answer]] = []
    left, project = list(assembled.combinations), assembled.project
    while left:
        first = left[0]
        found = judge(project)
        asked = _asked(first, project)
        alike = [item for item in left if _have_one_effect(first, item, asked)]
        groups.append((alike, found))
        left = [item for item in left if item not in alike]
        if left:
            project = assembled.beside(left[0])
    return groups


class _Asked(NamedTuple):
    """What a project that was judged asked of a package: modules packaged, modules imported, libraries."""

    packaged: set[str]
    imported: set[str]
    libraries: frozenset[str]


def _asked(judged: Combination, project: Project) -> dict[str, _Asked]:
    """What was asked of each package, by its name."""
    libraries, read = _libraries(project), project.sources.read()
    return {
        name: _Asked(_packaged(name, project), _imported(name, project, read), libraries)
        for name in (choice.package for choice in judged)
    }


def _packaged(package: str, project: Project) -> set[str]:
    """The modules of a package that a model asks for: as roots, or by imports from outside of it."""
    roots = {root for root in project.roots if root.partition(".")[0] == package}
    return roots | _imported(package, project, project.interned)


def _have_one_effect(first: Combination, other: Combination, asked: dict[str, _Asked]) -> bool:
    """Whether two combinations do the same to the project that was judged with the first one."""
    return all(a == b or _column(a, asked) == _column(b, asked) for a, b in zip(first, other, strict=True))


def _column(choice: Choice, asked: dict[str, _Asked]) -> str:
    """The effects of a release on a project, in the letters of the index."""
    if choice.release is None:
        return ""
    index, position, names = available()[choice.package], choice.release.position, asked[choice.package]
    effects = [index.entry_points]
    effects += _of(index.packaging, names.packaged)
    effects += _of(index.importing, names.imported)
    tops = names.libraries
    effects += [text for name, text in index.declared.items() if name.split()[1].partition(".")[0] in tops]
    return "".join(text[position] for text in effects)


def _of(table: dict[str, str], modules: Iterable[str]) -> list[str]:
    return [table[name] for name in sorted(modules) if name in table]


def _imported(package: str, project: Project, importers: Iterable[str]) -> set[str]:
    """What some modules import of a package that they do not belong to; effects include what follows.

    A `from` import of nothing but submodules does not concern the module that these are in, for packaging;
    for importing, the effects of modules include those of their parents.
    """
    found: set[str] = set()
    for importer in importers:
        facts = project.sources.facts(importer) if importer.partition(".")[0] != package else None
        for item in facts.imports if facts is not None else ():
            if item.module and f"{item.module}.".startswith(f"{package}."):
                named = {f"{item.module}.{name}" for name, _ in item.names}
                found |= named
                if not named or any(project.sources.location(name) is None for name in named):
                    found.add(item.module)
    return found


def _libraries(project: Project) -> frozenset[str]:
    """The top-level names that the project imports or registers, or that packages beside nequip import.

    What nequip itself imports and registers is part of its effects.
    """
    modules = (*project.owned, *(name for name in project.interned if not _is_nequip(name)))
    read = (facts for name in modules if (facts := project.sources.facts(name)) is not None)
    imported = (item.module or "" for facts in read for item in facts.imports)
    registered = (
        name for item in project.registrations for name in (*(item.extern or ()), *(item.mock or ()))
    )
    return frozenset(name.partition(".")[0] for name in (*imported, *registered))


def _is_nequip(module: str) -> bool:
    return module.partition(".")[0] == "nequip"


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
    return finding._replace(message=f"{finding.message} (with {' and '.join(label(having, every))})")


def label(having: Sequence[Combination], every: Sequence[Combination]) -> list[str]:
    """What tells some combinations from the rest: the releases of one package, where these do."""
    distinct = []
    for position in range(len(every[0])):
        mine = {item[position] for item in having}
        if all((item[position] in mine) == (item in having) for item in every):
            return [_range(position, having, every)]
        if mine != {item[position] for item in every}:
            distinct.append(position)
    return [_range(position, having, every) for position in distinct or range(len(every[0]))]


def releases_of(combined: Sequence[Combination], is_meant: Callable[[Choice], bool]) -> list[str]:
    """The releases in some combinations, one text for each package that is meant and has a summary."""
    return [
        _range(position, combined, combined)
        for position, choice in enumerate(combined[0])
        if choice.release is not None and is_meant(choice)
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
