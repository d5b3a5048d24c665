"""Choose the summary for each internal package that a project needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.project.installed import Distribution, mandatory
from nequip_lint.project.libraries import normalized
from nequip_lint.project.summaries import Release, Summary, available, load, parse_version

_CORE = ("nequip", "e3nn")


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
    for package, releases in sorted(available().items()):
        key = normalized(releases[-1].distribution)
        if package in owned or key in installed:
            continue
        required = key in wanted or (package == "e3nn" and "nequip" in wanted)
        if required or package in _CORE:
            yield _choice(releases, _specifier(wanted.get(key, "")), required)


def _choice(releases: tuple[Release, ...], specifier: str, required: bool) -> Choice:
    newest = releases[-1]
    fitting = [item for item in releases if not specifier or _allows(specifier, item.version)]
    if fitting:
        return Choice(newest.package, newest.distribution, load(fitting[-1].path), required)
    reason = f"no summary fits {newest.distribution}{specifier}; the newest is {newest.version}"
    return Choice(newest.package, newest.distribution, None, required, reason)


def _specifier(requirement: str) -> str:
    text = requirement.partition(";")[0].strip()
    name = mandatory(requirement)
    rest = text[len(name) :].strip()
    if rest.startswith("["):
        rest = rest.partition("]")[2].strip()
    return rest.strip("()").strip()


def _allows(specifier: str, version: str) -> bool:
    """Whether a version meets a specifier; a lone lower bound is judged without importing packaging."""
    bound = specifier.removeprefix(">=").strip()
    if specifier.startswith(">=") and bound.replace(".", "").isdigit():
        return parse_version(version) >= parse_version(bound)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier, prereleases=True).contains(version)
    except InvalidSpecifier:
        return True
