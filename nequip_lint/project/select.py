"""Choose the summaries for the internal packages of a project: every combination that may be installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from nequip_lint.declared.installed import Distribution, mandatory
from nequip_lint.declared.specifiers import allows, specifier_of
from nequip_lint.machine.libraries import normalized
from nequip_lint.project.registrations import CORE
from nequip_lint.summaries.releases import Release, Summary, available, load


class Choice(NamedTuple):
    """What stands for one internal package: a release with a summary, or the reason why there is none."""

    package: str
    distribution: str
    release: Release | None
    is_required: bool
    reason: str = ""

    @property
    def summary(self) -> Summary | None:
        """The release's summary, read when first asked for."""
        return None if self.release is None else load(self.release.path)


Combination = tuple[Choice, ...]
"""One choice for each package: what one environment may hold."""


def combinations(
    requirements: Iterable[str], owned: frozenset[str], installed: dict[str, Distribution]
) -> list[Combination]:
    """Every combination of releases that the requirements of project and releases allow, newest first.

    Packages that are linted or installed themselves have no part in it. nequip brings e3nn;
    nequip-allegro counts only where it is required. A package that nothing requires is taken in its
    newest release, and where the requirements contradict each other, so is every package.

    Args:
        requirements: of the project.
        owned: top-level names that are linted themselves.
        installed: distributions whose sources are read instead.
    """
    wanted = {normalized(name): specifier_of(item) for item in requirements if (name := mandatory(item))}
    imposed = _imposed(installed)
    options = [
        _options(package, wanted, imposed)
        for package in available()
        if package not in owned and _distribution(package) not in installed and _is_wanted(package, wanted)
    ]
    options.sort(key=lambda choices: (not choices[0].is_required, choices[0].package != "nequip"))
    return list(_consistent(options)) or [tuple(choices[0] for choices in options)]


@cache
def _distribution(package: str) -> str:
    return normalized(available()[package].releases[-1].distribution)


def _is_wanted(package: str, wanted: dict[str, str]) -> bool:
    return package in CORE or _distribution(package) in wanted


def _imposed(installed: dict[str, Distribution]) -> dict[str, list[str]]:
    """What installed packages that may have summaries themselves require of others."""
    found: dict[str, list[str]] = {}
    for name in (_distribution(package) for package in available()):
        for item in installed[name].requirements if name in installed else ():
            found.setdefault(normalized(mandatory(item)), []).append(specifier_of(item))
    return found


def _options(package: str, wanted: dict[str, str], imposed: dict[str, list[str]]) -> list[Choice]:
    """The releases of one package that the project allows, newest first; else one choice with the reason."""
    releases = available()[package].releases
    newest, key = releases[-1], _distribution(package)
    is_required = key in wanted or (package == "e3nn" and "nequip" in wanted)
    specifiers = [wanted.get(key, ""), *imposed.get(key, ())]
    fitting = [item for item in reversed(releases) if all(allows(text, item.version) for text in specifiers)]
    if not fitting:
        wish = ",".join(filter(None, specifiers))
        reason = f"no summary fits {newest.distribution}{wish}; the newest is {newest.version}"
        return [Choice(package, newest.distribution, None, is_required, reason)]
    return [Choice(package, newest.distribution, item, is_required) for item in fitting]


def _consistent(options: list[list[Choice]], chosen: Combination = ()) -> Iterator[Combination]:
    """The combinations in which no release's requirements exclude another one.

    A package that nothing requires comes last and gives only the newest release that fits the others.
    """
    if len(chosen) == len(options):
        yield chosen
        return
    fitting = (item for item in options[len(chosen)] if all(_agree(item, other) for other in chosen))
    for choice in fitting:
        yield from _consistent(options, (*chosen, choice))
        if not choice.is_required:
            return


def _agree(first: Choice, second: Choice) -> bool:
    if first.release is None or second.release is None:
        return True
    return _permits(first.release, second.release) and _permits(second.release, first.release)


def _permits(release: Release, other: Release) -> bool:
    required = normalized(other.distribution)
    return all(_allows(text, other.version) for name, text in release.requires if name == required)


_allows = cache(allows)
