"""A decorator that asks for a GPU where the module is imported."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Decoration, Facts
from nequip_lint.hazards.cause import GUARDED, Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.versions import parse_version
from nequip_lint.tables import table

FACTORY = """\
@functools.cache
def make_kernel():
    global tl  # up to 3.3.1, triton looks names up in the module alone
    import triton
    import triton.language as tl

    @triton.jit
    def kernel(...): ...

    return kernel"""
"""Makes a kernel when it is first needed: nothing of triton runs before."""
HELP = (
    "put it under `if torch.cuda.is_available():`, or make the kernel when it is first needed, by a function "
    f"that its users call:\n{FACTORY}"
)
CAUSE = Cause("NQ102", "@{} needs a GPU at import", help_for_package=GUARDED)


def _is_autotune(facts: Facts, item: Decoration) -> bool:
    """Whether a decorator is triton's autotune in the form that asks for the active driver."""
    known = table("gpu")["autotune"]
    return resolve(facts, item.name) in known["names"] and not {*item.keywords} & {*known["harmless_with"]}


@hazard("decorations", _is_autotune)
def gpu_decorators(scene: Scene, item: Decoration) -> Iterable[Event]:
    """Every such decorator, on machines without a GPU and with a triton that asks for one."""
    if scene.target.gpu or not _asks_for_gpu(scene.target.triton):
        return ()
    return (Event(item, "RuntimeError", Reason(CAUSE, (item.name, item.target)), f"@{item.name}"),)


def message(facts: Facts, event: Event) -> str:
    """What happens to the model."""
    name, target = event.why.parts
    return (
        f"on a machine without a GPU importing {facts.module} fails, in a build and from a package "
        f"(triton 3.2 to 3.3.1): @{name} on {target} runs at import and asks for a GPU"
    )


def _asks_for_gpu(triton: str) -> bool:
    """Whether a version of triton, '' for none, asks for the active driver there."""
    known = table("gpu")["autotune"]
    first, last = parse_version(known["first_broken"]), parse_version(known["last_broken"])
    return bool(triton) and first <= parse_version(triton) <= last
