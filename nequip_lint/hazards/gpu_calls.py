"""A call that needs a GPU where the module is imported."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, GpuCall, Place
from nequip_lint.hazards.cause import GUARDED, Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import catches
from nequip_lint.tables import table

HELP = "move it into the function that needs it, or put it under `if torch.cuda.is_available():`"
CAUSE = Cause("NQ103", "`{}` needs a GPU at import", help_for_package=GUARDED)
_ONLY_CPU = ("AttributeError",)
"""What raises so is an attribute that CPU builds of torch lack."""


def _needs_gpu(facts: Facts, call: GpuCall) -> bool:
    """Whether a call is one of torch's that raise on a machine without a GPU.

    Args:
        facts: of the call's module.
        call: one that looks like it.
    """
    full = resolve(facts, call.name)
    last = full.rpartition(".")[2]
    if last in table("gpu")["methods"] and full not in ("torch.cuda", "torch.to"):
        return full == call.name and not _is_imported(facts, full.partition(".")[0])
    if full.startswith(("torch.cuda.", "torch.version.cuda.", "torch.nn.", "torch.accelerator.")):
        return True
    return full.startswith("torch.") and full.count(".") == 1


def _is_imported(facts: Facts, head: str) -> bool:
    return any(not item.names and item.bound == head for item in facts.imports)


@hazard("gpu_calls", _needs_gpu)
def gpu_calls(scene: Scene, item: GpuCall) -> Iterable[Event]:
    """Every such call, on machines without a GPU."""
    exception = "" if scene.target.gpu else _uncaught(item.place, item.raises)
    is_lacked = ".cuda." in item.name and item.raises == _ONLY_CPU
    if not exception or (is_lacked and scene.target.cuda_build):
        return ()
    return (Event(item, exception, Reason(CAUSE, (item.text,)), item.text),)


def message(module: str, text: str) -> str:
    """What happens to the model.

    Args:
        module: whose import comes to the call.
        text: of the call.
    """
    return (
        f"on a machine without a GPU importing {module} fails, in a build and from a package: "
        f"`{text}` runs at import and raises there"
    )


def _uncaught(place: Place, exceptions: tuple[str, ...]) -> str:
    """The first exception that no handler ends, '' where all are caught."""
    return next((name for name in exceptions if not catches(place.caught, name)), "")
