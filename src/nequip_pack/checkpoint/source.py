"""The interface of a source of models, and the choice of one for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nequip_pack.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.checkpoint.loaded import LoadedModels
    from nequip_pack.registry import Patterns


class Source(Protocol):
    """A checkpoint from which a package can be built."""

    @property
    def path(self) -> Path:
        """The checkpoint file."""
        ...

    @property
    def default_mode(self) -> str:
        """The packaging mode where none is asked for."""
        ...

    def check(self) -> None:
        """Find out, without importing torch or the model's code, what would stop the build later."""
        ...

    def imports(self) -> tuple[str, ...] | None:
        """The internal modules that a load imports; ``None`` for every installed extension."""
        ...

    def patterns(self) -> Patterns:
        """The registrations in force. Imports the model's framework."""
        ...

    def modes(self, mode: str) -> tuple[str, ...]:
        """The compile modes of the packaging mode ``mode``."""
        ...

    def load(self, modes: tuple[str, ...]) -> LoadedModels:
        """Make the example data and build the models."""
        ...


def open_source(
    path: Path, example_data: Path | None, folders: tuple[Path, ...] = (), origin: Path | None = None
) -> Source:
    """The source for a checkpoint, chosen by the content of the file.

    Args:
        path: the checkpoint.
        example_data: a file to take the example data from, instead of the checkpoint's own data.
        folders: folders of owned code.
        origin: where the file lies now that a fine-tuned model started from.

    Raises:
        InputError: if the file is missing or no checkpoint; the message says what it is instead.
        DamagedError: if it is damaged.
        UsageError: if a plain checkpoint is said to have an origin.
        FormatError: if a newer release wrote it.
    """
    from nequip_pack.checkpoint.header import nequip_header, read_content
    from nequip_pack.checkpoint.nequip_source import NequIPSource
    from nequip_pack.checkpoint.origins import OPTION
    from nequip_pack.checkpoint.plain import is_plain, plain_header
    from nequip_pack.checkpoint.plain_source import PlainSource

    content = read_content(path)
    if is_plain(content):
        if origin is not None:
            what = "a plain checkpoint holds its model, which started from no other file"
            raise UsageError(what, where=path, remedy=f"leave {OPTION} out")
        return PlainSource(path, plain_header(path, content), example_data, folders)
    return NequIPSource(path, nequip_header(path, content), example_data, origin)
