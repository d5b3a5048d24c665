"""How every command puts a file in its place: written beside it, proved there, then moved in one step."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from nequip_pack.writing.draft import SUFFIX, Draft, check_output, failed
from nequip_pack.writing.signals import StopSignals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Content = TypeVar("_Content")
_Proof = TypeVar("_Proof")


@dataclass(frozen=True, slots=True)
class Published(Generic[_Content, _Proof]):
    """A file that is in its place: what went into it, what was found out about it, and its size in bytes."""

    content: _Content
    proof: _Proof
    size: int


@dataclass(frozen=True, slots=True)
class Publication:
    """A file that is about to be made; see :func:`publishing`.

    Attributes:
        output: its place.
        signals: the handlers in force.
    """

    output: Path
    signals: StopSignals

    def publish(
        self, write: Callable[[Draft], _Content], prove: Callable[[Path, int, _Content], _Proof]
    ) -> Published[_Content, _Proof]:
        """Write the file; whatever was in its place is untouched unless all succeeds.

        A stop waits while the file is written, and is let through while it is proved; once the file is being
        moved to its place, it comes too late.

        Args:
            write: fills the stream of a draft.
            prove: raises if the draft at this path, of this size, is not what it should be.

        Raises:
            OutputError: if the file system refuses.
        """
        with Draft(Path(os.path.realpath(self.output))) as draft:
            with self.signals.deferred():
                try:
                    content = write(draft)
                except OSError as error:
                    raise failed(self.output, error, draft.needed) from error
            size = draft.finish()
            proof = prove(draft.path, size, content)
            with self.signals.deferred(final=True):
                draft.commit()
        return Published(content, proof, size)


@contextlib.contextmanager
def publishing(output: Path, suffix: str = SUFFIX) -> Iterator[Publication]:
    """All work that ends in a file at ``output``: checked first, and stopped cleanly by a signal.

    Args:
        output: links in it are followed, so that a link stays a link.
        suffix: with which its name must end.

    Raises:
        UsageError: for a wrong name, a missing folder, or a folder in its place.
        OutputError: if the folder takes no new file.
    """
    with StopSignals() as signals:
        check_output(output, suffix)
        yield Publication(output, signals)
