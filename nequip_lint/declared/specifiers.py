"""Whether a version meets a requirement; plain comparisons are judged without importing packaging."""

from __future__ import annotations

import operator
from collections.abc import Callable

from nequip_lint.declared.installed import mandatory
from nequip_lint.machine.versions import Version, parse_version

_SIGNS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def specifier_of(requirement: str) -> str:
    """The version part of a requirement: `>=1.0,<2` of `name[extra] (>=1.0,<2); marker`."""
    text = requirement.partition(";")[0].strip()
    rest = text[len(mandatory(text)) :].strip()
    if rest.startswith("["):
        rest = rest.partition("]")[2].strip()
    return rest.strip("()").strip()


def allows(specifier: str, version: str) -> bool:
    """Whether a released version meets a specifier; one that nobody can read, a URL say, allows all.

    Args:
        specifier: clauses with commas between, '' for none.
        version: a plain release number.
    """
    verdicts = [_meets(clause.strip(), version) for clause in specifier.split(",") if clause.strip()]
    if None not in verdicts:
        return all(verdicts)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier, prereleases=True).contains(version)
    except InvalidSpecifier:
        return True


def _meets(clause: str, version: str) -> bool | None:
    """One comparison with a plain release number; None for any other clause."""
    sign = next((sign for sign in _SIGNS if clause.startswith(sign)), "")
    bound = clause[len(sign) :].strip()
    if not sign or not bound.replace(".", "").isdigit():
        return None
    return _SIGNS[sign](_padded(version), _padded(bound))


def _padded(version: str) -> Version:
    numbers = parse_version(version)
    return (*numbers, *(0,) * (6 - len(numbers)))
