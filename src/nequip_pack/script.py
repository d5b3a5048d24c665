"""The script ``nequip-package``, which nequip installs as well: whose it is, and putting one in place.

pip lets the distribution that is installed last have the script, and removes it with whichever of the two
is uninstalled first: it removes the scripts of the entry points and the files of the ``RECORD`` (pip 26,
``req/req_uninstall.py``). So giving the script to nequip also takes it out of our metadata.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final, Literal

from nequip_pack.errors import EnvironmentLacksError, OutputError

NAME: Final = "nequip-package"
OURS: Final = EntryPoint(NAME, "nequip_pack.cli:main", "console_scripts")
_ALWAYS_OURS: Final = "nequip-pack"
_ENTRY_POINTS: Final = "entry_points.txt"
_LINE: Final = f"{NAME} = {OURS.value}\n"
_BESIDE: Final = f"{_ALWAYS_OURS} = {OURS.value}\n"

Owner = Literal["ours", "nequip"]


def put(owner: Owner) -> Path:
    """Put the script of one of the two in its place, and say in our metadata whether it is ours.

    Returns:
        Where it is.

    Raises:
        EnvironmentLacksError: if nequip is not installed, or nequip-pack has no metadata as pip writes.
        OutputError: if the script or the metadata cannot be written.
    """
    own = _installed("nequip-pack")
    entry = OURS if owner == "ours" else _of_nequip()
    folder = _folder(own)
    try:
        path = _write(entry, folder)
        _claim(own, path, owner == "ours")
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise OutputError("the script cannot be written", where=error.filename, why=why) from error
    return path


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise EnvironmentLacksError(f"{name} is not installed here") from error


def _of_nequip() -> EntryPoint:
    for entry in _installed("nequip").entry_points:
        if (entry.group, entry.name) == ("console_scripts", NAME):
            return entry
    raise EnvironmentLacksError(f"the nequip that is installed here has no {NAME}")


def _folder(own: Distribution) -> Path:
    """Where the installer put our scripts."""
    for file in own.files or ():
        if file.stem == _ALWAYS_OURS and file.suffix in ("", ".exe"):
            return Path(os.path.normpath(str(own.locate_file(file)))).parent
    why = "its metadata lists no scripts"
    remedy = "install it with pip"
    raise EnvironmentLacksError("nequip-pack was not installed as pip does", why=why, remedy=remedy)


def _write(entry: EntryPoint, folder: Path) -> Path:
    from installer.scripts import Script

    made = Script(NAME, entry.module, entry.attr, "console")
    name, content = made.generate(sys.executable, "win-amd64" if os.name == "nt" else "posix")
    draft = folder / f".{name}.new"
    draft.write_bytes(content)
    draft.chmod(0o755)
    draft.replace(folder / name)
    return folder / name


def _claim(own: Distribution, script: Path, is_ours: bool) -> None:
    """Make our metadata list the script, or not, with the hashes of what changes."""
    folder = next(
        Path(str(own.locate_file(file))).parent for file in own.files or () if file.name == "RECORD"
    )
    entries = folder / _ENTRY_POINTS
    text = entries.read_text(encoding="utf-8").replace(_LINE, "")
    entries.write_text(text.replace(_BESIDE, _BESIDE + _LINE) if is_ours else text, encoding="utf-8")
    record = folder / "RECORD"
    rows = list(csv.reader(io.StringIO(record.read_text(encoding="utf-8"))))
    kept = [row for row in rows if row and Path(row[0]).name != script.name]
    changed = [_row(row[0], entries) if Path(row[0]).name == _ENTRY_POINTS else row for row in kept]
    if is_ours:
        changed.append(_row(Path(os.path.relpath(script, folder.parent)).as_posix(), script))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(changed)
    record.write_text(out.getvalue(), encoding="utf-8")


def _row(name: str, path: Path) -> list[str]:
    content = path.read_bytes()
    digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    return [name, f"sha256={digest}", str(len(content))]
