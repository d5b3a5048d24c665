"""The machines that differ from this one in one thing, each tried in processes of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nequip_pack.fresh import Machine
from nequip_pack.gate.machine import has_gpu
from nequip_pack.machines.choice import optional_libraries
from nequip_pack.machines.trial import build, load
from nequip_pack.machines.values import INTERN, Tried, Untried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nequip_pack.machines.settings import Settings
    from nequip_pack.rehearsal import Rehearsed

_NO_GPU: Final = Machine(variables={"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""})
_WITHOUT_GPU: Final = "without a GPU"


def every_machine(
    done: Rehearsed, settings: Settings, progress: Callable[[str], None]
) -> Iterator[Tried | Untried]:
    """Load the package of this machine on each of the others, and make the same rehearsal there.

    Args:
        done: the rehearsal on this machine, whose package was kept.
        settings: of it.
        progress: is told each machine as its turn comes.
    """
    for library in optional_libraries(done.closure):
        progress(f"rehearsing without {library.name}")
        machine = Machine(library.absent)
        yield _tried(f"without {library.name}", library.action, machine, library.required_by, done, settings)
    if has_gpu():
        progress(f"rehearsing {_WITHOUT_GPU}")
        yield _tried(_WITHOUT_GPU, "", _NO_GPU, "", done, settings)
    else:
        yield Untried(_WITHOUT_GPU, "it is this machine")
    for name in sorted({module.partition(".")[0] for module in done.absent}):
        yield Untried(f"with {name}", f"{name} is not installed here")


def _tried(
    name: str, action: str, machine: Machine, required_by: str, done: Rehearsed, settings: Settings
) -> Tried:
    assert done.kept is not None
    loaded = load(done.kept, machine)
    if required_by:
        return Tried(name, action, loaded, None, required_by)
    built = build(settings, machine)
    return Tried(name, action, loaded, built, lost=_lost(done.closure, built.closure))


def _lost(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, ...]:
    """The internal modules that only the package of this machine has; none where no other one was built."""
    lost = (name for name, action in here.items() if action == INTERN != there.get(name))
    return tuple(sorted(lost)) if there else ()
