"""Decorators and calls that need a GPU when they are evaluated."""

from __future__ import annotations

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Condition, Decoration, Facts, GpuCall, Place
from nequip_lint.project.evaluate import catches
from nequip_lint.project.summaries import parse_version

_AUTOTUNE = frozenset({"triton.autotune", "triton.runtime.autotune", "triton.runtime.autotuner.autotune"})
_HARMLESS_WITH = frozenset({"warmup", "rep"})
_FIRST_BROKEN, _LAST_BROKEN = (3, 2), (3, 3, 1)


def is_autotune(facts: Facts, item: Decoration) -> bool:
    """Whether a decorator is triton's autotune in the form that asks for the active driver.

    With `warmup` or `rep` given it does not ask (measured with triton 3.0 to 3.9).
    """
    return resolve(facts, item.name) in _AUTOTUNE and _HARMLESS_WITH.isdisjoint(item.keywords)


def breaks_without_gpu(facts: Facts, item: Decoration, triton: str) -> bool:
    """Whether the decorator raises on a machine without a GPU.

    Args:
        facts: of the decorator's module.
        item: the decorator.
        triton: the installed version; triton 3.2.0 to 3.3.1 raise `0 active drivers`.
    """
    version = parse_version(triton) if triton else ()
    return _FIRST_BROKEN <= version <= _LAST_BROKEN and is_autotune(facts, item)


_METHODS = ("cuda", "to", "pin_memory")
_VERSION = Condition("name", "torch.version.cuda")


def needs_gpu(facts: Facts, call: GpuCall) -> bool:
    """Whether a call is one of torch's that raise on a machine without a GPU.

    Args:
        facts: of the call's module.
        call: one that looks like it.
    """
    full = resolve(facts, call.name)
    last = full.rpartition(".")[2]
    if last in _METHODS and full not in ("torch.cuda", "torch.to"):
        return full == call.name and not _is_imported(facts, full.partition(".")[0])
    if full.startswith(("torch.cuda.", "torch.version.cuda.", "torch.nn.", "torch.accelerator.")):
        return True
    return full.startswith("torch.") and full.count(".") == 1


def _is_imported(facts: Facts, head: str) -> bool:
    return any(not item.names and item.bound == head for item in facts.imports)


def without_version_tests(place: Place) -> Place:
    """The place without the tests of `torch.version.cuda`: a CUDA build may lack a GPU too."""
    return place._replace(guards=tuple(guard for guard in place.guards if guard != _VERSION))


def uncaught(place: Place, exceptions: tuple[str, ...]) -> str:
    """The first exception that no handler ends, '' where all are caught."""
    return next((name for name in exceptions if not catches(place.caught, name)), "")
