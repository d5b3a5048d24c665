"""Whether a model fits into the memory of this machine, before the system kills the process over it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.failures import causes, explained
from nequip_pack.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

_COPIES: Final = 4
"""Of all weights at once: the training module, the checkpoint, the loaded models, and those of the proof."""
_REFUSED: Final = ("can't allocate memory", "not enough memory")
_GIB: Final = 1 << 30
_WHAT: Final = "the model is too large for the memory of this machine"
_REMEDY: Final = "rehearse it on a machine with more memory"


@contextlib.contextmanager
def enough_memory(path: Path) -> Iterator[None]:
    """Say it in one line if an allocation fails.

    Raises:
        EnvironmentLacksError: then, with what torch asked for.
    """
    try:
        yield
    except Exception as error:
        for cause in causes(error):
            if isinstance(cause, MemoryError) or any(text in str(cause) for text in _REFUSED):
                why = explained(cause).partition("\n")[0]
                raise EnvironmentLacksError(_WHAT, where=path, why=why, remedy=_REMEDY) from error
        raise


def check_fits(path: Path, module: Any) -> None:
    """Compare what a rehearsal of a training module will need with what is free.

    Raises:
        EnvironmentLacksError: if it is more.
    """
    weights = {tensor.data_ptr(): tensor for tensor in [*module.parameters(), *module.buffers()]}
    needed = _COPIES * sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    free = available()
    if free is not None and needed > free:
        count = sum(weight.numel() for weight in module.parameters())
        why = f"{count} parameters, about {needed / _GIB:.1f} GiB in all, and {free / _GIB:.1f} GiB are free"
        raise EnvironmentLacksError(_WHAT, where=path, why=why, remedy=_REMEDY)


def available() -> int | None:
    """The bytes that this process may still take; ``None`` where Linux does not tell."""
    known = [number for number in (_of_machine(), _of_group()) if number is not None]
    return min(known, default=None)


def _of_machine() -> int | None:
    for line in _text("/proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


def _of_group() -> int | None:
    """What a container or a job of a cluster has left (cgroup v2)."""
    most, taken = (_text(f"/sys/fs/cgroup/memory.{name}").strip() for name in ("max", "current"))
    return int(most) - int(taken) if most.isdigit() and taken.isdigit() else None


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="ascii")
    except OSError:
        return ""
