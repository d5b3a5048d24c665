"""One member of a package against a file, by default the installed one that it was taken from."""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.compare.lines import changes
from nequip_pack.errors import InputError, UsageError

if TYPE_CHECKING:
    from nequip_pack.format import Archive


def member_name(archive: Archive, zip_path: str) -> str:
    """The member that ``zip_path`` names, with the archive's folder (as ``list`` prints it) or without.

    Raises:
        UsageError: if there is none, with the nearest name.
    """
    for name in (zip_path.removeprefix(f"{archive.prefix}/"), zip_path, zip_path.partition("/")[2]):
        if name in archive.members:
            return name
    near = difflib.get_close_matches(zip_path.partition("/")[2] or zip_path, archive.members, 1)
    remedy = f"did you mean {archive.prefix}/{near[0]}?" if near else "`nequip-pack list` shows all members"
    raise UsageError(f"the package has no member {zip_path}", where=archive.path, remedy=remedy)


def local_file(name: str, given: str | None) -> Path:
    """The file to compare a member with.

    Args:
        name: the member below the archive's folder.
        given: the file that the user names; without it, the file of the installed package, which is not
            imported.

    Raises:
        UsageError: if the member belongs to no installed package.
        InputError: if there is no such file.
    """
    path = Path(given) if given is not None else _installed(name)
    if not path.is_file():
        raise InputError("there is no such local file", where=path, remedy="check the path")
    return path


def difference_from(archive: Archive, name: str, path: Path) -> list[str]:
    """The unified difference of a member from a file, line by line without line ends."""
    inside = archive.read(name)
    try:
        outside = path.read_bytes()
    except OSError as error:
        raise InputError("the local file cannot be read", where=path, why=str(error)) from error
    if inside == outside:
        return []
    try:
        old, new = inside.decode().splitlines(), outside.decode().splitlines()
    except UnicodeDecodeError:
        return [f"binary content differs: {len(inside)} bytes in the package, {len(outside)} in {path}"]
    if not (found := changes(old, new, context=3)):
        return [f"line ends differ: {len(inside)} bytes in the package, {len(outside)} in {path}"]
    return [f"--- {archive.prefix}/{name} (package)", f"+++ {path}", *found]


def _installed(name: str) -> Path:
    top, _, rest = name.partition("/")
    spec = importlib.util.find_spec(top) if rest and top.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        what = f"no installed package has the file {name}"
        raise UsageError(what, remedy="name a local file as well")
    return Path(spec.submodule_search_locations[0]) / rest
