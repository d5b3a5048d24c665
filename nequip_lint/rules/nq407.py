"""NQ407 sentinel-identity: a module-level object kept on a module and compared by identity."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.identity import compared
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit
from nequip_lint.rules.twice import asked_twice
from nequip_lint.rules.unstable import unstable

_HELP = "use None, a class or an enum member"
_BY_VALUE = "compare by a value: a string with `==`, an enum member, or a class with __eq__ and __hash__"
_BY_ORDER = "sort the set, or use zlib.crc32 or hashlib for the text"
_BY_NAME = "use a name or a number that the model keeps"


@rule("NQ407")
def sentinel_identity(project: Project) -> Iterator[Hit]:
    """One hit for each attribute, and for each comparison of another one."""
    seen: set[tuple[str, str]] = set()
    for facts, kept in held(project, "sentinel"):
        seen.add((facts.module, kept.what))
        message = (
            f"the packaged model takes another path, since `is` with {kept.what} is false: {kept.spot.owner} "
            f"keeps it in {kept.where}, but a loaded package has another {kept.what} than its pickle"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
    for facts, item, own in compared(project):
        if (facts.module, own) not in seen:
            seen.add((facts.module, own))
            kept_name = item.left if own == item.right else item.right
            yield hit(project, facts, item.spot, _said(kept_name, own, item.how), _BY_VALUE)
    yield from _asked_twice(project)
    yield from _unstable(project)


def _said(kept: str, own: str, how: str) -> str:
    if how == "key":
        return (
            f"the packaged model does not find {kept} in {own}: its keys are objects that are found by "
            "identity, and a loaded package has others than its pickle"
        )
    return (
        f"the packaged model takes another path: {kept} comes from the pickle, and is not the {own} that a "
        "load makes anew"
    )


def _asked_twice(project: Project) -> Iterator[Hit]:
    seen: set[tuple[str, Spot]] = set()
    for facts, spot, what, again in asked_twice(project):
        if (facts.module, spot) not in seen:
            seen.add((facts.module, spot))
            message = (
                f"the packaged model does not find what it kept: {what} is asked for when the model is made "
                f"and when {again}, and says something else once it is loaded"
            )
            yield hit(project, facts, spot, message, _BY_NAME)


def _unstable(project: Project) -> Iterator[Hit]:
    """One hit for each number or order that a load or a call of the model has from the hashes of texts."""
    for facts, item in unstable(project):
        message = (
            f"the packaged model computes something else in each process: {item.what} depends on the "
            "hashes of texts, which Python makes anew for each"
        )
        yield hit(project, facts, item.spot, message, _BY_ORDER)
