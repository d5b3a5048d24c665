"""Which distributions `--accept-origin` can name: those whose source is in the package, and known ones."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from nequip_lint import api as lint
from nequip_pack.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def check_accepted(
    path: Path, accepted: Collection[str], packages: Collection[str], wheels: Mapping[str, str]
) -> None:
    """Check that source whose origin is accepted can be meant.

    Args:
        path: of the package, for messages.
        accepted: distributions, or top-level packages.
        packages: the top-level packages in the package.
        wheels: the distribution of each package that a given wheel has.

    Raises:
        UsageError: naming the first that is none of these, and which there are.
    """
    if not accepted:
        return
    installed = importlib.metadata.packages_distributions()
    present = {top: _distributions(top, wheels, installed) or {top} for top in packages}
    shown = sorted(set().union(*present.values()))
    released = {name for top in lint.released_packages() for name in (top, *_distributions(top, {}, {}))}
    known = {*packages, *shown, *wheels.values(), *released}
    for name in accepted:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), 1)
            remedy = f"did you mean {close[0]}?" if close else "leave it out"
            what = f"no source here is of a distribution {name}, whose origin is to be accepted"
            raise UsageError(what, where=path, why=f"there is source of {', '.join(shown)}", remedy=remedy)


def _distributions(top: str, wheels: Mapping[str, str], installed: Mapping[str, list[str]]) -> set[str]:
    """The distributions that bring a package, as far as they are known here."""
    hashes = lint.released_hashes(top)
    named = {hashes.distribution} if hashes else set()
    return {*named, *installed.get(top, ()), *([wheels[top]] if top in wheels else [])}
