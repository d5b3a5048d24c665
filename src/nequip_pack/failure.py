"""Which line of a model's code an error came from."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import NequipPackError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import FrameType

_PACKAGED: Final = re.compile(r"<torch_package_\d+>\.(.+)")
"""The file name of code that torch.package compiled: this, and the member that it was read from."""

_LONGEST: Final = 300
"""How much of an exception's text is told; those of torch's compiler fill a page."""
_CRASHED: Final = re.compile(r'^  File "<torch_package_\d+>\.(.+)", line (\d+) in ', re.MULTILINE)


def described(error: BaseException, packages: Collection[str] = ()) -> str:
    """An error in one line, with the file and the line of the model's code that it came from.

    Args:
        error: as it was caught.
        packages: top-level packages that are the model's code besides what was loaded from a package.
    """
    if isinstance(error, NequipPackError):
        text = f"{error.what} ({error.why})" if error.why else error.what
    else:
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
    place = where(error, packages)
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        line = f"{line[:_LONGEST]}..."
    return line if not place or place in line else f"{line}, at {place}"


def where(error: BaseException, packages: Collection[str] = ()) -> str:
    """`FILE:LINE` of the innermost statement of the model's code; empty if none took part.

    An error that the code replaced by another (`raise ... from ...`) counts only if that one tells nothing.
    """
    for one in chain(error):
        places = [*_frames(one, packages), *_syntax(one)]
        if places:
            file, line = places[-1]
            return f"{file}:{line}"
    return ""


def crashed(stack: str) -> str:
    """`FILE:LINE` of the innermost statement of a package's code in what `faulthandler` wrote, or nothing."""
    found = _CRASHED.search(stack)
    return f"{found[1]}:{found[2]}" if found else ""


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _frames(error: BaseException, packages: Collection[str]) -> Iterator[tuple[str, int]]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = _file(frame, packages)
        if file is not None:
            yield file, line


def _file(frame: FrameType, packages: Collection[str]) -> str | None:
    name = frame.f_code.co_filename
    if packaged := _PACKAGED.fullmatch(name):
        return packaged[1]
    top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return _shown(name) if top in packages else None


def _syntax(error: BaseException) -> Iterator[tuple[str, int]]:
    """Where code does not compile, which no frame tells."""
    if isinstance(error, SyntaxError) and (packaged := _PACKAGED.fullmatch(error.filename or "")):
        yield packaged[1], error.lineno or 0


def _shown(file: str) -> str:
    path = Path(file)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return file
