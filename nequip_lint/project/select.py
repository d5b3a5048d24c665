"""Choose the summary for each internal package that a project needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.project.installed import Distribution, mandatory
from nequip_lint.project.libraries import normalized
from nequip_lint.project.summaries import Summary, Version, available, load, parse_version


class Choice(NamedTuple):
    """What stands for one internal package: a summary, or the reason why there is none."""

    package: str
    distribution: str
    summary: Summary | None
    is_required: bool
    reason: str = ""


def choose(
    requirements: Iterable[str], owned: frozenset[str], installed: dict[str, Distribution]
) -> Iterator[Choice]:
    """A choice for every package that has summaries and is neither linted nor installed.

    nequip brings e3nn; nequip-allegro counts only where it is required.

    Args:
        requirements: of the project.
        owned: top-level names that are linted themselves.
        installed: distributions whose sources are read instead.
    """
    wanted = {normalized(name): item for item in requirements if (name := mandatory(item))}
    for distribution, files in sorted(available().items()):
        newest = load(files[-1][1])
        key = normalized(distribution)
        if newest.package in owned or key in installed:
            continue
        required = key in wanted or (key == "e3nn" and "nequip" in wanted)
        if not required and newest.extensions:
            continue
        specifier = _specifier(wanted.get(key, ""))
        yield _choice(newest, [load(path) for _, path in files], specifier, required)


def _choice(newest: Summary, summaries: list[Summary], specifier: str, required: bool) -> Choice:
    fitting = [item for item in summaries if not specifier or _allows(specifier, item.version)]
    if fitting:
        return Choice(newest.package, newest.distribution, fitting[-1], required)
    reason = f"{newest.distribution}{specifier} has no summary; the newest is {newest.version}"
    return Choice(newest.package, newest.distribution, None, required, reason)


def _specifier(requirement: str) -> str:
    text = requirement.partition(";")[0].strip()
    name = mandatory(requirement)
    rest = text[len(name) :].strip()
    if rest.startswith("["):
        rest = rest.partition("]")[2].strip()
    return rest.strip("()").strip()


def _allows(specifier: str, version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier, prereleases=True).contains(version)
    except InvalidSpecifier:
        return True


def is_newer(version: Version, distribution: str) -> bool:
    """Whether a release is newer than the newest summary of its distribution."""
    files = available().get(distribution, ())
    return not files or version > files[-1][0]


__all__ = ["Choice", "choose", "is_newer", "parse_version"]
