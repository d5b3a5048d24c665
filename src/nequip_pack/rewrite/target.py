"""Where a package that is made from another one goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_pack.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.format import Archive


def target_of(archive: Archive, output: Path | None) -> Path:
    """The path to write to: ``output``, or the package itself for ``None``.

    nequip's ``modify`` and ``update`` refuse an output that is their input, too. Here a second name of the
    same file (a link, another spelling) is refused as well: whoever gives two names expects two files.

    Raises:
        UsageError: if ``output`` is the package.
    """
    if output is not None and _same(output, archive.path):
        remedy = "give another output, or --in-place instead of one"
        raise UsageError("the output is the package itself", where=output, remedy=remedy)
    return archive.path if output is None else output


def _same(output: Path, package: Path) -> bool:
    try:
        return output.samefile(package)
    except OSError:
        return False
