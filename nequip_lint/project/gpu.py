"""Decorators and calls that need a GPU when they are evaluated."""

from __future__ import annotations

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Condition, Decoration, Facts, GpuCall, Place
from nequip_lint.project.evaluate import catches
from nequip_lint.project.summaries import parse_version
from nequip_lint.tables import table


def is_autotune(facts: Facts, item: Decoration) -> bool:
    """Whether a decorator is triton's autotune in the form that asks for the active driver."""
    known = table("gpu")["autotune"]
    return resolve(facts, item.name) in known["names"] and not {*item.keywords} & {*known["harmless_with"]}


def breaks_without_gpu(facts: Facts, item: Decoration, triton: str) -> bool:
    """Whether the decorator raises on a machine without a GPU.

    Args:
        facts: of the decorator's module.
        item: the decorator.
        triton: the installed version.
    """
    if not triton or not is_autotune(facts, item):
        return False
    known = table("gpu")["autotune"]
    first, last = parse_version(known["first_broken"]), parse_version(known["last_broken"])
    return first <= parse_version(triton) <= last


_VERSION = Condition("name", "torch.version.cuda")


def needs_gpu(facts: Facts, call: GpuCall) -> bool:
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


def without_version_tests(place: Place) -> Place:
    """The place without the tests of `torch.version.cuda`: a CUDA build may lack a GPU too."""
    return place._replace(guards=tuple(guard for guard in place.guards if guard != _VERSION))


def uncaught(place: Place, exceptions: tuple[str, ...]) -> str:
    """The first exception that no handler ends, '' where all are caught."""
    return next((name for name in exceptions if not catches(place.caught, name)), "")
