"""How every command writes a package: beside its place, proved there, then moved in one step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from nequip_pack.build.output import Draft, failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nequip_pack.build.signals import StopSignals

_Content = TypeVar("_Content")
_Proof = TypeVar("_Proof")


@dataclass(frozen=True, slots=True)
class Written(Generic[_Content, _Proof]):
    """A file that is in its place: what went into it, what was found out about it, and its size in bytes."""

    content: _Content
    proof: _Proof
    size: int


def written(
    output: Path,
    signals: StopSignals,
    write: Callable[[Draft], _Content],
    prove: Callable[[Path, int, _Content], _Proof],
) -> Written[_Content, _Proof]:
    """Write a file to ``output``; whatever was there is untouched unless all succeeds.

    Args:
        output: links in it are followed, so that a link stays a link.
        signals: the handlers in force. A stop waits while the file is written, and is let through while it
            is proved; once the file is being moved to its place, it comes too late.
        write: fills the stream of a draft.
        prove: raises if the draft at this path, of this size, is not what it should be.

    Raises:
        OutputError: if the file system refuses.
    """
    with Draft(Path(os.path.realpath(output))) as draft:
        with signals.deferred():
            try:
                content = write(draft)
            except OSError as error:
                raise failed(output, error, draft.needed) from error
        size = draft.finish()
        proof = prove(draft.path, size, content)
        with signals.deferred(final=True):
            draft.commit()
    return Written(content, proof, size)
